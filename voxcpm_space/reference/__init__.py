"""A reference clip: from a URL, an upload or a recording to a prepared waveform and its words."""

from voxcpm_space.reference.load import ReferenceLoader
from voxcpm_space.reference.prepare import Reference

__all__ = ["Reference", "ReferenceLoader"]

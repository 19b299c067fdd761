"""A reference clip: from a URL, an upload or a recording to a checked mono waveform."""

from voxcpm_space.reference.load import load_reference

__all__ = ["load_reference"]

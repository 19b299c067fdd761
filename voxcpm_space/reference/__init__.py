"""A reference clip: from a URL, an upload or a recording to a prepared waveform and its words."""

from voxcpm_space.reference.corrections import Corrections
from voxcpm_space.reference.load import ReferenceLoader
from voxcpm_space.reference.prepare import Reference
from voxcpm_space.reference.sources import Source, find_file, local_file
from voxcpm_space.reference.targets import parse_targets

__all__ = [
    "Corrections",
    "Reference",
    "ReferenceLoader",
    "Source",
    "find_file",
    "local_file",
    "parse_targets",
]

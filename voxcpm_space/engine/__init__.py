"""The VoxCPM2 model: found, loaded once, and streamed from behind the GPU boundary."""

from voxcpm_space.engine.engine import Engine
from voxcpm_space.engine.line import Waiting
from voxcpm_space.engine.status import Phase, Status
from voxcpm_space.engine.take import PATCHES_PER_SECOND, EncodedReference, Ending, Latents, Take

__all__ = [
    "PATCHES_PER_SECOND",
    "EncodedReference",
    "Ending",
    "Engine",
    "Latents",
    "Phase",
    "Status",
    "Take",
    "Waiting",
]

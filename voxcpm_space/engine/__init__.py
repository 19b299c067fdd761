"""The VoxCPM2 model: found, loaded once, and streamed from behind the GPU boundary."""

from voxcpm_space.engine.engine import Engine
from voxcpm_space.engine.line import Waiting
from voxcpm_space.engine.status import Phase, Status
from voxcpm_space.engine.take import EncodedReference, Ending, Latents, Take

__all__ = [
    "EncodedReference",
    "Ending",
    "Engine",
    "Latents",
    "Phase",
    "Status",
    "Take",
    "Waiting",
]

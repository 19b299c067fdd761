"""The VoxCPM2 model: found, loaded once, and streamed from behind the GPU boundary."""

from voxcpm_space.engine.engine import Engine, EngineOutput
from voxcpm_space.engine.request import (
    PATCHES_PER_SECOND,
    EncodedReference,
    FinishReason,
    GenerationRequest,
    GenerationResult,
    Latents,
)
from voxcpm_space.engine.request_queue import QueuePosition
from voxcpm_space.engine.status import Phase, Status

__all__ = [
    "PATCHES_PER_SECOND",
    "EncodedReference",
    "Engine",
    "EngineOutput",
    "FinishReason",
    "GenerationRequest",
    "GenerationResult",
    "Latents",
    "Phase",
    "QueuePosition",
    "Status",
]

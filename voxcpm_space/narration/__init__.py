"""A script spoken take by take, and joined to one piece of sound."""

from voxcpm_space.narration.narration import Narration, Stopped
from voxcpm_space.narration.progress import Progress
from voxcpm_space.narration.retelling import Retelling
from voxcpm_space.narration.seeds import voice_seed
from voxcpm_space.narration.speaker import MAX_OWN_SECONDS, Cast, Speaker
from voxcpm_space.narration.timing import Span
from voxcpm_space.narration.told import Told

__all__ = [
    "MAX_OWN_SECONDS",
    "Cast",
    "Narration",
    "Progress",
    "Retelling",
    "Span",
    "Speaker",
    "Stopped",
    "Told",
    "voice_seed",
]

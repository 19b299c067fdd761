"""A script spoken take by take, and joined to one piece of sound."""

from voxcpm_space.narration.narration import Narration, Stopped
from voxcpm_space.narration.progress import Progress
from voxcpm_space.narration.seeds import voice_seed
from voxcpm_space.narration.speaker import MAX_OWN_SECONDS, Cast, Speaker

__all__ = [
    "MAX_OWN_SECONDS",
    "Cast",
    "Narration",
    "Progress",
    "Speaker",
    "Stopped",
    "voice_seed",
]

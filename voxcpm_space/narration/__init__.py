"""A script spoken take by take, and joined to one piece of sound in one voice."""

from voxcpm_space.narration.narration import Narration, Stopped
from voxcpm_space.narration.progress import Progress
from voxcpm_space.narration.speaker import Speaker

__all__ = ["Narration", "Progress", "Speaker", "Stopped"]

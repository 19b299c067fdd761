"""A script spoken take by take, and joined to one piece of sound."""

from voxcpm_space.synthesis.alignment import Span
from voxcpm_space.synthesis.progress import Progress
from voxcpm_space.synthesis.regenerate import SegmentRegeneration
from voxcpm_space.synthesis.seeds import speaker_seed
from voxcpm_space.synthesis.speaker import MAX_OWN_SECONDS, Speaker, Speakers
from voxcpm_space.synthesis.synthesis import StopRequested, Synthesis
from voxcpm_space.synthesis.timeline import SpeechTimeline

__all__ = [
    "MAX_OWN_SECONDS",
    "Progress",
    "SegmentRegeneration",
    "Span",
    "Speaker",
    "Speakers",
    "SpeechTimeline",
    "StopRequested",
    "Synthesis",
    "speaker_seed",
]

"""A script spoken segment by segment, and joined to one piece of audio."""

from voxcpm_space.synthesis.alignment import Span
from voxcpm_space.synthesis.joining import LevelingJoiner
from voxcpm_space.synthesis.progress import Progress
from voxcpm_space.synthesis.regenerate import SegmentRegeneration
from voxcpm_space.synthesis.speaker import MAX_OWN_SECONDS, Speaker, Speakers, speaker_seed
from voxcpm_space.synthesis.synthesis import StopRequested, Synthesis
from voxcpm_space.synthesis.timeline import SpeechTimeline

__all__ = [
    "MAX_OWN_SECONDS",
    "LevelingJoiner",
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

"""Voices to keep: what the model takes a voice from, as a small file."""

from voxcpm_space.voices.file import MAX_NAME_LENGTH, Voice, voice_file
from voxcpm_space.voices.load import MIN_PATCHES, VoiceLoader

__all__ = ["MAX_NAME_LENGTH", "MIN_PATCHES", "Voice", "VoiceLoader", "voice_file"]

"""Sound as it looks: waveform, mel spectrogram and pitch."""

from voxcpm_space.pictures.drawing import Picture
from voxcpm_space.pictures.speech import speech_picture

__all__ = ["Picture", "speech_picture"]

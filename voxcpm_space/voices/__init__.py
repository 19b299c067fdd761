"""Voices to keep, as small files, and voices that can be named."""

from voxcpm_space.voices.file import MAX_NAME_LENGTH, Voice, is_voice_file, voice_file
from voxcpm_space.voices.library import NO_VOICE, NamedVoice, VoiceLibrary, may_be_name, voice_key
from voxcpm_space.voices.load import MIN_PATCHES, VoiceLoader
from voxcpm_space.voices.uploads import MAX_UPLOAD_BYTES, UploadedVoice, VoiceUpload

__all__ = [
    "MAX_NAME_LENGTH",
    "MAX_UPLOAD_BYTES",
    "MIN_PATCHES",
    "NO_VOICE",
    "NamedVoice",
    "UploadedVoice",
    "Voice",
    "VoiceLibrary",
    "VoiceLoader",
    "VoiceUpload",
    "is_voice_file",
    "may_be_name",
    "voice_file",
    "voice_key",
]

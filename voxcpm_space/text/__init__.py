"""Text as people type or paste it, made ready for VoxCPM2."""

from voxcpm_space.text.clean import (
    MAX_DESCRIPTION_LENGTH,
    MAX_TRANSCRIPT_LENGTH,
    clean,
    clean_description,
    clean_speech,
    with_description,
)
from voxcpm_space.text.dialogue import MAX_NAME_LENGTH, MAX_NAMES, same_name, speakers
from voxcpm_space.text.numbers import spell_out
from voxcpm_space.text.phrases import phrases
from voxcpm_space.text.script import Chunk, Script, write_dialogue, write_script
from voxcpm_space.text.sentences import sentences
from voxcpm_space.text.speaking_time import estimate_seconds

__all__ = [
    "MAX_DESCRIPTION_LENGTH",
    "MAX_NAMES",
    "MAX_NAME_LENGTH",
    "MAX_TRANSCRIPT_LENGTH",
    "Chunk",
    "Script",
    "clean",
    "clean_description",
    "clean_speech",
    "estimate_seconds",
    "phrases",
    "same_name",
    "sentences",
    "speakers",
    "spell_out",
    "with_description",
    "write_dialogue",
    "write_script",
]

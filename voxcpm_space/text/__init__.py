"""Text as people type or paste it, made ready for VoxCPM2."""

from voxcpm_space.text.dialogue import (
    MAX_NAME_LENGTH,
    MAX_NAMES,
    name_key,
    speaker_names,
    written_turns,
)
from voxcpm_space.text.parentheses import without_first_parentheses
from voxcpm_space.text.pauses import PAUSE_CHARACTERS_PER_SECOND, pause_characters
from voxcpm_space.text.phrase_split import split_phrases
from voxcpm_space.text.pieces import TextPieces
from voxcpm_space.text.preprocess import preprocess
from voxcpm_space.text.script import Script, TextSegment, parse_dialogue, parse_script
from voxcpm_space.text.speaking_time import estimate_seconds
from voxcpm_space.text.validate import (
    MAX_DESCRIPTION_LENGTH,
    MAX_TRANSCRIPT_LENGTH,
    validate_description,
    validate_line,
    validate_text,
    with_description,
)

__all__ = [
    "MAX_DESCRIPTION_LENGTH",
    "MAX_NAMES",
    "MAX_NAME_LENGTH",
    "MAX_TRANSCRIPT_LENGTH",
    "PAUSE_CHARACTERS_PER_SECOND",
    "Script",
    "TextPieces",
    "TextSegment",
    "estimate_seconds",
    "name_key",
    "parse_dialogue",
    "parse_script",
    "pause_characters",
    "preprocess",
    "speaker_names",
    "split_phrases",
    "validate_description",
    "validate_line",
    "validate_text",
    "with_description",
    "without_first_parentheses",
    "written_turns",
]

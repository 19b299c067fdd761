"""Numbers, dates and symbols as the words that are spoken."""

import functools
import logging
from typing import Any

from voxcpm_space.text.sentence_split import sentences

logger = logging.getLogger(__name__)


def spell_out(text: str) -> str:
    """Writes numbers, dates and symbols as the words that are spoken, in English or Chinese."""
    # By sentence, since the time it takes grows faster than the text.
    return " ".join(_spelled(sentence.strip()) for sentence in sentences(text))


def _spelled(sentence: str) -> str:
    try:
        spelled: str = _normalizer().normalize(sentence)
    except AssertionError:  # wetext's parser: it trips over brackets
        logger.info("A sentence is left as it is: wetext cannot read it")
        return sentence
    return spelled


@functools.cache
def _normalizer() -> Any:
    # voxcpm's own: what VoxCPM2 was trained with. Imported late, since it takes seconds.
    from voxcpm.utils.text_normalize import TextNormalizer  # noqa: PLC0415

    return TextNormalizer()

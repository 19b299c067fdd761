"""Numbers, dates and symbols as the words that are spoken."""

import functools
import logging
from collections.abc import Iterable
from typing import Any

from voxcpm_space.compat.voxcpm_text import load_text_normalizer

logger = logging.getLogger(__name__)


def spell_out(sentences: Iterable[str]) -> str:
    """Writes numbers, dates and symbols as the words that are spoken, in English or Chinese.

    Args:
        sentences: Of a text, since the time it takes grows faster than what is read at once.

    Returns:
        The text, in one line.
    """
    return " ".join(map(_spelled, sentences))


def _spelled(sentence: str) -> str:
    try:
        spelled: str = _normalizer().normalize(sentence)
    except AssertionError:  # wetext's parser: it trips over brackets
        logger.info("A sentence is left as it is: wetext cannot read it")
        return sentence
    return spelled


@functools.cache
def _normalizer() -> Any:
    return load_text_normalizer()  # late, since it takes seconds

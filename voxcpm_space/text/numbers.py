"""Numbers, dates and symbols as the words that are spoken."""

import functools
import logging
from collections.abc import Iterable
from typing import Any

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
    # voxcpm's own: what VoxCPM2 was trained with. Imported late, since it takes seconds.
    from voxcpm.utils.text_normalize import TextNormalizer  # noqa: PLC0415

    return TextNormalizer()

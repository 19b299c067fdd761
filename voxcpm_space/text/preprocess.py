"""Text as people paste it, turned into what should be spoken, with a note of what was changed."""

import re
from collections.abc import Callable
from functools import partial

from voxcpm_space.messages import N_, Message
from voxcpm_space.text.lines import unwrapped
from voxcpm_space.text.markdown import without_markdown
from voxcpm_space.text.markup import (
    with_breaks_as_pauses,
    with_characters,
    without_angle_brackets,
    without_tags,
)
from voxcpm_space.text.pauses import (
    DEFAULT_PAUSE,
    MAX_PAUSE,
    MIN_PAUSE,
    with_possible_pauses,
    with_readable_pauses,
    with_usual_pauses,
)
from voxcpm_space.text.speaking_time import is_wide
from voxcpm_space.text.symbols import with_plain_digits, without_emoji
from voxcpm_space.text.validate import strip_invisible

_ODD_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f]")
_ADDRESS = re.compile(
    r"<?\b(?:https?://|www\.)([A-Za-z0-9.-]+)(?::\d+)?([/?#][\w.~:/?#@!$&'*+,;=%-]*)?>?",
    re.IGNORECASE | re.ASCII,
)
_SINGLE_QUOTES = "‘’‚‛"
_DOUBLE_QUOTES = "“”„‟"
_QUOTES = str.maketrans(dict.fromkeys(_SINGLE_QUOTES, "'") | dict.fromkeys(_DOUBLE_QUOTES, '"'))


def preprocess(
    text: str, stands_alone: Callable[[str], bool] = lambda _: False
) -> tuple[str, tuple[Message, ...]]:
    """Gives the text to speak, and in a few words each what was changed for that.

    Args:
        text: Checked, with newlines as its only line ends.
        stands_alone: Tells of a line whether it begins something, wherever the one before ends.
    """
    notes = []
    for note, change in _changes(stands_alone):
        changed = change(text)
        if changed != text and note:
            notes.append(note)
        text = changed
    return text.strip(), tuple(notes)


def _with_plain_spaces(text: str) -> str:
    return _ODD_SPACES.sub(" ", text)


def _with_short_addresses(text: str) -> str:
    return _ADDRESS.sub(_host, text)


def _host(address: re.Match[str]) -> str:
    """The name that a person would say, and the full stop of the sentence that it ends."""
    host, rest = address[1], address[2] or ""
    of_sentence = rest[len(rest.rstrip(".,;:!?'")) :]
    if not rest:
        of_sentence = host[len(host.rstrip(".-")) :]
    name = host.rstrip(".-").removeprefix("www.")
    return f"{name}{of_sentence}" if name else address[0]


def _with_plain_quotes(text: str) -> str:
    # In Chinese the same characters are the usual ones.
    return text if any(map(is_wide, text)) else text.translate(_QUOTES)


def _changes(
    stands_alone: Callable[[str], bool],
) -> tuple[tuple[Message | None, Callable[[str], str]], ...]:
    return (
        (N_("HTML entities decoded"), with_characters),
        (None, with_breaks_as_pauses),
        (None, with_usual_pauses),
        (N_("HTML or SSML tags removed"), without_tags),
        (N_("angle brackets removed"), without_angle_brackets),
        (
            N_("pauses without a readable length made {seconds:g} s long", seconds=DEFAULT_PAUSE),
            with_readable_pauses,
        ),
        (
            N_("pauses brought within {least:g} and {most:g} s", least=MIN_PAUSE, most=MAX_PAUSE),
            with_possible_pauses,
        ),
        (N_("digits in circles and the like made plain"), with_plain_digits),
        (N_("emoji removed"), without_emoji),
        (N_("invisible characters removed"), strip_invisible),
        (N_("unusual spaces made plain"), _with_plain_spaces),
        (None, partial(unwrapped, stands_alone=stands_alone)),
        (N_("Markdown marks removed"), without_markdown),
        (N_("web addresses shortened"), _with_short_addresses),
        (N_("typographic quotes made plain"), _with_plain_quotes),
    )

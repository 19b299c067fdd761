"""Words and sentences to train on."""

import random
import re
from functools import cache
from pathlib import Path

from wordfreq import top_n_list

_SCOWL = Path("/usr/share/dict/scowl")  # Debian's scowl: words by how common they are
_PLAIN_WORD = re.compile(r"[a-z]{1,14}|[a-z]+'(t|re|ve|ll|m|d)")
_LOOKED_AT = 40_000  # of wordfreq's words, the commonest first

_PATTERNS = {
    name: phrases.split(", ")
    for name, phrases in (
        line.split(": ")
        for line in Path(__file__).with_name("patterns.txt").read_text("utf-8").splitlines()
    )
}


def _scowl(*lists: str) -> set[str]:
    words = {word for name in lists for word in (_SCOWL / name).read_text("latin-1").split()}
    return {word.lower() for word in words if _PLAIN_WORD.fullmatch(word.lower())}


@cache
def by_frequency() -> list[str]:
    """Words of the dictionary and names, the commonest first."""
    found = dictionary() | _all_names()
    return [word for word in top_n_list("en", _LOOKED_AT) if len(word) > 1 and word in found]


@cache
def dictionary() -> set[str]:
    """Words that are written in lowercase."""
    levels = (10, 20, 35, 40, 50)
    return _scowl(*(f"{kind}-words.{n}" for kind in ("english", "american") for n in levels))


@cache
def _all_names() -> set[str]:
    upper = (f"english-upper.{number}" for number in (10, 35, 40, 50))
    proper = (f"english-proper-names.{number}" for number in (35, 40, 50))
    return _scowl(*upper, *proper, "american-proper-names.50")


@cache
def names() -> set[str]:
    """Months, days, countries, people: words that are always capitalized; given in lowercase."""
    return _scowl("english-upper.10", "english-upper.35") | {
        word for word in by_frequency() if word in _all_names()
    }


@cache
def common_words() -> set[str]:
    """Words of English that are not only names, and those of our own patterns."""
    ours = {word for part in _PATTERNS.values() for phrase in part for word in phrase.split()}
    short = _scowl(*(f"english-contractions.{number}" for number in (10, 35, 40, 50)))
    common = ours | short | _scowl("english-words.10", "american-words.10")
    return {w.strip(",") for w in common if len(w) > 1 or w in {"a", "i"}}


def vocabulary(size: int) -> list[str]:
    """The words with a token of their own: those of our patterns, then the commonest."""
    always = common_words() | _scowl("english-upper.10")
    most = [word for word in by_frequency() if word not in always]
    return sorted(always) + most[: max(0, size - len(always))]


def sentences(words: list[str], number: int, seed: int = 0) -> list[str]:
    """Lowercase sentences without a full stop: half by a pattern, half of words in any order."""
    draw = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < number:
        kind = draw.random()
        if kind < 0.4:
            sentence = _by_pattern(draw)
        elif kind < 0.46:
            sentence = " ".join(draw.choices(_PATTERNS["numbers"], k=draw.randint(1, 6)))
        else:
            sentence = _any_order(words, draw)
        found[sentence] = None
    return list(found)


def _by_pattern(draw: random.Random) -> str:
    def one_of(part: str) -> str:
        return draw.choice(_PATTERNS[part])

    thing = [one_of("determiners"), one_of("qualities"), one_of("objects")]
    if draw.random() < 0.4:
        del thing[1]
    tail = draw.choice(["", "", *_PATTERNS["tails"]])
    tail_first = bool(tail) and draw.random() < 0.2
    said = " ".join([one_of("subjects"), one_of("verbs"), *thing])
    return f"{tail}, {said}" if tail_first else f"{said} {tail}".strip()


def _any_order(words: list[str], draw: random.Random) -> str:
    said = [
        draw.choice(words) if draw.random() < 0.75 else draw.choice(_PATTERNS["determiners"])
        for _ in range(draw.randint(2, 8))
    ]
    comma = draw.randrange(1, len(said))
    if draw.random() < 0.25:
        said[comma - 1] += ","
    return " ".join(said)

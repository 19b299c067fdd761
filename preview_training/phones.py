"""The phones of an English word, as the synthesizer says it."""

import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PHONES = [
    "aa",
    "ae",
    "ah",
    "ao",
    "aw",
    "ax",
    "ay",
    "b",
    "ch",
    "d",
    "dh",
    "eh",
    "er",
    "ey",
    "f",
    "g",
    "hh",
    "ih",
    "iy",
    "jh",
    "k",
    "l",
    "m",
    "n",
    "ng",
    "ow",
    "oy",
    "p",
    "r",
    "s",
    "sh",
    "t",
    "th",
    "uh",
    "uw",
    "v",
    "w",
    "y",
    "z",
    "zh",
    "pau",
]
PHONE_ID = {phone: 1 + index for index, phone in enumerate(PHONES)}  # 0 is an empty slot
PAUSE = "pau"
MAX_WORD_PHONES = 12
UNVOICED = frozenset(["p", "t", "k", "f", "th", "s", "sh", "ch", "hh", "pau"])
HALF_VOICED = frozenset(["z", "zh", "jh", "v", "dh"])

# What a letter says most often: what the model has to go by in a word that it never saw.
LETTER_PHONES = {
    letter: phones.split()
    for letter, phones in zip(
        "abcdefghijklmnopqrstuvwxyz'",
        [
            "ae",
            "b",
            "k",
            "d",
            "eh",
            "f",
            "g",
            "hh",
            "ih",
            "jh",
            "k",
            "l",
            "m",
            "n",
            "aa",
            "p",
            "k",
            "r",
            "s",
            "t",
            "ah",
            "v",
            "w",
            "k s",
            "iy",
            "z",
            "",
        ],
        strict=True,
    )
}
_FIRST_SOUND_IS_A_VOWEL = re.compile(r" [aeiou]")
_WORD_OR_COMMA = re.compile(r"[a-z']+|,")


def ask_synthesizer(word: str) -> list[str]:
    """The phones that flite gives a word that stands alone."""
    said = subprocess.run(
        ["flite", "-voice", "kal16", "-ps", "-t", word, "-o", "none"],
        capture_output=True,
        text=True,
        check=True,
    )
    return [phone for phone in said.stdout.split() if phone != PAUSE]


class Lexicon:
    """Phones of the known words."""

    def __init__(self, entries: dict[str, list[str]]) -> None:
        self.entries = entries

    @classmethod
    def of_words(cls, words: list[str], workers: int = 2) -> "Lexicon":
        """Ask the synthesizer for each word; one that does not fit the phone slots is left out."""
        with ThreadPoolExecutor(workers) as pool:
            phones = pool.map(ask_synthesizer, words)
        entries = {
            word: said
            for word, said in zip(words, phones, strict=True)
            if said and len(said) <= MAX_WORD_PHONES and set(said) <= set(PHONES)
        }
        return cls(entries | {"a": ["ax"], "the": ["dh", "ax"]})

    @classmethod
    def load(cls, path: Path) -> "Lexicon":
        return cls(json.loads(path.read_text("utf-8")))

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(self.entries), "utf-8")

    def words(self, sentence: str) -> list[tuple[str, list[str]]]:
        """Each word and comma of a lowercase sentence with its phones in this place."""
        found = []
        for match in _WORD_OR_COMMA.finditer(sentence):
            word = match.group()
            if word == ",":
                found.append((word, [PAUSE]))
            elif word == "the" and _FIRST_SOUND_IS_A_VOWEL.match(sentence[match.end() :]):
                found.append((word, ["dh", "iy"]))
            else:
                found.append((word, self.entries[word]))
        return found

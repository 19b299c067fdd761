"""Text as the model reads it, and the patches of speech that each token stands for.

A token that is spoken lasts whole patches of its own; blanks and unknown signs last none. So what
the model has to do is always the same: say the patches of a token, then go on to the next.
"""

import json
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import AddedToken, Tokenizer, models

from preview_training import latents, vocoder
from preview_training.corpus import lay_out
from preview_training.phones import LETTER_PHONES, PAUSE, PHONE_ID, Lexicon
from preview_training.texts import common_words, dictionary, names, vocabulary

BLANK = "\u2581"
MARKS = ("<|audio_start|>", "<|audio_end|>", "<|ref_start|>", "<|ref_end|>")  # ids 101 to 104
KINDS = ("word", "blank", "stop", "comma", "open", "close", *MARKS)
KIND = {kind: index for index, kind in enumerate(KINDS)}
_FIRST_MARK = 101
_WORDS, _LONGEST_CAPITALIZED = 12_000, 9
_DIGITS = "zero one two three four five six seven eight nine".split()  # noqa: SIM905 - to read
_PUNCTUATION = {
    ".": "stop",
    "!": "stop",
    "?": "stop",
    ",": "comma",
    ";": "comma",
    ":": "comma",
    "(": "open",
    ")": "close",
    "-": "blank",
    '"': "blank",
}
# Parentheses within a text, and with them what is beside them: there they describe no voice.
_ASIDES = {
    " (": "comma",
    ") ": "comma",
    **dict.fromkeys((").", ")!", ")?"), "stop"),
    **dict.fromkeys(("),", ");", "):"), "comma"),
}
_PAUSES = ("stop", "comma", "<|audio_start|>")  # the last is the silence that ends a text
_BEGINNINGS = ("close", "<|ref_end|>")  # after these, or at the very start, the speech begins
_NEVER = ("<nothing before>",)

# Groups of letters that are read as one in a word without a token: letters, then phones.
PIECES = {
    letters: tuple(phones)
    for letters, *phones in map(
        str.split, Path(__file__).with_name("pieces.txt").read_text("utf-8").splitlines()
    )
}


@dataclass(frozen=True)
class Token:
    """What the model reads: a kind, and the phones behind it with their frames, if any."""

    kind: str
    phones: tuple[str, ...] = ()
    frames: tuple[int, ...] = ()

    @property
    def patches(self) -> int:
        return sum(self.frames) // vocoder.PATCH

    @property
    def is_linked(self) -> bool:
        """Whether the next token has this one as the one before it: blanks are passed over."""
        return bool(self.frames) or self.kind in _BEGINNINGS

    @cached_property
    def code(self) -> NDArray[np.float32]:
        """The signs by which a patch says that it belongs to this token."""
        if self.kind in _BEGINNINGS:
            return latents.word_code(_NEVER)
        return latents.word_code((self.kind, *self.phones))

    @cached_property
    def slots(self) -> list[int]:
        """Phone ids of all frames of the most patches that a token can have, filled up with 0."""
        ids = [
            PHONE_ID[phone]
            for phone, count in zip(self.phones, self.frames, strict=True)
            for _ in range(count)
        ]
        return ids + [0] * (latents.MOST_PATCHES * vocoder.PATCH - len(ids))


NOTHING_BEFORE = Token("close")


class Speaker:
    """Makes tokens: knows how words sound and how long their phones last."""

    def __init__(self, lexicon: Lexicon, durations: Mapping[str, float]) -> None:
        self._durations = dict(durations)
        self.words = {
            word: token
            for word in vocabulary(_WORDS)
            if word in lexicon.entries
            and (token := self.token("word", lexicon.entries[word])).patches <= latents.MOST_PATCHES
        }
        letters = {name: self.token("word", phones) for name, phones in LETTER_PHONES.items()}
        self.letters = letters | {name: self.token("word", said) for name, said in PIECES.items()}
        self.signs = {sign: self.sign(kind) for sign, kind in _PUNCTUATION.items()}

    @classmethod
    def load(cls, folder: Path) -> "Speaker":
        """From the folder that the corpus was made in."""
        durations = json.loads((folder / "durations.json").read_text("utf-8"))
        return cls(Lexicon.load(folder / "lexicon.json"), durations)

    def token(self, kind: str, phones: list[str] | tuple[str, ...]) -> Token:
        if not phones:
            return Token("blank")
        return Token(kind, tuple(phones), tuple(lay_out(phones, self._durations)))

    def sign(self, kind: str) -> Token:
        return self.token(kind, (PAUSE,)) if kind in _PAUSES else Token(kind)

    def signs_and_letters(self) -> dict[str, Token]:
        """Tokens by their text, those that are no words, in the order of their ids."""
        found = {"<unk>": Token("blank"), "<s>": Token("blank"), "</s>": Token("blank")}
        found |= {BLANK: Token("blank"), "'": Token("blank")}
        found |= {str(number): self.words[word] for number, word in enumerate(_DIGITS)}
        found |= {name: self.letters[name.lower()] for name in string.ascii_letters}
        found |= self.signs
        spare = _FIRST_MARK - len(found)
        found |= {f"<spare{number}>": Token("blank") for number in range(spare)}
        found |= {mark: self.sign(mark) for mark in MARKS}
        found |= {f"<0x{byte:02X}>": Token("blank") for byte in range(256)}
        for group, token in self.letters.items():
            for text in (group, group.capitalize()) if group != "'" else ():
                found |= {text: token, BLANK + text: token}
        for word in ("a", "i"):
            found |= dict.fromkeys(
                (word.upper(), BLANK + word, BLANK + word.upper()), self.words[word]
            )
        return found

    def whole_words(self) -> dict[str, Token]:
        common, always_capital = common_words(), names()
        lowercase = common | dictionary()
        found = {"'s": self.token("word", ("z",))}
        for word, token in self.words.items():
            if word in lowercase or word not in always_capital:
                found[word] = token
            if word in always_capital or (word in common and len(word) <= _LONGEST_CAPITALIZED):
                found[word[0].upper() + word[1:]] = token
        return {text: token for text, token in found.items() if text not in string.ascii_letters}


def _merges(plain: list[str]) -> list[tuple[str, str]]:
    """How the BPE model puts groups of letters together, and the blank before a word last."""
    groups = [text for piece in PIECES for text in (piece, piece.capitalize())]
    after_blank = [text[1:] for text in plain if text.startswith(BLANK) and text != BLANK]
    return [(text[:-1], text[-1]) for text in groups] + [(BLANK, text) for text in after_blank]


def save_tokenizer(speaker: Speaker, folder: Path) -> list[Token]:
    """Write tokenizer.json and tokenizer_config.json; gives the tokens by id."""
    plain, words = speaker.signs_and_letters(), speaker.whole_words()
    asides = {text: speaker.sign(kind) for text, kind in _ASIDES.items()}
    table = plain | words | asides
    tokenizer = Tokenizer(
        models.BPE(
            vocab={text: number for number, text in enumerate(plain)},
            merges=_merges(list(plain)),
            unk_token="<unk>",  # noqa: S106 - no password
            byte_fallback=True,
            fuse_unk=True,
        )
    )
    tokenizer.add_tokens(
        [AddedToken(text, single_word=text != "'s", normalized=False) for text in words]
        + [AddedToken(sign, normalized=False) for sign in (*_PUNCTUATION, *_ASIDES)]
    )
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    settings = {
        "tokenizer_class": "LlamaTokenizerFast",
        "unk_token": "<unk>",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "add_bos_token": False,
        "add_eos_token": False,
        "legacy": False,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), "utf-8")
    ids = {text: tokenizer.token_to_id(text) for text in table}
    if sorted(ids.values()) != list(range(len(ids))):
        raise ValueError("The tokenizer does not number its tokens without gaps.")
    return [table[text] for text in sorted(ids, key=lambda text: ids[text])]

"""Text as the model reads it, and the phones that stand behind each token."""

import json
import string
from dataclasses import dataclass
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, models

from preview_training.phones import LETTER_PHONES, MAX_WORD_PHONES, PHONE_ID, Lexicon

BLANK = "\u2581"
MARKS = ("<|audio_start|>", "<|audio_end|>", "<|ref_start|>", "<|ref_end|>")  # ids 101 to 104
_FIRST_MARK = 101
_LETTERS = string.ascii_lowercase + "'"
_DIGITS = "zero one two three four five six seven eight nine".split()  # noqa: SIM905 - to read
# What a token is beside its phones; words have none of these.
KINDS = ("word", "blank", "stop", "comma", "open", "close", "ignored", *MARKS, *_LETTERS)
KIND = {kind: index for index, kind in enumerate(KINDS)}
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
_LONGEST_CAPITALIZED = 4


@dataclass(frozen=True)
class Token:
    """What the model reads: a kind, and the phones behind it, if any."""

    kind: str
    phones: tuple[str, ...] = ()

    def slots(self) -> list[int]:
        """Phone ids, filled up with 0."""
        ids = [PHONE_ID[phone] for phone in self.phones]
        return ids + [0] * (MAX_WORD_PHONES - len(ids))


def letter(name: str) -> Token:
    return Token(name, tuple(LETTER_PHONES[name]))


def spelled(word: str) -> list[Token]:
    return [letter(name) for name in word]


def meanings(lexicon: Lexicon) -> dict[str, Token]:
    """Every token of the tokenizer in the order of its id."""
    found = {"<unk>": Token("ignored"), "<s>": Token("ignored"), "</s>": Token("ignored")}
    found[BLANK] = Token("blank")
    found |= {name: letter(name.lower()) for name in string.ascii_letters + "'"}
    found |= {
        str(digit): Token("word", tuple(lexicon.entries[word]))
        for digit, word in enumerate(_DIGITS)
    }
    found |= {
        sign: Token(kind, ("pau",) if kind == "comma" else ())
        for sign, kind in _PUNCTUATION.items()
    }
    spare = _FIRST_MARK - len(found)
    found |= {f"<spare{number}>": Token("ignored") for number in range(spare)}
    found |= {mark: Token(mark) for mark in MARKS}
    found |= {f"<0x{byte:02X}>": Token("ignored") for byte in range(256)}
    return found | _words(lexicon)


def _words(lexicon: Lexicon) -> dict[str, Token]:
    found = {"'s": Token("word", ("z",))}
    for word, phones in lexicon.entries.items():
        found[word] = Token("word", tuple(phones))
        if len(word) <= _LONGEST_CAPITALIZED:
            found[word[0].upper() + word[1:]] = found[word]
    return {text: token for text, token in found.items() if text not in string.ascii_letters}


def save_tokenizer(lexicon: Lexicon, folder: Path) -> list[Token]:
    """Write tokenizer.json and tokenizer_config.json; gives the tokens by id."""
    all_tokens = meanings(lexicon)
    words = _words(lexicon)
    plain = [text for text in all_tokens if text not in words]
    tokenizer = Tokenizer(
        models.BPE(
            vocab={text: number for number, text in enumerate(plain)},
            merges=[],
            unk_token="<unk>",  # noqa: S106 - no password
            byte_fallback=True,
            fuse_unk=True,
        )
    )
    tokenizer.add_tokens(
        [AddedToken(text, single_word=text != "'s", normalized=False) for text in words]
        + [AddedToken(sign, normalized=False) for sign in _PUNCTUATION]
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
    ids = {text: tokenizer.token_to_id(text) for text in all_tokens}
    if sorted(ids.values()) != list(range(len(ids))):
        raise ValueError("The tokenizer does not number its tokens without gaps.")
    return [all_tokens[text] for text in sorted(ids, key=lambda text: ids[text])]

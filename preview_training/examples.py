"""What the language model is trained on: text, a voice to speak with, and the speech."""

import itertools
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from preview_training import clips, corpus, latents, vocoder
from preview_training.model import new_audio_vae, part_of_vae
from preview_training.phones import PHONE_ID
from preview_training.spectra import Spectra
from preview_training.texts import sentences
from preview_training.tokens import KIND, NOTHING_BEFORE, Speaker, Token

OWN_PITCH = 125  # without a reference and without a description, Hz
_SENTENCES = 40_000
_OWN_CLIPS = 40  # of the voice itself, among the references
_WOMEN = {"woman": 200, "female": 200, "girl": 225, "lady": 200}
_CHILDREN = {"child": 225, "kid": 225, "boy": 200}
_MEN = {"man": 100, "male": 100, "deep": 100, "grandfather": 100}
_OLD, _OLD_WOMAN = "old", 175
_SAYING = _WOMEN | _CHILDREN | _MEN  # something of the pitch
_MANNERS = [
    "young",
    "old",
    "calm",
    "soft",
    "bright",
    "warm",
    "quiet",
    "slow",
    "clear",
    "happy",
    "sad",
    "kind",
    "little",
    "low",
    "high",
]
_UNKNOWN_WORDS, _QUOTES = 0.04, 0.02  # of the words
_ANY_WORDS = 0.5  # of the descriptions have words that say nothing of the voice
_REPEATED = 0.4  # of the texts have some words twice
_Ints = NDArray[np.int64]
_Floats = NDArray[np.float32]


@dataclass
class Example:
    """One sequence, position by position; audio positions have no token and tokens no audio."""

    tokens: list[Token | None] = field(default_factory=list)
    audio: list[_Floats | None] = field(default_factory=list)  # (PATCH, SIZE) each
    # Positions of the three linked tokens before, the nearest first; where there are fewer, the
    # first of them again, or the position itself.
    before: list[tuple[int, int, int]] = field(default_factory=list)
    # Of a spoken patch: its token's position, its number among the patches of that token, and the
    # position of the next token; -1 where nothing is spoken.
    targets: list[tuple[int, int, int]] = field(default_factory=list)
    phones: list[_Ints | None] = field(default_factory=list)  # phone of each frame of it
    _linked: list[int] = field(default_factory=list)

    def read(self, tokens: list[Token]) -> range:
        """Add text; gives its positions."""
        start = len(self.tokens)
        for position, token in enumerate(tokens, start):
            first = self._linked[0] if self._linked else position
            nearest = [first, first, first, *self._linked][:-4:-1]
            self._add(token, before=(nearest[0], nearest[1], nearest[2]))
            if token.is_linked:
                self._linked.append(position)
        return range(start, len(self.tokens))

    def hear(self, patches: _Floats) -> None:
        for patch in patches:
            self._add(patch=patch)

    def say(self, positions: list[int], spectra: Spectra, pitch: int) -> None:
        """Add the patches of the tokens at these positions."""
        spoken = [(position, self.token(position)) for position in positions]
        phones = [phone for _, token in spoken for phone in token.phones]
        frames = [count for _, token in spoken for count in token.frames]
        latent = np.zeros((sum(frames), latents.SIZE), np.float32)
        latent[:, latents.SPECTRUM] = spectra.of(phones, frames)
        latent[:, latents.PHONE] = np.repeat(latents.phone_codes(phones), frames, axis=0)
        latent[:, latents.PITCH] = latents.pitch_code(pitch)
        of_patches = latent.reshape(-1, vocoder.PATCH, latents.SIZE)
        ids = np.repeat([PHONE_ID[phone] for phone in phones], frames).reshape(-1, vocoder.PATCH)
        at = 0
        for (position, token), following in zip(
            spoken, [*positions[1:], positions[-1]], strict=True
        ):
            for number in range(token.patches):
                of_patches[at, :, latents.PLACE] = self._place(position, number)
                target = position, number, following
                self._add(patch=of_patches[at], target=target, phones=ids[at])
                at += 1

    def token(self, position: int) -> Token:
        return self.tokens[position] or NOTHING_BEFORE

    def _place(self, position: int, number: int) -> _Floats:
        """Where in the text a patch is: a code of signs for each of its four frames."""
        last, last_but_one, _ = self.before[position]
        nothing = NOTHING_BEFORE.code
        before = nothing if last == position else self.token(last).code
        before_that = nothing if last_but_one == last else self.token(last_but_one).code
        token = self.token(position)
        return np.stack(
            [token.code, before, before_that, latents.place_code(number, token.patches)]
        )

    def _add(
        self,
        token: Token | None = None,
        *,
        patch: _Floats | None = None,
        before: tuple[int, int, int] = (0, 0, 0),
        target: tuple[int, int, int] = (-1, -1, -1),
        phones: _Ints | None = None,
    ) -> None:
        self.tokens.append(token)
        self.audio.append(patch)
        self.before.append(before)
        self.targets.append(target)
        self.phones.append(phones)


@dataclass(frozen=True)
class Voice:
    """A clip as the encoder hears it, and the pitch in Hz that follows it."""

    patches: NDArray[np.float32]
    pitch: int


@torch.no_grad()
def encode_voices(folder: Path, encoder_state: dict[str, torch.Tensor]) -> list[Voice]:
    """The clips of many voices at any level, and the voice itself at its pitches."""
    vae = new_audio_vae()
    vae.encoder.load_state_dict(encoder_state)
    draw = np.random.default_rng(0)
    heard = []
    for clip in clips.load(folder):
        if not 70 < (hertz := clips.median_pitch(clip)) < 270:
            continue
        samples = clip["samples"] / 32768 * 10 ** (draw.uniform(-24, 12) / 20)
        heard.append((samples, latents.nearest_pitch(hertz)))
    for one in itertools.islice(corpus.load(folder, shards=1), _OWN_CLIPS):
        pitch = int(draw.choice(vocoder.PITCHES))
        samples = vocoder.render(one["envelopes"], latents.frames_voicing(one), pitch)
        heard.append((samples, pitch))
    return [Voice(_encode(vae, samples), pitch) for samples, pitch in heard]


def load_voices(folder: Path, run_folder: Path, start: Path | None = None) -> list[Voice]:
    """The voices as the encoder of a run hears them, or that of the checkpoint it starts from.

    They are kept until the run's encoder hears better.
    """
    encoder, kept = run_folder / "encoder.pt", run_folder / "voices.pkl"
    learned = encoder.stat().st_mtime if encoder.exists() else 0
    if not (learned or start):
        print("No encoder yet: texts are said without references.")
        return []
    if not kept.exists() or kept.stat().st_mtime < learned:
        kept.write_bytes(pickle.dumps(encode_voices(folder, _encoder(encoder, start))))
    return pickle.loads(kept.read_bytes())


def _encoder(learned: Path, start: Path | None) -> dict[str, torch.Tensor]:
    if start and not learned.exists():
        return part_of_vae(start, "encoder")
    state: dict[str, torch.Tensor] = torch.load(learned, weights_only=True)["module"]
    return state


def _encode(vae: Any, samples: NDArray[Any]) -> NDArray[np.float32]:
    whole = vocoder.FRAME * vocoder.PATCH
    padded = np.pad(np.clip(samples, -1, 1), (-len(samples) % whole, 0)).astype(np.float32)
    frames = vae.encode(torch.from_numpy(padded)[None, None], vocoder.SAMPLE_RATE)[0].T
    return frames.reshape(-1, vocoder.PATCH, latents.SIZE).numpy()


class Examples:
    """Draws examples: sentences of any known words, said with the spectra that belong to them."""

    def __init__(self, speaker: Speaker, spectra: Spectra, voices: list[Voice], seed: int) -> None:
        self._speaker, self.spectra = speaker, spectra
        self._sentences = sentences(sorted(speaker.words), _SENTENCES, seed)
        self._by_pitch = {p: [v for v in voices if v.pitch == p] for p in vocoder.PITCHES}
        self._groups = [token for text, token in speaker.letters.items() if token.frames]
        self._draw = np.random.default_rng(seed)

    def _chance(self, probability: float) -> bool:
        return bool(self._draw.random() < probability)

    def draw(self, *, long: bool) -> Example:
        """A text of one to three parts or, if long, up to eight and a long reference."""
        example = Example()
        pitch = int(self._draw.choice(vocoder.PITCHES))
        kind = self._draw.random()
        if kind < 0.3:
            pitch = OWN_PITCH
        elif kind < 0.5:
            pitch = self._describe(example)
        elif voices := self._by_pitch[pitch]:
            self._refer(example, voices[self._draw.integers(len(voices))], long=long)
        text = example.read(self._text(int(self._draw.integers(4, 9) if long else self._parts())))
        start = example.read([self._speaker.sign("<|audio_start|>")])
        spoken = [position for position in (*text, *start) if example.token(position).frames]
        example.say(spoken, self.spectra, pitch)
        return example

    def _parts(self) -> int:
        return int(self._draw.choice([1, 2, 3], p=[0.5, 0.35, 0.15]))

    def _describe(self, example: Example) -> int:
        nouns = list((_WOMEN | _CHILDREN | _MEN).items())
        noun, pitch = nouns[self._draw.integers(len(nouns))]
        words = [str(w) for w in self._draw.choice(_MANNERS, self._draw.integers(0, 5))]
        if self._chance(0.2):
            pitch = OWN_PITCH  # says nothing of the pitch
        else:
            words.insert(int(self._draw.integers(len(words) + 1)), noun)
            pitch = _OLD_WOMAN if _OLD in words and noun in _WOMEN else pitch
        tokens = self._tokens(" ".join(words))
        if self._chance(_ANY_WORDS):
            at = int(self._draw.integers(len(tokens) + 1))
            tokens[at:at] = self._some_words()
        example.read([Token("open"), *tokens, Token("close")])
        return pitch

    def _some_words(self) -> list[Token]:
        """Part of a sentence, which says nothing of the pitch, and maybe a sign."""
        sentence = self._sentences[self._draw.integers(len(self._sentences))].split()
        begin, end = sorted(self._draw.integers(len(sentence) + 1, size=2))
        words = " ".join(word for word in sentence[begin:end] if word not in _SAYING)
        sign = self._draw.choice(["stop", "comma", ""])
        return [*self._tokens(words), *([self._speaker.sign(sign)] if sign else [])]

    def _refer(self, example: Example, voice: Voice, *, long: bool) -> None:
        patches = voice.patches
        if long and self._chance(0.5):
            patches = np.concatenate([patches] * int(self._draw.integers(2, 4)))[:70]
        else:
            count = int(self._draw.integers(3, 12))
            start = int(self._draw.integers(max(1, len(patches) - count)))
            patches = patches[start : start + count]
        example.read([Token("<|ref_start|>")])
        example.hear(patches)
        example.read([Token("<|ref_end|>")])

    def _text(self, parts: int) -> list[Token]:
        """Sentences one after the other, or grown together to longer ones."""
        found: list[Token] = []
        for part in range(parts):
            sentence = self._sentences[self._draw.integers(len(self._sentences))]
            found += [*([Token("blank")] if part else []), *self._tokens(sentence)]
            sign = self._draw.choice(["stop", "comma", ""], p=[0.5, 0.15, 0.35])
            if part == parts - 1:
                sign = "stop" if self._chance(0.85) else ""
            found += [self._speaker.sign(sign)] if sign else []
        return self._repeat(found) if self._chance(_REPEATED) else found

    def _repeat(self, tokens: list[Token]) -> list[Token]:
        """One or two words once more elsewhere: only what is around tells which is which."""
        blanks = [place for place, token in enumerate(tokens) if token.kind == "blank"]
        if len(blanks) < 3:
            return tokens
        first = int(self._draw.integers(len(blanks) - 2))
        words = tokens[blanks[first] : blanks[first + int(self._draw.integers(1, 3))]]
        where = blanks[self._draw.integers(len(blanks))]
        return [*tokens[:where], *words, *tokens[where:]]

    def _tokens(self, text: str) -> list[Token]:
        """As the tokenizer would read it; now and then a word is unknown, or quoted."""
        found: list[Token] = []
        for word in text.replace(",", " ,").split():
            if word == ",":
                found.append(self._speaker.sign("comma"))
            elif self._chance(_UNKNOWN_WORDS) or word not in self._speaker.words:
                some = self._draw.integers(len(self._groups), size=self._draw.integers(2, 7))
                found += [self._groups[group] for group in some]
            else:
                blanks = (1 if found else 0) + self._chance(_QUOTES)
                # These two begin with the blank, as letters do.
                blanks = 0 if word in {"a", "i"} else blanks
                found += [*[Token("blank")] * blanks, self._speaker.words[word]]
        return found


@dataclass
class Batch:
    """Examples side by side: tensors (batch, positions, ...)."""

    kind: torch.Tensor
    number: torch.Tensor  # of each token in the table of an exported checkpoint, if one is given
    slots: torch.Tensor
    spectra: torch.Tensor  # of the patches of a token said alone
    code: torch.Tensor
    is_text: torch.Tensor
    is_audio: torch.Tensor
    audio: torch.Tensor
    spoken: torch.Tensor  # where a patch is to be said
    last: torch.Tensor  # 1 at the last patch
    phones: torch.Tensor
    linked: torch.Tensor  # where a token is spoken
    before: torch.Tensor
    targets: torch.Tensor
    end_of_text: torch.Tensor  # position of each example's <|audio_start|>

    @classmethod
    def of(
        cls, examples: list[Example], spectra: Spectra, numbers: Mapping[Token, int] | None = None
    ) -> "Batch":
        shape = len(examples), max(len(one.tokens) for one in examples)
        patch = (vocoder.PATCH,)
        batch = cls(
            kind=torch.full(shape, KIND["blank"]),
            number=torch.zeros(shape, dtype=torch.long),
            slots=torch.zeros(*shape, latents.MOST_PATCHES * vocoder.PATCH, dtype=torch.long),
            spectra=torch.zeros(
                *shape,
                latents.MOST_PATCHES,
                vocoder.PATCH * latents.SPECTRUM.stop,
                dtype=torch.float16,  # the largest part of a batch
            ),
            code=torch.zeros(*shape, latents.WORD_CODE),
            is_text=torch.zeros(shape),
            is_audio=torch.zeros(shape),
            audio=torch.zeros(*shape, vocoder.PATCH, latents.SIZE),
            spoken=torch.zeros(shape, dtype=torch.bool),
            last=torch.zeros(shape, dtype=torch.long),
            phones=torch.zeros(shape + patch, dtype=torch.long),
            linked=torch.zeros(shape, dtype=torch.bool),
            before=torch.zeros(*shape, 3, dtype=torch.long),
            targets=torch.full((*shape, 3), -1),
            end_of_text=torch.zeros(shape[0], dtype=torch.long),
        )
        for row, example in enumerate(examples):
            batch._read(row, example, spectra, numbers or {})
            batch._hear(row, example)
        return batch

    def to(self, device: torch.device) -> "Batch":
        return Batch(*(getattr(self, part.name).to(device) for part in fields(self)))

    def _read(
        self, row: int, example: Example, spectra: Spectra, numbers: Mapping[Token, int]
    ) -> None:
        at = [place for place, token in enumerate(example.tokens) if token]
        tokens = [token for token in example.tokens if token]
        self.kind[row, at] = torch.tensor([KIND[token.kind] for token in tokens])
        self.number[row, at] = torch.tensor([numbers.get(token, 0) for token in tokens])
        self.slots[row, at] = torch.tensor([token.slots for token in tokens])
        alone = np.stack([spectra.of_token(token) for token in tokens])
        self.spectra[row, at] = torch.from_numpy(alone.astype(np.float16))
        self.code[row, at] = torch.from_numpy(np.stack([token.code for token in tokens]))
        self.is_text[row, at] = 1
        self.linked[row, at] = torch.tensor([bool(token.frames) for token in tokens])
        self.before[row, at] = torch.tensor([example.before[place] for place in at])
        self.end_of_text[row] = max(
            place for place in at if example.token(place).kind == "<|audio_start|>"
        )

    def _hear(self, row: int, example: Example) -> None:
        at = [place for place, patch in enumerate(example.audio) if patch is not None]
        patches = [patch for patch in example.audio if patch is not None]
        self.audio[row, at] = torch.from_numpy(np.stack(patches))
        self.is_audio[row, at] = 1
        said = [place for place, phones in enumerate(example.phones) if phones is not None]
        self.spoken[row, said] = True
        self.phones[row, said] = torch.from_numpy(
            np.stack([phones for phones in example.phones if phones is not None])
        )
        self.targets[row, said] = torch.tensor([example.targets[place] for place in said])
        self.last[row, said[-1]] = 1

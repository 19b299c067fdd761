"""What the language model is trained on: text, a voice to speak with, and the speech."""

import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from preview_training import clips, corpus, latents, vocoder
from preview_training.model import new_audio_vae
from preview_training.phones import MAX_WORD_PHONES, PHONE_ID, Lexicon
from preview_training.tokens import KIND, Token, spelled

OWN_PITCH = 125  # without a reference and without a description, Hz
_WOMEN = {"woman": 200, "female": 200, "girl": 225, "lady": 200}
_MEN = {"man": 100, "male": 100, "boy": 200, "deep": 100}
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
_ENDINGS = ("stop", "stop", "stop", None)
_FRAME_CLASSES = 4  # how far a phone has got, in frames


@dataclass
class Example:
    """One sequence, position by position; audio positions have no token and tokens no audio."""

    tokens: list[Token | None] = field(default_factory=list)
    audio: list[NDArray[np.float32] | None] = field(default_factory=list)  # (PATCH, SIZE) each
    spoken: list[int] = field(default_factory=list)  # 1 where a patch is to be learned
    phones: list[NDArray[np.int64] | None] = field(default_factory=list)  # phone class of frames
    places: list[NDArray[np.int64] | None] = field(default_factory=list)  # phone in its word

    def read(self, tokens: list[Token]) -> None:
        for token in tokens:
            self._add(token, None)

    def hear(self, patches: NDArray[np.float32]) -> None:
        for patch in patches:
            self._add(None, patch)

    def say(
        self, patches: NDArray[np.float32], phones: NDArray[np.int64], places: NDArray[np.int64]
    ) -> None:
        for patch, phone, place in zip(patches, phones, places, strict=True):
            self._add(None, patch, phone, place)

    def _add(
        self,
        token: Token | None,
        patch: NDArray[np.float32] | None,
        phone: NDArray[np.int64] | None = None,
        place: NDArray[np.int64] | None = None,
    ) -> None:
        self.tokens.append(token)
        self.audio.append(patch)
        self.spoken.append(int(phone is not None))
        self.phones.append(phone)
        self.places.append(place)


@dataclass(frozen=True)
class Voice:
    """A clip as the encoder hears it, and the pitch in Hz that follows it."""

    text: str
    patches: NDArray[np.float32]
    pitch: int


@torch.no_grad()
def encode_voices(folder: Path, encoder_state: dict[str, torch.Tensor]) -> list[Voice]:
    """The clips of many voices, each at two levels, and the voice itself at its pitches."""
    vae = new_audio_vae()
    vae.encoder.load_state_dict(encoder_state)
    draw = np.random.default_rng(0)
    heard = []
    for clip in clips.load(folder):
        if not 70 < (hertz := clips.median_pitch(clip)) < 270:
            continue
        pitch = latents.nearest_pitch(hertz)
        for _ in range(2):
            samples = clip["samples"] / 32768 * 10 ** (draw.uniform(-24, 12) / 20)
            heard.append((clip["text"], samples, pitch))
    for one in corpus.load(folder, shards=1):
        pitch = int(draw.choice(vocoder.PITCHES))
        samples = vocoder.render(one["envelopes"], latents.frames_voicing(one), pitch)
        heard.append((one["text"], samples, pitch))
    return [Voice(text, _encode(vae, samples), pitch) for text, samples, pitch in heard]


def load_voices(folder: Path, run_folder: Path) -> list[Voice]:
    """The voices as the encoder of a run hears them, kept until it hears better."""
    encoder, kept = run_folder / "encoder.pt", run_folder / "voices.pkl"
    if not kept.exists() or kept.stat().st_mtime < encoder.stat().st_mtime:
        state: dict[str, torch.Tensor] = torch.load(encoder, weights_only=True)["module"]
        kept.write_bytes(pickle.dumps(encode_voices(folder, state)))
    return pickle.loads(kept.read_bytes())


def _encode(vae: Any, samples: NDArray[Any]) -> NDArray[np.float32]:
    whole = vocoder.FRAME * latents.PATCH
    padded = np.pad(np.clip(samples, -1, 1), (-len(samples) % whole, 0)).astype(np.float32)
    frames = vae.encode(torch.from_numpy(padded)[None, None], vocoder.SAMPLE_RATE)[0].T
    return frames.reshape(-1, latents.PATCH, latents.SIZE).numpy()


class Examples:
    """Draws examples."""

    def __init__(
        self,
        speech: list[dict[str, Any]],
        lexicon: Lexicon,
        voices: list[Voice],
        seed: int,
    ) -> None:
        self._lexicon = lexicon
        self._speech = [(one["text"], one["latents"], *self._labels(one)) for one in speech]
        self._by_pitch = {p: [v for v in voices if v.pitch == p] for p in vocoder.PITCHES}
        self._draw = np.random.default_rng(seed)

    def _labels(self, one: dict[str, Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Of each frame: class of phone and progress, and the phone's place in its word."""
        segment, since = latents.phone_of_frames(one)
        words = [phones for _, phones in self._lexicon.words(one["text"])]
        places = np.array([0, *(k for phones in words for k in range(len(phones))), 0])
        ids = np.array([PHONE_ID[phone] for phone in one["phones"]])
        classes = ids[segment] * _FRAME_CLASSES + np.minimum(since, _FRAME_CLASSES - 1)
        patches = (-1, latents.PATCH)
        return classes.reshape(patches), places[segment].reshape(patches)

    def _chance(self, probability: float) -> bool:
        return bool(self._draw.random() < probability)

    def draw(self, *, long: bool) -> Example:
        """A sentence or, if long, up to three in one go and a long reference."""
        example = Example()
        pitch = int(self._draw.choice(vocoder.PITCHES))
        kind = self._draw.random()
        voice = None
        if kind < 0.3:
            pitch = OWN_PITCH
        elif kind < 0.42:
            pitch = self._describe(example)
        else:
            voices = self._by_pitch[pitch]
            voice = voices[self._draw.integers(len(voices))]
            self._refer(example, voice, long=long)
        prompted = voice is not None and self._chance(0.15)
        parts = 1 + (int(self._draw.integers(1, 3)) if long else 0)
        drawn = [self._speech[self._draw.integers(len(self._speech))] for _ in range(parts)]
        if prompted and voice:
            example.read(self._tokens(voice.text))
            example.read([Token("blank")])
        for text, *_ in drawn:
            example.read(self._tokens(text))
            example.read([Token("blank")] if text is not drawn[-1][0] else [])
        example.read([Token("<|audio_start|>")])
        if prompted and voice:
            example.hear(voice.patches)
        for _, frames, phones, places in drawn:
            said = frames.copy()
            said[:, latents.PITCH] = latents.pitch_code(pitch)
            example.say(said.reshape(-1, latents.PATCH, latents.SIZE), phones, places)
        return example

    def _describe(self, example: Example) -> int:
        nouns = list((_WOMEN | _MEN).items())
        noun, pitch = nouns[self._draw.integers(len(nouns))]
        words = [str(w) for w in self._draw.choice(_MANNERS, self._draw.integers(0, 5))]
        if self._chance(0.2):
            pitch = OWN_PITCH  # says nothing of the pitch
        else:
            words.insert(int(self._draw.integers(len(words) + 1)), noun)
        example.read([Token("open"), *self._tokens(" ".join(words), ending=False), Token("close")])
        return pitch

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

    def _tokens(self, text: str, *, ending: bool = True) -> list[Token]:
        """As the tokenizer would read it; some words are spelled as if they were not known."""
        found: list[Token] = []
        spell = self._chance(0.4)
        for word, phones in self._lexicon.words(text):
            if word == ",":
                found.append(Token("comma", ("pau",)))
                continue
            if found:
                found.append(Token("blank"))
            if len(word) == 1 or (spell and self._chance(0.4)):
                found += spelled(word)
            elif word == "the":
                found.append(Token("word", ("dh", "ax")))
            else:
                found.append(Token("word", tuple(phones)))
        stop = _ENDINGS[self._draw.integers(len(_ENDINGS))]
        return [*found, Token(stop)] if ending and stop else found


@dataclass
class Batch:
    """Examples side by side: tensors (batch, positions, ...)."""

    kind: torch.Tensor
    slots: torch.Tensor
    is_text: torch.Tensor
    is_audio: torch.Tensor
    audio: torch.Tensor
    spoken: torch.Tensor
    last: torch.Tensor
    phones: torch.Tensor
    places: torch.Tensor

    @classmethod
    def of(cls, examples: list[Example]) -> "Batch":
        shape = len(examples), max(len(one.tokens) for one in examples)
        patch = (latents.PATCH,)
        batch = cls(
            kind=torch.full(shape, KIND["ignored"]),
            slots=torch.zeros(*shape, MAX_WORD_PHONES, dtype=torch.long),
            is_text=torch.zeros(shape),
            is_audio=torch.zeros(shape),
            audio=torch.zeros(*shape, latents.PATCH, latents.SIZE),
            spoken=torch.zeros(shape, dtype=torch.bool),
            last=torch.zeros(shape, dtype=torch.long),
            phones=torch.zeros(shape + patch, dtype=torch.long),
            places=torch.zeros(shape + patch, dtype=torch.long),
        )
        for row, example in enumerate(examples):
            batch.last[row, len(example.tokens) - 1] = 1
            for column in range(len(example.tokens)):
                batch._put(row, column, example)
        return batch

    def _put(self, row: int, column: int, example: Example) -> None:
        token, patch, phones = (
            part[column] for part in (example.tokens, example.audio, example.phones)
        )
        if token is not None:
            self.kind[row, column] = KIND[token.kind]
            self.slots[row, column] = torch.tensor(token.slots())
            self.is_text[row, column] = 1
        if patch is not None:
            self.audio[row, column] = torch.from_numpy(patch)
            self.is_audio[row, column] = 1
        if phones is not None:
            self.spoken[row, column] = True
            self.phones[row, column] = torch.from_numpy(phones)
            self.places[row, column] = torch.from_numpy(example.places[column])

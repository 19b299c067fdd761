"""Make the speech to train on: python -m preview_training.corpus FOLDER.

Each sentence is said by flite; its envelopes are laid out in whole 40 ms frames, and each word in
whole patches of frames, by a fixed table: text alone decides when what is said, and a patch never
belongs to two words.
"""

import argparse
import json
import pickle
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from preview_training import vocoder
from preview_training.phones import HALF_VOICED, PAUSE, PHONES, UNVOICED, Lexicon
from preview_training.texts import sentences, vocabulary

WORDS, SENTENCES, SHARD = 12_500, 1600, 100
_SLOWER = 1.1
_RARE_PHONE = 2.0  # frames of a phone that was not measured


def voicing(phone: str) -> int:
    """How voiced a phone is: 0 not, 1 half, 2 fully."""
    return 0 if phone in UNVOICED else 1 if phone in HALF_VOICED else 2


def measure_durations(texts: list[str]) -> dict[str, float]:
    """Mean duration of each phone in frames."""
    lasted = defaultdict(list)
    with TemporaryDirectory() as folder:
        for text in texts:
            for phone, start, end in vocoder.speak(text, Path(folder, "said.wav"))[1:-1]:
                lasted[phone].append(end - start)
    frame = vocoder.FRAME / vocoder.SAMPLE_RATE
    means = {phone: _SLOWER * float(np.mean(times)) / frame for phone, times in lasted.items()}
    return {phone: means.get(phone, _RARE_PHONE) for phone in PHONES} | {
        PAUSE: float(vocoder.PATCH)
    }


def lay_out(phones: Sequence[str], durations: dict[str, float]) -> list[int]:
    """Frames of each phone of a word, which lasts whole patches.

    What is left after rounding down goes to the phones that lose most by it.
    """
    means = np.array([durations[phone] for phone in phones])
    fewest = -(-len(phones) // vocoder.PATCH)
    patches = max(fewest, round(means.sum() / vocoder.PATCH))
    wanted = means * patches * vocoder.PATCH / means.sum()
    frames = np.maximum(1, wanted.astype(int))
    while (left := patches * vocoder.PATCH - frames.sum()) != 0:
        short = wanted - frames
        place = short.argmax() if left > 0 else np.where(frames > 1, short, np.inf).argmin()
        frames[place] += np.sign(left)
    return [int(count) for count in frames]


def utterance(text: str, lexicon: Lexicon, durations: dict[str, float]) -> dict[str, Any] | None:
    """Phones, frames of each and envelopes (float16) of a sentence.

    None where the synthesizer says it otherwise than the lexicon.
    """
    words = [phones for _, phones in lexicon.words(text)]
    with TemporaryDirectory() as folder:
        wav = Path(folder, "said.wav")
        segments = vocoder.speak(text, wav)
        expected = [phone for phones in words for phone in phones]
        if [phone for phone, _, _ in segments] != [PAUSE, *expected, PAUSE]:
            return None
        log_power = vocoder.envelopes(wav)
    frames = [
        vocoder.PATCH,
        *(count for phones in words for count in lay_out(phones, durations)),
        vocoder.PATCH,
    ]
    first, last = segments[0], segments[-1]
    segments[0] = (PAUSE, max(0, first[2] - 0.04 * vocoder.PATCH), first[2])
    segments[-1] = (PAUSE, last[1], min(last[2], last[1] + 0.04 * frames[-1]))
    laid_out = [
        vocoder.stretch(log_power, start, end, count)
        for (_, start, end), count in zip(segments, frames, strict=True)
    ]
    return {
        "text": text,
        "phones": [phone for phone, _, _ in segments],
        "frames": frames,
        "envelopes": np.concatenate(laid_out).astype(np.float16),
    }


def _make_shard(
    number: int, texts: list[str], folder: Path, lexicon: Lexicon, durations: dict[str, float]
) -> tuple[int, int]:
    path = folder / f"speech-{number:03}.pkl"
    if not path.exists():
        made = [utterance(text, lexicon, durations) for text in texts]
        kept = [one for one in made if one]
        path.with_suffix(".part").write_bytes(pickle.dumps(kept))
        path.with_suffix(".part").rename(path)
    return number, len(texts)


def load(folder: Path, shards: int | None = None) -> Iterator[dict[str, Any]]:
    """The utterances in a folder that this program wrote."""
    for path in sorted(folder.glob("speech-*.pkl"))[:shards]:
        yield from pickle.loads(path.read_bytes())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    words_path, lexicon_path = given.folder / "words.json", given.folder / "lexicon.json"
    if not lexicon_path.exists():
        words = vocabulary(WORDS)
        words_path.write_text(json.dumps(words), "utf-8")
        Lexicon.of_words(words, given.workers).save(lexicon_path)
    lexicon = Lexicon.load(lexicon_path)
    known = [w for w in json.loads(words_path.read_text("utf-8")) if w in lexicon.entries]
    texts = sentences(known, SENTENCES)
    texts = [t for t in texts if all(w in lexicon.entries for w in t.replace(",", "").split())]
    durations_path = given.folder / "durations.json"
    if not durations_path.exists():
        durations_path.write_text(json.dumps(measure_durations(texts[:150])), "utf-8")
    durations = json.loads(durations_path.read_text("utf-8"))
    shards = [texts[at : at + SHARD] for at in range(0, len(texts), SHARD)]
    make = partial(_make_shard, folder=given.folder, lexicon=lexicon, durations=durations)
    with ProcessPoolExecutor(given.workers) as pool:
        for number, count in pool.map(make, range(len(shards)), shards):
            print(f"shard {number}: {count} sentences asked for", flush=True)


if __name__ == "__main__":
    main()

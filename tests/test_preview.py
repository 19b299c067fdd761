"""The embedded preview voice says what it is asked to say, in the voice it is asked for."""

import json
import re

import numpy as np
import pytest
import soxr

from preview_training.formants import formant_ratio
from preview_training.recognition import recognizer, word_error_rate
from tests.listening import median_f0, read
from voxcpm_space.engine import Engine, GenerationRequest
from voxcpm_space.engine.checkpoint import PREVIEW_FOLDER
from voxcpm_space.examples import clips
from voxcpm_space.outputs import Outputs
from voxcpm_space.settings import Settings
from voxcpm_space.studio import Studio

pytestmark = pytest.mark.slow

SENTENCES = [
    "We need some milk and a little sugar for the cake.",
    "He could not find his keys in the dark.",
    "There is a letter for you on the kitchen table.",
    "Please close the door and sit down.",
]
HARDER_SENTENCES = [
    "When will you come back to London?",
    "Maria and David stayed at home in December.",
    "There were thirty five people in the room.",
    "Why did nobody tell me about the problem?",
    "They sold the boat (and the old truck) before winter.",
]
RATE = 16_000


@pytest.fixture(scope="module", autouse=True)
def _recognizer():
    yield
    recognizer.cache_clear()


@pytest.fixture(scope="module")
def preview():
    engine = Engine(Settings(model="preview", device="cpu"))
    engine.load()
    yield engine
    engine.stop(grace_seconds=0)


def said(engine, text, **changes):
    """Samples at 16 kHz."""
    request = GenerationRequest(
        **{"text": text, "seed": 1, "cfg_value": 2.0, "dit_steps": 10} | changes
    )
    patches = [output for output in engine.stream(request) if isinstance(output, np.ndarray)]
    return soxr.resample(np.concatenate(patches), engine.sample_rate, RATE)


def misheard(engine, sentences):
    return word_error_rate(sentences, [said(engine, sentence) for sentence in sentences])


def test_a_stranger_understands_it(preview):
    assert misheard(preview, SENTENCES) <= 0.03


def test_names_questions_and_numbers_are_understood(preview):
    assert misheard(preview, HARDER_SENTENCES) <= 0.1


def example(name):
    clip = next(clip for clip in clips() if clip.path.stem == name)
    return soxr.resample(*read(clip.path), RATE)


@pytest.mark.parametrize("name", ["italian-male-pc", "english-female-slt"])
def test_a_clone_has_the_pitch_of_its_clip(preview, name):
    reference = example(name)
    clone = said(preview, SENTENCES[0], reference=reference)
    # Its pitches are 25 Hz apart.
    assert median_f0(clone, RATE) == pytest.approx(median_f0(reference, RATE), rel=0.15)


def test_a_clone_says_its_text_and_nothing_of_the_transcript(preview):
    clip = clips()[0]
    studio = Studio(Settings(asr_model=""), preview, Outputs(keep_seconds=60))
    fields = {"reference_audio_url": clip.voice, "prompt_text": clip.transcript}
    *_, speech = studio.clone({"text": SENTENCES[0], "seed": 1} | fields)
    samples = soxr.resample(*read(speech.path), RATE)
    assert word_error_rate([SENTENCES[0]], [samples]) <= 0.1


def test_low_voices_are_darker_and_high_ones_brighter(preview):
    own = said(preview, SENTENCES[0])
    man, girl = (
        formant_ratio(said(preview, f"({description}){SENTENCES[0]}"), own)
        for description in ("a man with a deep voice", "a little girl")
    )
    of_woman_s_clip = formant_ratio(
        said(preview, SENTENCES[0], reference=example("english-female-slt")), own
    )
    assert np.diff([man, 1, of_woman_s_clip, girl]).min() > 0.03


def test_a_woman_is_described_higher_than_a_man(preview):
    man, woman = (
        median_f0(said(preview, f"({description}){SENTENCES[0]}"), RATE)
        for description in ("an old man with a deep voice", "a young woman")
    )
    assert woman > 1.5 * man


@pytest.mark.parametrize(
    "text",
    [
        "HELLO, WORLD!",
        'She said "no" - twice: never!',
        "Zyxgorf and Quombly met at 12.",
        "The children laughed at the clown with the yellow shoes. " * 5,
    ],
    ids=["capitals", "punctuation", "unknown words and digits", "300 characters"],
)
def test_any_text_is_spoken_to_its_end(preview, text):
    count = len(re.findall(r"\w+", text))
    seconds = len(said(preview, text, dit_steps=4)) / RATE
    assert 0.15 * count < seconds < 0.9 * count + 2


def test_it_is_small():
    sizes = [path.stat().st_size for path in PREVIEW_FOLDER.iterdir()]
    assert max(sizes) <= 10e6
    assert sum(sizes) <= 20e6


def test_the_figures_are_there():
    settings = json.loads((PREVIEW_FOLDER / "config.json").read_text("utf-8"))
    assert settings["architecture"] == "voxcpm2"
    assert "| no reference |" in (PREVIEW_FOLDER / "README.md").read_text("utf-8")

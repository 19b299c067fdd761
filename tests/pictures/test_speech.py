import io
from base64 import b64decode

import numpy as np
import pytest
import soundfile
from PIL import Image

from tests.listening import median_f0
from voxcpm_space.examples import clips
from voxcpm_space.pictures import speech_picture
from voxcpm_space.pictures.pitch import f0_track

RATE = 16_000
PITCH_COLOUR = (234, 88, 12)


def voice(hz, seconds=2.0):
    """With overtones, as voices have them."""
    at = np.arange(int(seconds * RATE)) / RATE
    parts = [np.sin(2 * np.pi * hz * number * at) / number for number in range(1, 8)]
    return (0.2 * np.sum(parts, axis=0)).astype(np.float32)


def image_of(picture):
    return np.asarray(Image.open(io.BytesIO(b64decode(picture.source.partition("base64,")[2]))))


def words_of(picture):
    return " ".join(picture.caption)


@pytest.mark.parametrize("hz", [70, 110, 220, 380])
def test_the_pitch_of_a_voice_is_found(hz):
    assert f0_track(voice(hz), 100) == pytest.approx(np.full(100, hz), rel=0.03)


def test_silence_and_noise_have_no_pitch():
    noise = np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32)
    silence = np.zeros(RATE, np.float32)
    assert np.isnan(f0_track(silence, 100)).all()
    assert np.isnan(f0_track(noise, 100)).mean() > 0.95
    assert np.isnan(f0_track(np.concatenate([voice(100), silence]), 100))[70:].all()


@pytest.mark.parametrize("clip", clips(), ids=lambda clip: clip.voice)
def test_the_pitch_of_the_example_clips_is_that_which_others_measure(clip):
    samples, rate = soundfile.read(clip.path, dtype="float32")
    found = np.nanmedian(f0_track(samples[:: rate // RATE], 900))
    assert found == pytest.approx(median_f0(samples, rate), rel=0.06)


def test_a_speech_is_drawn_with_its_pitch_and_told_in_words():
    picture = speech_picture(voice(120, seconds=3.2))
    assert "The speech: 3.2 s, median F0 120 Hz." in words_of(picture)
    image = image_of(picture)
    assert image.shape[1:] == (900, 4)
    drawn = (image[..., :3] == PITCH_COLOUR).all(axis=-1) & (image[..., 3] == 255)
    assert drawn.any(axis=0).all()


def test_a_clone_is_drawn_below_its_clip_and_a_higher_voice_higher():
    picture = speech_picture(voice(100), voice(200, seconds=1))
    assert "Above the clip: 1.0 s, median F0 200 Hz. Below the speech: 2.0 s" in words_of(picture)
    panels = [half[..., :3] == PITCH_COLOUR for half in np.array_split(image_of(picture), 2)]
    clip, speech = (np.flatnonzero(panel.all(axis=-1).any(axis=1)).mean() for panel in panels)
    assert clip < speech


@pytest.mark.parametrize("length", [1, 100, 2_560])
def test_however_short_or_silent_a_speech_is_it_can_be_drawn(length):
    assert "no pitch" in words_of(speech_picture(np.zeros(length, np.float32)))

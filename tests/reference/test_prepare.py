import numpy as np
import pytest
import soxr

from tests.listening import level_dbfs, read
from voxcpm_space.errors import InputError
from voxcpm_space.examples import clips
from voxcpm_space.reference.decode import Decoded
from voxcpm_space.reference.prepare import prepare

RATE = 16_000
SPEECH = {clip.voice: read(clip.path)[0] for clip in clips()}
MAN = SPEECH["english-male-rms"]
NOISE = np.random.default_rng(0).normal(0, 1, 400 * RATE).astype(np.float32)


def silence(seconds):
    return np.zeros(int(seconds * RATE), np.float32)


def room(seconds):
    """What a quiet room sounds like: -60 dBFS."""
    return 0.001 * NOISE[: int(seconds * RATE)]


def speech(seconds):
    """As many example clips after each other, which pause in between, as fill the seconds."""
    whole = np.concatenate(list(SPEECH.values()))
    return np.resize(whole, int(seconds * RATE)) + room(seconds)


def prepared(samples, max_seconds=30, start=None):
    return prepare(Decoded(samples.astype(np.float32)), max_seconds, start)


@pytest.mark.parametrize("voice", SPEECH)
def test_an_example_clip_is_good_as_it_is(voice):
    clip = SPEECH[voice]
    reference = prepared(clip)
    assert reference.warnings == ()
    assert len(reference.samples) > len(clip) - 0.2 * RATE
    assert level_dbfs(reference.samples) == pytest.approx(level_dbfs(clip), abs=0.3)


@pytest.mark.parametrize("gain", [0.01, 0.1, 3])
def test_every_level_becomes_the_level_of_the_example_clips(gain):
    reference = prepared(MAN * gain)
    assert reference.samples.dtype == np.float32
    assert level_dbfs(reference.samples) == pytest.approx(-24, abs=0.5)


def test_peaks_are_not_clipped_for_the_sake_of_the_level():
    spiky = MAN * 0.1
    spiky[RATE * 2 :: RATE] = 0.9
    assert np.abs(prepared(spiky).samples).max() <= 0.99


@pytest.mark.parametrize("scale", [3, 32_768, 1e30, 3e38])
def test_floats_beyond_full_scale_are_the_same_clip(scale):
    samples = scale * MAN / np.abs(MAN).max()
    reference = prepared(samples)
    assert np.abs(reference.whole).max() == pytest.approx(1)
    np.testing.assert_allclose(reference.samples, prepared(MAN).samples, atol=1e-3)
    assert reference.warnings == ()


def test_silence_at_the_ends_is_cut_off_but_for_a_margin():
    reference = prepared(np.concatenate([silence(3), MAN, room(5)]))
    assert reference.start == pytest.approx(3.05, abs=0.1)
    assert reference.end == pytest.approx(3 + len(MAN) / RATE, abs=0.2)
    assert reference.seconds == pytest.approx(8 + len(MAN) / RATE)


def test_an_offset_is_removed():
    shifted = prepared(np.concatenate([silence(2), MAN]) + 0.3)
    assert abs(shifted.samples.mean()) < 1e-4
    assert shifted.start == pytest.approx(2.05, abs=0.1)
    assert level_dbfs(shifted.samples) == pytest.approx(-24, abs=0.5)


def test_of_three_minutes_a_part_with_speech_is_taken_that_ends_at_a_pause():
    long = speech(180)
    reference = prepared(long)
    assert 10 <= reference.end - reference.start <= 30
    part = f"from {reference.start:.1f} to {reference.end:.1f} s"
    assert reference.warnings == (f"Of the 180.0 s of the clip those {part} are used.",)
    for edge in (reference.start, reference.end):
        around = long[int((edge - 0.1) * RATE) : int((edge + 0.1) * RATE)]
        assert level_dbfs(around) < -40


def test_the_part_is_where_somebody_speaks():
    rests = [0.003 * NOISE[: 40 * RATE], 0.003 * NOISE[: 60 * RATE]]
    long = np.concatenate([rests[0], speech(20), rests[1], MAN[: 2 * RATE], rests[0]])
    reference = prepared(long)
    assert reference.start == pytest.approx(40, abs=0.5)
    assert reference.end == pytest.approx(60, abs=1.5)


def test_somebody_who_never_pauses_is_cut_at_the_quietest_place():
    endless = 0.1 * NOISE[: 60 * RATE]
    endless[int(28.8 * RATE) : int(28.86 * RATE)] *= 0.1
    reference = prepared(endless)
    assert reference.end == pytest.approx(29, abs=0.3)
    assert reference.end - reference.start <= 30


def test_a_person_can_choose_where_the_part_begins():
    long = speech(180)
    reference = prepared(long, start=100)
    assert reference.start == pytest.approx(100, abs=1)
    assert 10 <= reference.end - reference.start <= 30
    again = prepared(long, start=reference.start)
    assert (again.start, again.end) == (reference.start, reference.end)
    inside = prepared(long, start=reference.start + 1)
    assert inside.start == pytest.approx(reference.start + 1, abs=0.011)
    assert prepared(long, start=1000).end == pytest.approx(180, abs=0.1)


def test_a_shorter_limit_is_kept():
    reference = prepared(speech(60), max_seconds=5)
    assert 2 <= reference.end - reference.start <= 5


def test_a_single_word_is_a_clip_of_a_second():
    reference = prepared(np.concatenate([room(2), MAN[RATE : int(1.3 * RATE)], room(2)]))
    assert len(reference.samples) == RATE
    assert np.abs(reference.samples).max() > 0.1
    assert "only" in reference.warnings[0]


def telephone(samples):
    return soxr.resample(soxr.resample(samples, RATE, 8_000), 8_000, RATE)[: len(samples)]


@pytest.mark.parametrize(
    ("spoil", "advice"),
    [
        (lambda clip: clip[: 2 * RATE], "5 to 20 s clone better"),
        (lambda clip: clip * 0.01, "very quiet"),
        (lambda clip: clip + 0.03 * NOISE[: len(clip)], "much noise"),
        (telephone, "telephone"),
        (lambda clip: np.concatenate([clip, room(3), clip]), "long silences"),
    ],
)
def test_what_is_not_as_it_should_be_is_said_with_advice(spoil, advice):
    (warning,) = prepared(spoil(MAN)).warnings
    assert advice in warning
    assert warning.isascii()


@pytest.mark.parametrize(
    ("samples", "complaint"),
    [
        (np.zeros(0), "only 0.0 s long"),
        (np.full(8_000, 0.1), "only 0.5 s long"),
        (np.zeros(20_000), "is silent"),
        (np.full(20_000, 0.5), "is silent"),
        (np.full(20_000, np.nan), "not numbers"),
        (np.append(MAN, np.inf), "not numbers"),
        (np.eye(1, 3 * RATE, RATE)[0], "is silent"),
        (np.eye(1, 3 * RATE, RATE)[0] * 1e38 + 0.1, "is silent"),
    ],
)
def test_what_is_no_voice_is_refused(samples, complaint):
    with pytest.raises(InputError, match=complaint):
        prepared(samples)

import numpy as np
import pytest

from tests.listening import level_dbfs
from tests.reference import files
from tests.reference.files import RATE, Kind
from voxcpm_space.examples import clips
from voxcpm_space.reference.decode import decode
from voxcpm_space.reference.prepare import prepare

pytestmark = pytest.mark.usefixtures("ffmpeg_in_process")

SOUND = files.noisy_tone(3)
SPEECH = files.resampled(clips()[0].path)[: 5 * RATE]
STEREO = {
    "wav": None,
    "flac": Kind("flac", "flac", layout="stereo"),
    "mp3": Kind("mp3", "libmp3lame", layout="stereo"),
    "m4a": Kind("ipod", "aac", layout="stereo"),
    "webm": Kind("webm", "libopus", layout="stereo"),
}


def stereo(kind, *channels):
    if kind == "wav":
        return files.written(np.stack(channels, axis=1), RATE)
    return files.encoded(STEREO[kind], np.stack(channels))


@pytest.mark.parametrize("kind", STEREO)
def test_of_channels_that_cancel_each_other_the_stronger_is_taken(kind):
    decoded = decode(stereo(kind, -0.8 * SOUND, SOUND))
    assert level_dbfs(decoded.samples) == pytest.approx(level_dbfs(SOUND), abs=1)


@pytest.mark.parametrize("kind", STEREO)
def test_channels_that_do_not_cancel_are_mixed(kind):
    noise = np.random.default_rng(1).normal(0, 0.1, len(SOUND)).astype(np.float32)
    decoded = decode(stereo(kind, SOUND + noise, SOUND - noise))
    assert level_dbfs(decoded.samples) == pytest.approx(level_dbfs(SOUND), abs=1)


def test_an_offset_does_not_hide_that_channels_cancel_each_other():
    decoded = decode(stereo("wav", SOUND + 0.2, 0.2 - SOUND))
    assert np.std(decoded.samples) == pytest.approx(np.std(SOUND), rel=0.1)


def test_of_many_channels_one_that_would_be_lost_in_their_mean_is_taken():
    channels = np.zeros((len(SOUND), 6), np.float32)
    channels[:, 2] = SOUND
    assert level_dbfs(decode(files.written(channels, RATE)).samples) > level_dbfs(SOUND) - 1


def complaints(content):
    return [said for said in prepare(decode(content), max_seconds=30).warnings if "clipped" in said]


@pytest.mark.parametrize(
    "kind", ["wav-16", "wav-float", "flac", "mp3", "m4a", "webm", "ogg-vorbis"]
)
def test_a_clip_that_was_recorded_too_loudly_is_told_so(kind):
    loud = SPEECH / np.abs(SPEECH).max()
    assert not complaints(files.made(kind, loud))
    assert complaints(files.made(kind, np.clip(5 * loud, -1, 1)))


@pytest.mark.parametrize("scale", [3.0, 32_768.0])
def test_floats_beyond_full_scale_are_clipped_only_where_they_have_a_ceiling(scale):
    loud = scale * SPEECH / np.abs(SPEECH).max()
    assert not complaints(files.written(loud, RATE, subtype="FLOAT"))
    assert complaints(files.written(np.clip(3 * loud, -scale, scale), RATE, subtype="FLOAT"))


def test_one_channel_that_is_clipped_is_enough():
    loud = SPEECH / np.abs(SPEECH).max()
    assert complaints(stereo("wav", np.clip(5 * loud, -1, 1), 0.5 * loud))


def test_only_the_part_that_is_used_counts():
    loud = SPEECH / np.abs(SPEECH).max()
    start = len(loud) / RATE
    content = files.written(np.concatenate([np.clip(5 * loud, -1, 1), loud]), RATE)
    decoded = decode(content)
    spoilt = "The clip is clipped: it was recorded too loudly. Turn the microphone down."
    assert spoilt in prepare(decoded, start, start=0).warnings
    assert spoilt not in prepare(decoded, start - 1, start=start).warnings

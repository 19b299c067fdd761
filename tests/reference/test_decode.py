import io
import struct

import numpy as np
import pytest
import soundfile

from voxcpm_space.errors import InputError
from voxcpm_space.reference.decode import decode


def encoded(samples, sample_rate=16_000, **options):
    file = io.BytesIO()
    soundfile.write(file, samples, sample_rate, **{"format": "WAV"} | options)
    file.seek(0)
    return file


@pytest.mark.parametrize(
    "options",
    [
        {"format": "WAV", "subtype": "PCM_U8"},
        {"format": "WAV", "subtype": "PCM_24"},
        {"format": "WAV", "subtype": "FLOAT"},
        {"format": "WAV", "subtype": "ULAW"},
        {"format": "FLAC"},
        {"format": "OGG"},
        {"format": "MP3"},
    ],
)
def test_common_formats_are_read(tone, options):
    waveform = decode(encoded(tone(2), **options), max_seconds=30)
    assert waveform.dtype == np.float32
    assert len(waveform) == pytest.approx(2 * 16_000, rel=0.05)
    assert np.abs(waveform).max() == pytest.approx(0.3, abs=0.05)


def test_stereo_at_44_khz_becomes_mono_at_16_khz(tone):
    left = tone(2, sample_rate=44_100)
    waveform = decode(encoded(np.stack([left, left], axis=1), 44_100), max_seconds=30)
    assert waveform.shape == pytest.approx((32_000,), abs=2)


@pytest.mark.parametrize(
    ("samples", "complaint"),
    [
        (np.zeros(0), "only 0.0 s long"),
        (np.full(8_000, 0.1), "only 0.5 s long"),
        (np.full(33_000, 0.1), "longer than 2 s"),
        (np.zeros(20_000), "is silent"),
        (np.full(20_000, np.nan), "not numbers"),
    ],
)
def test_an_unusable_clip_gets_its_own_sentence(samples, complaint):
    with pytest.raises(InputError, match=complaint):
        decode(encoded(samples.astype(np.float32), subtype="FLOAT"), max_seconds=2)


@pytest.mark.parametrize("content", [b"", b"not audio at all", b"RIFF\xff\xff\xff\xffWAVE"])
def test_what_is_not_audio_is_named_so(content):
    with pytest.raises(InputError, match="not audio that can be read"):
        decode(io.BytesIO(content), max_seconds=30)


def test_an_unusual_sample_rate_is_refused_before_anything_is_read(tone):
    with pytest.raises(InputError, match="unusual sample rate"):
        decode(encoded(tone(2), sample_rate=1_000_000), max_seconds=30)


def test_a_header_that_promises_hours_is_not_believed(tone):
    wav = bytearray(encoded(tone(2)).read())
    wav[40:44] = struct.pack("<I", 0x7FFFFFFF)  # the length of the data chunk
    assert len(decode(io.BytesIO(bytes(wav)), max_seconds=30)) == 32_000

import io

import av
import numpy as np
import pytest
import soundfile

from voxcpm_space.encoding import FORMATS, StreamEncoder

RATE = 48_000


@pytest.mark.parametrize("name", FORMATS)
def test_what_goes_in_piece_by_piece_comes_out_as_one_recording(name, tone):
    samples = tone(2, sample_rate=RATE)
    encoder = StreamEncoder(FORMATS[name], RATE, "Synthetic.")
    pieces = [encoder.encode(piece) for piece in np.array_split(samples, 12)]
    pieces.append(encoder.finish())
    flows = sum(map(bool, pieces[:-1])) > 3
    assert flows == (name != "flac")  # whose header tells a length
    encoded = io.BytesIO(b"".join(pieces))
    if name == "pcm":
        decoded = np.frombuffer(encoded.read(), "<i2") / 2**15
    else:
        with av.open(encoded) as file:
            assert file.streams.audio[0].rate == RATE
            resampler = av.AudioResampler("flt", "mono", RATE)
            frames = [f for frame in file.decode(audio=0) for f in resampler.resample(frame)]
        decoded = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    assert len(decoded) == pytest.approx(len(samples), rel=0.05)
    assert np.sqrt(np.mean(decoded**2)) == pytest.approx(np.sqrt(np.mean(samples**2)), rel=0.1)


def test_louder_than_full_scale_is_clipped_instead_of_wrapped_around():
    encoder = StreamEncoder(FORMATS["pcm"], RATE, "")
    encoded = encoder.encode(np.full(4_800, 1.5, np.float32)) + encoder.finish()
    assert np.frombuffer(encoded, "<i2").min() > 32_000


def test_a_streamed_wav_has_a_plain_header_of_44_bytes(tone):
    samples = tone(1, sample_rate=RATE)
    encoder = StreamEncoder(FORMATS["wav"], RATE, "Synthetic.")
    encoded = encoder.encode(samples) + encoder.finish()
    assert encoded[36:40] == b"data"
    assert len(encoded) == 44 + 2 * len(samples)
    assert soundfile.info(io.BytesIO(encoded)).frames == len(samples)


def test_soundfile_reads_a_streamed_flac(tone):
    samples = tone(1, sample_rate=RATE)
    encoder = StreamEncoder(FORMATS["flac"], RATE, "Synthetic.")
    encoded = encoder.encode(samples) + encoder.finish()
    read, _ = soundfile.read(io.BytesIO(encoded), dtype="float32")
    assert read == pytest.approx(samples, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "wanted", "made"),
    [
        ("pcm", 24_000, 24_000),
        ("wav", 8_000, 8_000),
        ("flac", 22_050, 22_050),
        ("aac", 44_100, 44_100),
        ("mp3", 10_000, 11_025),
        ("opus", 44_100, 48_000),
    ],
)
def test_another_sample_rate_is_the_one_asked_for_or_the_format_s_next(name, wanted, made, tone):
    encoder = StreamEncoder(FORMATS[name], RATE, "", out_rate=wanted)
    pieces = [encoder.encode(piece) for piece in np.array_split(tone(1, sample_rate=RATE), 7)]
    encoded = b"".join([*pieces, encoder.finish()])
    assert encoder.sample_rate == made
    if name == "pcm":
        assert len(encoded) == 2 * wanted
        return
    with av.open(io.BytesIO(encoded)) as file:
        assert file.streams.audio[0].rate == made
        samples = sum(frame.samples for frame in file.decode(audio=0))
    assert samples / made == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize("name", ["mp3", "opus", "flac"])
def test_every_format_that_can_hold_a_comment_says_what_it_is(name, tone):
    encoder = StreamEncoder(FORMATS[name], RATE, "Synthetic speech")
    encoded = encoder.encode(tone(1, sample_rate=RATE)) + encoder.finish()
    with av.open(io.BytesIO(encoded)) as file:
        tags = file.metadata | file.streams.audio[0].metadata
    assert "Synthetic speech" in {key.lower(): value for key, value in tags.items()}.values()

import io

import av
import numpy as np
import pytest

from voxcpm_space.encoding import FORMATS, StreamEncoder

RATE = 48_000


@pytest.mark.parametrize("name", FORMATS)
def test_what_goes_in_piece_by_piece_comes_out_as_one_recording(name, tone):
    samples = tone(2, sample_rate=RATE)
    encoder = StreamEncoder(FORMATS[name], RATE, "Synthetic.")
    pieces = [encoder.encode(piece) for piece in np.array_split(samples, 12)]
    pieces.append(encoder.finish())
    assert sum(map(bool, pieces[:-1])) > 3  # it flows before the end
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


@pytest.mark.parametrize("name", ["mp3", "opus", "flac", "wav"])
def test_every_format_that_can_hold_a_comment_says_what_it_is(name, tone):
    encoder = StreamEncoder(FORMATS[name], RATE, "Synthetic speech")
    encoded = encoder.encode(tone(1, sample_rate=RATE)) + encoder.finish()
    with av.open(io.BytesIO(encoded)) as file:
        tags = file.metadata | file.streams.audio[0].metadata
    assert "Synthetic speech" in {key.lower(): value for key, value in tags.items()}.values()

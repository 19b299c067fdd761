"""Files that are longer, or that say something else, than what their headers declare."""

import struct

import numpy as np
import pytest

from tests.reference import files
from tests.reference.files import RATE, Kind
from voxcpm_space.encoding import FORMATS, StreamEncoder
from voxcpm_space.reference.decode import decode

pytestmark = pytest.mark.usefixtures("ffmpeg_in_process")

SECONDS = 3
SOUND = files.noisy_tone(SECONDS)
QUIET_THEN_LOUD = np.concatenate([np.zeros(RATE, np.float32), SOUND])
TITLE = {"title": "A long title. " * 100}


def assert_whole(content, seconds):
    decoded = decode(content)
    assert len(decoded.samples) / 16_000 == pytest.approx(seconds, abs=0.2)
    assert decoded.warnings == ()


def mp3(seconds=2, *, bit_rate=64_000, piped=False, rate=RATE, layout="mono"):
    kind = Kind("mp3", "libmp3lame", rate, layout, options={"b": str(bit_rate)})
    return files.encoded(kind, files.noisy_tone(seconds), piped=piped, tags=TITLE)


def test_an_mp3_of_changing_bit_rate_that_does_not_tell_its_length_is_read_to_its_end():
    options = {"format": "MP3", "bitrate_mode": "VARIABLE", "compression_level": 0.3}
    whole = files.written(QUIET_THEN_LOUD, RATE, **options)
    second_frame = whole.index(b"\xff\xfb", whole.index(b"Xing"))
    assert_whole(whole, SECONDS + 1)
    assert_whole(whole[second_frame:], SECONDS + 1)


def test_a_piped_mp3_is_whole():
    assert_whole(mp3(SECONDS, piped=True), SECONDS)


@pytest.mark.parametrize("piped", [False, True])
def test_mp3_files_that_were_put_together_are_read_to_the_end_of_the_last(piped):
    bit_rates = (128_000, 32_000, 64_000)
    assert_whole(b"".join(mp3(bit_rate=bit_rate, piped=piped) for bit_rate in bit_rates), 6)


def test_mp3_files_of_other_rates_and_channels_can_be_put_together():
    assert_whole(mp3() + mp3(rate=24_000) + mp3(rate=44_100, layout="stereo"), 6)


def test_a_picture_between_mp3_files_is_no_sound():
    cover = np.random.default_rng(0).bytes(100_000)
    size = bytes(len(cover) >> shift & 127 for shift in (21, 14, 7, 0))
    assert_whole(mp3() + b"ID3\4\0\0" + size + cover + mp3(), 4)


@pytest.mark.parametrize("behind", [b"TAG" + bytes(125), bytes(4000), b"no sound " * 200])
def test_what_is_behind_an_mp3_damages_nothing(behind):
    assert_whole(mp3(SECONDS) + behind, SECONDS)


@pytest.mark.parametrize("samples", [0, 1_000])
def test_a_flac_that_tells_no_length_or_a_shorter_one_is_read_to_its_end(samples):
    flac = bytearray(files.encoded(Kind("flac", "flac"), SOUND))
    flac[21] &= 0xF0  # the number of samples has 36 bits (RFC 9639, section 8.2)
    flac[22:26] = struct.pack(">I", samples)
    assert_whole(bytes(flac), SECONDS)


@pytest.mark.parametrize(
    "kind", [Kind("flac", "flac"), Kind("ogg", "libopus"), Kind("adts", "aac")]
)
def test_files_of_other_kinds_can_be_put_together_too(kind):
    assert_whole(2 * files.encoded(kind, SOUND), 2 * SECONDS)


UNTOLD = {
    "wav": ("WAV", b"data", 4, "<I"),
    "aiff": ("AIFF", b"SSND", 4, ">I"),
    "au": ("AU", b".snd", 8, ">I"),
    "caf": ("CAF", b"data", 4, ">Q"),
    "w64": ("W64", b"data", 16, "<Q"),
}
DECLARED = [
    *((container, declared) for container in ("wav", "aiff", "au") for declared in (0, 1_000)),
    *((container, 2**32 - 1) for container in ("wav", "aiff", "au")),
    *(("caf", 0), ("caf", 2**64 - 1), ("w64", 0)),
]


@pytest.mark.parametrize("sound", [SOUND, QUIET_THEN_LOUD], ids=["loud", "quiet"])
@pytest.mark.parametrize(("container", "declared"), DECLARED)
def test_samples_are_read_to_the_end_whatever_their_header_declares(container, declared, sound):
    """0 and the largest stand in a header that was never finished, 1000 in one that was once."""
    file_format, name, offset, number = UNTOLD[container]
    content = bytearray(files.written(sound, RATE, format=file_format))
    struct.pack_into(number, content, content.index(name) + offset, declared)
    assert_whole(bytes(content), len(sound) / RATE)


def test_an_rf64_file_whose_length_was_never_written_is_read_to_its_end():
    content = bytearray(files.written(SOUND, RATE, format="RF64"))
    sizes = content.index(b"ds64") + 16
    content[sizes : sizes + 16] = bytes(16)
    assert_whole(bytes(content), SECONDS)


def test_two_wav_files_that_were_put_together_are_read_to_the_end_of_the_second():
    assert_whole(2 * files.written(SOUND, RATE), 2 * SECONDS)


@pytest.mark.parametrize("name", [b"LIST", b"id3 ", b"XYZW"])
def test_what_follows_the_samples_of_a_wav_in_chunks_is_no_sound(name):
    noise = np.random.default_rng(0).bytes(20_001)
    chunk = name + struct.pack("<I", len(noise)) + noise + b"\0"
    decoded = decode(files.written(SOUND, RATE) + chunk)
    assert len(decoded.samples) == SECONDS * 16_000
    assert decoded.warnings == ()


def test_a_wav_with_an_odd_number_of_bytes_and_no_padding_is_no_longer_than_it_is():
    samples = files.written(SOUND[:-1], RATE, subtype="PCM_U8")[: 44 + len(SOUND) - 1]
    chunk = b"LIST" + struct.pack("<I", 20_000) + 100 * bytes(range(200))
    assert len(decode(samples + chunk).samples) == SECONDS * 16_000


@pytest.mark.parametrize("piped", [False, True])
@pytest.mark.parametrize("name", [name for name in FORMATS if name != "pcm"])
def test_what_was_streamed_from_here_is_a_whole_clip(name, piped, tmp_path):
    if piped:
        encoder = StreamEncoder(FORMATS[name], RATE, "made here")
        chunks = [encoder.encode(chunk) for chunk in np.array_split(SOUND, 10)]
        content = b"".join(chunks) + encoder.finish()
    else:
        with (tmp_path / "file").open("wb") as file:
            encoder = StreamEncoder(FORMATS[name], RATE, "made here", file)
            encoder.encode(SOUND)
            encoder.finish()
        content = (tmp_path / "file").read_bytes()
    assert_whole(content, SECONDS)

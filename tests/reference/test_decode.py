import io
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.listening import level_dbfs
from tests.reference import files
from tests.reference.files import Kind
from voxcpm_space.errors import BusyError, InputError
from voxcpm_space.reference import decode as decoding
from voxcpm_space.reference import ffmpeg_worker
from voxcpm_space.reference.concurrency_limit import ConcurrencyLimit
from voxcpm_space.reference.decode import decode

SECONDS = 3
LEVEL = -13.5  # of the tone, whose amplitude is 0.3
CUT_OFF = "cut off"


NOISY_TONE = files.noisy_tone(SECONDS)


@pytest.fixture(scope="module", params=files.KINDS)
def kind(request):
    return request.param, files.made(request.param, NOISY_TONE)


def test_a_clip_of_every_kind_is_read(kind):
    name, content = kind
    decoded = decode(content)
    assert decoded.samples.dtype == np.float32
    assert decoded.warnings == ()
    assert len(decoded.samples) == pytest.approx(SECONDS * 16_000, rel=0.05)
    spread = 4 if name in {"m4a-stereo", "mkv-5.1"} else 2  # FFmpeg makes them 3 dB weaker
    assert level_dbfs(decoded.samples) == pytest.approx(LEVEL, abs=spread)


def test_of_a_clip_that_is_cut_off_the_rest_is_read_with_a_warning(kind):
    name, content = kind
    half = content[: len(content) // 2]
    if name in {"m4a", "m4a-lossless", "m4a-stereo", "3gp", "mp4", "mov"}:
        with pytest.raises(InputError, match="is incomplete"):
            decode(half)
        return
    decoded = decode(half)
    assert 0.5 < len(decoded.samples) / 16_000 < 2.5
    assert level_dbfs(decoded.samples) == pytest.approx(LEVEL, abs=4)
    if name not in {"aac", "amr", "avi", "mpeg-ts", "rf64", "au", "w64"}:  # which tell no length
        assert CUT_OFF in decoded.warnings[0]


LATE = {"container": "matroska", "seconds": 6.0, "delay": 2.0}
"""The sound begins after 2 s, and the pictures go on after it."""


@pytest.mark.parametrize("container", ["matroska", "webm"])
def test_sound_that_is_shorter_than_the_pictures_is_whole(container):
    options = LATE | ({"container": "webm", "video": "vp8"} if container == "webm" else {})
    decoded = decode(files.film([NOISY_TONE], **options))
    assert len(decoded.samples) / 16_000 == pytest.approx(SECONDS, abs=0.1)
    assert decoded.warnings == ()


def test_of_a_film_with_pictures_that_is_cut_off_the_rest_is_read_with_a_warning():
    film = files.film([NOISY_TONE], **LATE)
    decoded = decode(film[: len(film) // 2])
    assert 0.5 < len(decoded.samples) / 16_000 < 2.5
    assert CUT_OFF in decoded.warnings[0]


@pytest.mark.parametrize("default", [0, 1])
@pytest.mark.parametrize(("container", "codec"), [("matroska", "libopus"), ("mp4", "aac")])
def test_of_several_tracks_the_one_that_players_choose_is_read(container, codec, default):
    tracks = [0.01 * NOISY_TONE, 0.01 * NOISY_TONE]
    tracks[default] = NOISY_TONE
    film = files.film(tracks, container=container, codec=codec, seconds=SECONDS, default=default)
    assert level_dbfs(decode(film).samples) == pytest.approx(LEVEL, abs=2)


@pytest.mark.parametrize("container", ["amr", "3gp"])
def test_the_pauses_of_a_telephone_that_sends_none_are_as_long_as_they_were(container):
    pause = np.zeros(2 * files.RATE, np.float32)
    kind = Kind(container, "libopencore_amrnb", rate=8_000, options={"dtx": "1"})
    decoded = decode(files.encoded(kind, np.concatenate([NOISY_TONE, pause, NOISY_TONE])))
    assert len(decoded.samples) / 16_000 == pytest.approx(2 * SECONDS + 2, abs=0.1)
    assert decoded.warnings == ()


def test_stereo_at_44_khz_becomes_mono_at_16_khz(tone):
    left = tone(2, sample_rate=44_100)
    decoded = decode(files.written(np.stack([left, left], axis=1), 44_100))
    assert decoded.samples.shape == pytest.approx((32_000,), abs=2)


@pytest.mark.parametrize("layout", [1, 2, 3, 6, 8])
def test_up_to_eight_channels_are_mixed(tone, layout):
    decoded = decode(files.written(np.stack([tone(2)] * layout, axis=1), 16_000))
    assert level_dbfs(decoded.samples) == pytest.approx(LEVEL, abs=0.1)


@pytest.mark.parametrize("sample_rate", [4_000, 8_000, 11_025, 96_000, 192_000])
def test_sample_rates_from_4_to_192_khz_are_read(tone, sample_rate):
    decoded = decode(files.written(tone(2, sample_rate=sample_rate), sample_rate))
    assert len(decoded.samples) == pytest.approx(32_000, abs=2)
    assert level_dbfs(decoded.samples) == pytest.approx(LEVEL, abs=0.2)


@pytest.mark.parametrize(
    ("channels", "sample_rate"), [(9, 16_000), (1, 1_000_000), (1, 100), (64, 48_000)]
)
def test_what_is_unusual_is_refused_before_anything_is_read(channels, sample_rate):
    with pytest.raises(InputError, match="unusual sample rate or number of channels"):
        decode(files.written(np.zeros((100, channels)), sample_rate))


PLAYLISTS = {
    "hls": b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "m3u": b"\xef\xbb\xbf#EXTM3U\nhttp://127.0.0.1/clip.mp3\n",
    "concat": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "pls": b"[playlist]\nFile1=http://127.0.0.1/clip.mp3\n",
    "asx": b"<asx version='3.0'><entry><ref href='http://127.0.0.1/'/></entry></asx>",
    "dash": b"<?xml version='1.0'?>\n<MPD xmlns='urn:mpeg:dash:schema:mpd:2011'></MPD>",
    "smil": b"<smil><body><audio src='file:///etc/passwd'/></body></smil>",
    "link": b"https://example.com/clip.mp3\n",
    "shortcut": b"[InternetShortcut]\r\nURL=http://127.0.0.1/\r\n",
}


@pytest.mark.parametrize("content", PLAYLISTS.values(), ids=PLAYLISTS)
def test_a_playlist_is_named_so(content):
    with pytest.raises(InputError, match="names other files, which are not opened"):
        decode(content)


def test_a_playlist_behind_a_disguise_opens_nothing(tmp_path, tone):
    """FFmpeg itself refuses, also where our look at the first bytes misses a playlist."""
    (tmp_path / "clip.wav").write_bytes(files.written(tone(2), 16_000))
    hls = f"#EXTM3U\n#EXTINF:9,\n{tmp_path}/clip.wav\n#EXT-X-ENDLIST\n".encode()
    for disguise in (b"\0" + hls, b"ID3\x04\0\0\0\0\0\0" + hls, b"x\n" + hls, b"RIFF" + hls):
        with pytest.raises(InputError, match="not audio that can be read"):
            decode(disguise)


UNREADABLE = {
    "empty": b"",
    "text": b"not audio at all",
    "zeros": bytes(100_000),
    "wav-head": b"RIFF\xff\xff\xff\xffWAVE",
    "html": b"<!doctype html><html><body>Sign in</body></html>",
    "zip": b"PK\x03\x04" + bytes(100),
    "pdf": b"%PDF-1.7\n" + bytes(100),
    "midi": b"MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0",
    "program": b"\x7fELF" + bytes(100),
    "picture": files.picture(),
    "m4a-head": b"\0\0\0\x18ftypM4A \0\0\0\0M4A isommoov",
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_not_audio_is_named_so(content):
    with pytest.raises(InputError, match="not audio that can be read"):
        decode(content)


def test_a_video_without_sound_is_named_so():
    with pytest.raises(InputError, match="has no sound"):
        decode(files.silent_film())


def test_a_file_that_unpacks_to_too_much_is_named_so():
    with pytest.raises(InputError, match="unpacks to more than can be decoded"):
        decode(files.header_bomb())


def test_a_file_that_takes_too_long_is_named_so(monkeypatch):
    monkeypatch.setattr(decoding, "_FFMPEG_SECONDS", 0.001)
    with pytest.raises(InputError, match="unpacks to more than can be decoded"):
        decode(files.silent_film())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of processor time")
def test_a_file_that_is_all_work_is_named_so(monkeypatch, tmp_path):
    code = Path(ffmpeg_worker.__file__).read_text()
    code = code.replace("CPU_SECONDS = 4", "CPU_SECONDS = 1")
    (tmp_path / "worker.py").write_text(
        code.replace("    av.log", "    while True: pass\n    av.log")
    )
    monkeypatch.setattr(decoding.ffmpeg_worker, "__file__", str(tmp_path / "worker.py"))
    started = time.monotonic()
    with pytest.raises(InputError, match="unpacks to more than can be decoded"):
        decode(files.silent_film())
    assert time.monotonic() - started < decoding._FFMPEG_SECONDS


def test_many_clips_at_once_wait_for_their_turn_but_not_for_ever(monkeypatch):
    monkeypatch.setattr(decoding, "_FFMPEG_TURNS", ConcurrencyLimit(1))
    monkeypatch.setattr(decoding, "_TURN_SECONDS", 0.01)
    with (
        decoding._FFMPEG_TURNS.taken(0),
        pytest.raises(BusyError, match="Too many clips are being decoded now"),
    ):
        decode(files.silent_film())


def test_a_file_that_crashes_ffmpeg_is_named_so(monkeypatch, tmp_path):
    (tmp_path / "worker.py").write_text("import os; os.abort()")
    monkeypatch.setattr(decoding.ffmpeg_worker, "__file__", str(tmp_path / "worker.py"))
    with pytest.raises(InputError, match="not audio that can be read"):
        decode(files.silent_film())


@pytest.mark.parametrize("claimed", [0x7FFFFFFF, 0xFFFFFFFF])
def test_a_header_that_promises_hours_is_not_believed(tone, claimed):
    wav = bytearray(files.written(tone(2), 16_000))
    wav[40:44] = struct.pack("<I", claimed)  # the length of the data chunk
    decoded = decode(bytes(wav))
    assert len(decoded.samples) == 32_000
    assert decoded.warnings == ()


def test_of_hours_the_first_minutes_are_read():
    decoded = decode(files.hours_of_silence())
    assert len(decoded.samples) == 300 * 16_000
    assert decoded.warnings == ("Only the first 300 s of the clip were looked at.",)


_MEASURE_US = """
import resource, sys, time
from voxcpm_space.errors import InputError
from voxcpm_space.reference.decode import decode

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sys.argv[1:]:
    started = time.monotonic()
    try:
        decode(open(path, "rb").read())
    except InputError:
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print((peak - before) // 1024, time.monotonic() - started)
"""
# A small process of its own, since a child's peak counts the size of what started it.
_MEASURE_WORKER = """
import resource, subprocess, sys
for path in sys.argv[2:]:
    subprocess.run([sys.executable, sys.argv[1], "300", "30000000"], stdin=open(path, "rb"),
                   stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss counts in KB on Linux only")
def test_no_file_takes_more_than_200_mb_or_10_s(tmp_path):
    worst = {
        "bomb": files.header_bomb(),
        "hours": files.hours_of_silence(),
        "wide": files.written(np.zeros((16 * 192_000, 8), np.int16), 192_000, format="FLAC"),
        "long": files.made("m4a", np.zeros(400 * files.RATE, np.float32)),
    }
    for name, content in worst.items():
        (tmp_path / name).write_bytes(content)
    paths = [str(tmp_path / name) for name in worst]

    def printed(*command):
        command = [sys.executable, "-c", *command, *paths]
        root = Path(__file__).parents[2]
        return subprocess.run(command, capture_output=True, check=True, cwd=root).stdout

    figures = [list(map(float, line.split())) for line in printed(_MEASURE_US).splitlines()]
    assert len(figures) == len(worst)
    assert max(memory for memory, _ in figures) < 200
    assert max(seconds for _, seconds in figures) < 10
    assert float(printed(_MEASURE_WORKER, decoding.ffmpeg_worker.__file__)) < 200


def test_a_track_of_an_unknown_codec_is_named_so(tone):
    content = files.made("3gp", tone(2, sample_rate=files.RATE)).replace(b"samr", b"xxxx")
    report = ffmpeg_worker.decode(content, io.BytesIO(), 300, 10**6)
    assert report.outcome is ffmpeg_worker.Outcome.UNREADABLE


def test_a_file_in_which_libsndfile_loses_its_way_is_read_quietly(tone):
    """It seeks to before the beginning; a complaint of Python's would fail this test."""
    content = files.made("aiff", tone(2, sample_rate=files.RATE)).replace(b"SSND", b"\xff" * 4)
    assert len(decode(content).samples) == 0

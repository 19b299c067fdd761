import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest

from tests.reference.loopback import loopback
from voxcpm_space.errors import InputError
from voxcpm_space.examples import clips
from voxcpm_space.reference import ReferenceLoader, sources
from voxcpm_space.settings import Settings

SETTINGS = Settings()


def load_reference(source, settings):
    return ReferenceLoader(settings).load(source)


def test_an_uploaded_file_is_read_by_path_and_as_handle_file_sends_it(upload, tone):
    path = upload(tone(2))
    by_path = load_reference(path, SETTINGS)
    as_sent = load_reference({"path": path, "meta": {"_type": "gradio.FileData"}}, SETTINGS)
    assert len(by_path.samples) == len(as_sent.samples) == 32_000


def test_an_example_clip_is_named_by_its_file_s_name():
    assert len(load_reference("english-male-rms", SETTINGS).samples) > 5 * 16_000


def test_a_clip_comes_by_url_also_as_handle_file_sends_it():
    content = clips()[0].path.read_bytes()
    with loopback() as server:
        settings = Settings(reference_hosts=f"127.0.0.1:{server.port}")
        server.raw = b"HTTP/1.1 200 OK\r\n\r\n" + content
        url = f"{server.url}/raw"
        for source in (url, f" {url}\n", url.upper().replace("RAW", "raw"), {"path": url}):
            assert len(load_reference(source, settings).samples) > 5 * 16_000
        assert len(load_reference({"path": None, "url": url}, settings).samples) > 5 * 16_000


def test_a_clip_comes_within_a_data_url():
    content = clips()[0].path.read_bytes()
    for url in (
        "data:audio/wav;base64," + base64.b64encode(content).decode(),
        "DATA:;base64," + quote(base64.b64encode(content)),
        "data:audio/wav," + quote(content),
    ):
        assert len(load_reference(url, SETTINGS).samples) > 5 * 16_000


def test_a_large_file_is_refused_from_every_source(upload, tone, monkeypatch):
    monkeypatch.setattr(sources, "MAX_BYTES", 1000)
    for source in (upload(tone(2)), "data:," + "x" * 1001, "english-male-rms"):
        with pytest.raises(InputError, match="larger than 25 MB"):
            load_reference(source, SETTINGS)


@pytest.mark.parametrize("nothing", [None, "", {}, {"path": None}, {"path": ""}])
def test_a_missing_clip_is_named_so(nothing):
    with pytest.raises(InputError, match="no reference clip"):
        load_reference(nothing, SETTINGS)


@pytest.mark.parametrize(
    "source",
    [
        "/etc/passwd",
        {"path": "/etc/passwd"},
        {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},
        "file:///etc/passwd",
        "clip.wav",
        "\x00",
        "x" * 10_000,
        {"path": ["a"]},
        5,
    ],
)
def test_nothing_outside_the_upload_folder_is_read(source):
    with pytest.raises(InputError, match="must be an http"):
        load_reference(source, SETTINGS)


def test_neither_dots_nor_links_lead_out_of_the_upload_folder(uploads, tmp_path, tone, upload):
    outside = Path(upload(tone(2))).rename(tmp_path / "outside.wav")
    (uploads / "link.wav").symlink_to(outside)
    for source in (f"{uploads}/../outside.wav", f"{uploads}/link.wav", str(uploads)):
        with pytest.raises(InputError, match="must be an http"):
            load_reference(source, SETTINGS)


def test_an_unusable_clip_gets_its_own_sentence(upload):
    with pytest.raises(InputError, match="not numbers"):
        load_reference(upload(np.full(20_000, np.nan), subtype="FLOAT"), SETTINGS)


def test_what_was_cut_off_is_said(upload, tone):
    path = Path(upload(tone(4), name="clip.flac"))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "cut off" in load_reference(str(path), SETTINGS).warnings[0]


def test_the_name_of_a_file_says_nothing(upload, tone):
    path = Path(upload(tone(2)))
    for name in ("clip.mp3", "clip.m3u8", "clip", "clip.txt"):
        path = path.rename(path.with_name(name))
        assert len(load_reference(str(path), SETTINGS).samples) == 32_000


@pytest.fixture
def internet():
    """Serves an example clip at `/raw`."""
    with loopback() as server:
        server.raw = b"HTTP/1.1 200 OK\r\n\r\n" + clips()[0].path.read_bytes()
        server.loader = ReferenceLoader(Settings(reference_hosts=f"127.0.0.1:{server.port}"))
        yield server


def test_a_clip_is_downloaded_once_for_all_who_look_at_it_or_clone_from_it(internet):
    url = f"{internet.url}/raw"
    with ThreadPoolExecutor(4) as threads:
        at_once = list(threads.map(internet.loader.load, [url] * 4))
    later = internet.loader.load(url, start=1)
    assert len(internet.asked) == 1
    assert {len(reference.whole) for reference in (*at_once, later)} == {len(later.whole)}


def test_a_clip_that_could_not_be_had_is_asked_for_again(internet):
    clip, internet.raw = internet.raw, b"HTTP/1.1 500 Broken\r\n\r\n"
    with pytest.raises(InputError, match="could not be downloaded"):
        internet.loader.load(f"{internet.url}/raw")
    internet.raw = clip
    assert internet.loader.load(f"{internet.url}/raw").seconds > 5


def test_an_uploaded_clip_that_has_changed_is_read_anew(upload, tone):
    loader = ReferenceLoader(SETTINGS)
    assert loader.load(upload(tone(2))).seconds == 2
    assert loader.load(upload(tone(3))).seconds == 3


def test_a_clip_that_was_deleted_is_gone_at_once(upload, tone):
    loader, path = ReferenceLoader(SETTINGS), upload(tone(2))
    loader.load(path)
    Path(path).unlink()
    with pytest.raises(InputError, match="must be an http"):
        loader.load(path)


def test_nobody_can_change_the_clip_that_others_get(upload, tone):
    loader, path = ReferenceLoader(SETTINGS), upload(tone(2))
    with pytest.raises(ValueError, match="read-only"):
        loader.load(path).whole[:] = 0

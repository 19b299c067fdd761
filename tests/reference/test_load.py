import base64
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest

from tests.reference.loopback import loopback
from voxcpm_space.errors import InputError
from voxcpm_space.examples import clips
from voxcpm_space.reference import load_reference, sources
from voxcpm_space.settings import Settings

SETTINGS = Settings()


def test_an_uploaded_file_is_read_by_path_and_as_handle_file_sends_it(upload, tone):
    path = upload(tone(2))
    by_path = load_reference(path, SETTINGS)
    as_sent = load_reference({"path": path, "meta": {"_type": "gradio.FileData"}}, SETTINGS)
    assert len(by_path) == len(as_sent) == 32_000


def test_an_example_clip_is_named_by_its_file_s_name():
    assert len(load_reference("english-male-rms", SETTINGS)) > 5 * 16_000


def test_a_clip_comes_by_url_also_as_handle_file_sends_it():
    content = clips()[0].path.read_bytes()
    with loopback() as server:
        settings = Settings(reference_hosts=f"127.0.0.1:{server.port}")
        server.raw = b"HTTP/1.1 200 OK\r\n\r\n" + content
        url = f"{server.url}/raw"
        for source in (url, f" {url}\n", url.upper().replace("RAW", "raw"), {"path": url}):
            assert len(load_reference(source, settings)) > 5 * 16_000
        assert len(load_reference({"path": None, "url": url}, settings)) > 5 * 16_000


def test_a_clip_comes_within_a_data_url():
    content = clips()[0].path.read_bytes()
    for url in (
        "data:audio/wav;base64," + base64.b64encode(content).decode(),
        "DATA:;base64," + quote(base64.b64encode(content)),
        "data:audio/wav," + quote(content),
    ):
        assert len(load_reference(url, SETTINGS)) > 5 * 16_000


@pytest.mark.parametrize("url", ["data:", "data:audio/wav;base64", "data:audio/wav;base64,A"])
def test_a_broken_data_url_is_named_so(url):
    with pytest.raises(InputError, match="data: URL that cannot be read"):
        load_reference(url, SETTINGS)


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


@pytest.mark.parametrize(
    ("samples", "complaint"),
    [
        (np.zeros(0), "only 0.0 s long"),
        (np.full(8_000, 0.1), "only 0.5 s long"),
        (np.zeros(20_000), "is silent"),
        (np.full(20_000, np.nan), "not numbers"),
        (np.full(20_000, np.inf), "not numbers"),
    ],
)
def test_an_unusable_clip_gets_its_own_sentence(upload, samples, complaint):
    with pytest.raises(InputError, match=complaint):
        load_reference(upload(samples.astype(np.float32), subtype="FLOAT"), SETTINGS)


def test_the_name_of_a_file_says_nothing(upload, tone):
    path = Path(upload(tone(2)))
    for name in ("clip.mp3", "clip.m3u8", "clip", "clip.txt"):
        assert len(load_reference(str(path.rename(path.with_name(name))), SETTINGS)) == 32_000
        path = path.with_name(name)

"""Uploads: where they go, how many there may be, and that nothing of a failed one is left."""

import shutil

import pytest
from starlette.requests import ClientDisconnect
from starlette.testclient import TestClient

from voxcpm_space.api.access import upload_limit
from voxcpm_space.api.access.access import Access
from voxcpm_space.api.access.gate import Gate
from voxcpm_space.api.http_api import http_api
from voxcpm_space.api.service import SpeechService
from voxcpm_space.api.uploads import uploads_router
from voxcpm_space.compat.gradio import upload_folder
from voxcpm_space.kept_files import KeptFiles
from voxcpm_space.outputs import Outputs
from voxcpm_space.own_folder import OwnFolder, files_in
from voxcpm_space.reference.fetch import MAX_BYTES
from voxcpm_space.settings import Settings
from voxcpm_space.studio import Studio

PATH = "/gradio_api/upload"


@pytest.fixture
def opened(engine, monkeypatch):
    """Opens the routes on a folder: `opened(uploads, rate_limit="2/hour")`."""
    clients = []

    def open_routes(root, **settings):
        folder = OwnFolder(root)
        monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder.path))
        settings = Settings(**{"asr_model": "", "rate_limit": ""} | settings)
        access = Access(settings)
        kept = KeptFiles(folder, settings.keep_seconds, settings.keep_megabytes * 2**20)
        service = SpeechService(Studio(settings, engine, Outputs(3600)), access)
        api = http_api(service)
        api.include_router(uploads_router(service, kept))
        api.get_blocks = lambda: None  # Gradio's, beside which the routes stand
        clients.append((TestClient(Gate(api, access)).__enter__(), folder))
        return clients[-1][0]

    yield open_routes
    for client, folder in clients:
        client.__exit__(None, None, None)
        folder.remove()


@pytest.fixture
def http(opened, uploads):
    return opened(uploads)


def sent(http, *contents, name="clip.wav", **options):
    return http.post(PATH, files=[("files", (name, content)) for content in contents], **options)


def left():
    return [path.name for path, _ in files_in(upload_folder())]


def test_an_upload_is_answered_with_its_path_below_the_hash_of_its_content(http):
    (path,) = sent(http, b"sound").json()
    assert upload_folder().joinpath(path).read_bytes() == b"sound"
    assert sent(http, b"sound").json() == [path]
    assert left() == ["clip.wav"]


def test_it_may_hold_several_files_but_no_path_of_another_folder(http):
    first, second = sent(http, b"one", b"two", name="../../clip.wav").json()
    assert first != second
    assert left() == ["clip.wav"] * 2


@pytest.mark.parametrize("name", ["..", "/", "a" * 300, "\x00", "clip\r\n.wav", "声音.wav"])
def test_whatever_its_name_is_it_can_be_stored(http, name):
    (path,) = sent(http, b"sound", name=name).json()
    assert upload_folder() in upload_folder().joinpath(path).resolve().parents
    assert upload_folder().joinpath(path).is_file()


def test_what_is_no_upload_is_refused_with_a_sentence(http):
    for headers in ({}, {"Content-Type": "multipart/form-data"}):
        response = http.post(PATH, content=b"sound", headers=headers)
        assert (response.status_code, "This is no upload" in response.text) == (400, True)


def test_a_file_that_is_too_large_is_refused_and_nothing_of_it_stays(http):
    response = sent(http, bytes(MAX_BYTES + 1))
    assert (response.status_code, "larger than 25 MB" in response.text) == (400, True)
    assert left() == []


def test_a_refusal_is_in_the_language_that_is_asked_for(http):
    response = http.post(PATH, content=b"", headers={"Accept-Language": "zh"})
    assert "multipart/form-data" in response.text
    assert "这" in response.text


def test_one_address_may_upload_only_so_many_files(opened, uploads, monkeypatch):
    monkeypatch.setattr(upload_limit, "_MOST_FILES", 3)
    http = opened(uploads)
    assert sent(http, b"1", b"2").status_code == 200
    refused = sent(http, b"3", b"4")
    assert refused.status_code == 429
    assert "Only 3 files in 60 minutes can be uploaded. Please try again in 3600 s." in refused.text
    assert int(refused.headers["Retry-After"]) > 3000
    assert len(left()) == 2
    assert sent(http, b"5").status_code == 200


def test_one_address_may_upload_only_so_much_and_is_stopped_before_all_has_come(
    opened, uploads, monkeypatch
):
    monkeypatch.setattr(upload_limit, "_MOST_MEGABYTES", 3)
    http = opened(uploads)
    assert sent(http, bytes(2**20)).status_code == 200
    refused = sent(http, bytes(5 * 2**20))
    assert (refused.status_code, "Only 3 MB in 60 minutes" in refused.text) == (429, True)
    assert len(left()) == 1


def test_who_leaves_in_the_middle_leaves_nothing_behind(http):
    def parts():
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.wav"\r\n\r\n'
        yield bytes(2**20)
        raise ClientDisconnect

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert http.post(PATH, content=parts(), headers=headers).status_code == 499
    assert left() == []


def test_what_a_full_disk_cannot_hold_is_refused_and_leaves_no_part(opened, small_disk):
    http = opened(small_disk)
    (small_disk / "filling").write_bytes(bytes(shutil.disk_usage(small_disk).free - 2**20))
    response = sent(http, bytes(2**22))
    assert (response.status_code, "its disk is full" in response.text) == (500, True)
    assert left() == []
    (small_disk / "filling").unlink()
    assert sent(http, bytes(2**22)).status_code == 200


def test_a_folder_that_was_deleted_is_made_again(http, uploads):
    shutil.rmtree(uploads)
    assert sent(http, b"sound").status_code == 200
    assert left() == ["clip.wav"]


def test_uploads_are_counted_by_the_minute_like_requests_but_apart_from_them(opened, uploads):
    http = opened(uploads, rate_limit="2/hour")
    assert [sent(http, b"sound").status_code for _ in range(3)] == [200, 200, 429]
    assert http.post("/voxcpm/v1/text-to-speech", json={"text": "Hi."}).status_code == 200

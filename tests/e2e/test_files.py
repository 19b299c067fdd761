"""Files are served by our own routes: as players ask for them, and with nothing of the request."""

import re
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.e2e.server import ROOT
from tests.sharing import shared

SECRETS = {"Cookie": "session=secret-1", "Ocp-Apim-Subscription-Key": "secret-2"}
CLIP = ROOT / "examples" / "clips" / "english-male-rms.wav"


@shared
def files(in_process, engine):
    with in_process(engine) as server:
        yield server


@pytest.fixture
def link(files):
    answer = httpx.post(
        f"{files.url}/voxcpm/v1/text-to-speech", json={"text": "Hello.", "dit_steps": 1}
    )
    return answer.json()["output"]


def by_path(server, path):
    return f"{server.url}/gradio_api/file={quote(str(path))}"


def upload(server, name, content):
    (path,) = httpx.post(f"{server.url}/gradio_api/upload", files={"files": (name, content)}).json()
    return path


@pytest.fixture(params=["link", "path"])
def made(request, files, link):
    """A made file's URL: as the answer has it, and as the page's players build it."""
    return link if request.param == "link" else by_path(files, file_of(files, link))


def file_of(server, link):
    return server.uploads.resolve() / "speech" / link.rsplit("/", 1)[-1]


def test_a_link_is_short_and_tells_nothing_of_the_machine(files, link):
    assert re.fullmatch(rf"{files.url}/speech/[\w-]{{22}}\.wav", link)


def test_an_answer_has_nothing_of_the_request(made):
    for asked in ({}, {"Range": "bytes=0-9"}, {"Range": "bytes=0-1,4-5"}, {"Range": "bytes=x"}):
        answer = httpx.get(made, headers=SECRETS | asked)
        assert "secret" not in str(answer.headers)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_has_a_name_that_people_can_read(made):
    disposition = httpx.get(made).headers["Content-Disposition"]
    assert re.fullmatch(r'inline; filename="speech-\d{4}(-\d\d){2}-\d{6}\.wav"', disposition)


def test_a_part_is_sent_where_a_player_asks_for_it(files, link, made):
    content = file_of(files, link).read_bytes()
    whole = httpx.get(made)
    assert (whole.status_code, whole.content) == (200, content)
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert whole.headers["Content-Type"] == "audio/wav"
    part = httpx.get(made, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, content[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(content)}"
    end = httpx.get(made, headers={"Range": "bytes=-5"})
    assert (end.status_code, end.content) == (206, content[-5:])
    parts = httpx.get(made, headers={"Range": "bytes=0-3,8-11"})
    assert parts.status_code == 206
    assert b"RIFF" in parts.content
    assert b"WAVE" in parts.content


@pytest.mark.parametrize("asked", ["bytes=0-9-5", "bytes=9-5", "bytes=", "bytes=x-y", "lines=1-2"])
def test_the_whole_is_sent_where_no_part_is_asked_for_rightly(made, asked):
    assert httpx.get(made, headers={"Range": asked}).status_code == 200


def test_what_lies_behind_the_end_is_a_416(made):
    beyond = httpx.get(made, headers={"Range": "bytes=999999999-"})
    assert beyond.status_code == 416
    assert beyond.headers["Content-Range"].startswith("bytes */")


def test_what_a_browser_has_already_is_not_sent_again(made):
    tag = httpx.get(made).headers["ETag"]
    again = httpx.get(made, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    head = httpx.head(made)
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", tag)
    assert int(head.headers["Content-Length"]) > 44


@pytest.mark.parametrize(
    ("name", "content_type", "disposition"),
    [
        ("clip.wav", "audio/wav", "inline"),
        ("page.html", "application/octet-stream", "attachment"),
        ("picture.svg", "application/octet-stream", "attachment"),
        ("script.js", "application/octet-stream", "attachment"),
    ],
)
def test_no_upload_runs_as_a_page_of_the_server(files, name, content_type, disposition):
    answer = httpx.get(by_path(files, upload(files, name, b"<script>alert(1)</script>")))
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Content-Disposition"] == f'{disposition}; filename="{name}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        *["/etc/passwd", str(CLIP), "{uploads}/../../../etc/passwd", "{uploads}/link"],
        *["{uploads}", "{uploads}/speech", "", "x\0y", "x" * 5000, "../app.py"],
    ],
)
def test_only_what_was_uploaded_or_made_is_sent(files, path):
    passage = files.uploads / "link"
    passage.unlink(missing_ok=True)
    passage.symlink_to("/etc/passwd")
    answer = httpx.get(by_path(files, path.format(uploads=files.uploads)))
    assert answer.status_code == 404
    assert answer.json()["message"] == "There is no such file, or it has expired."
    assert "root:" not in answer.text


@pytest.mark.parametrize("name", ["nothing.wav", "%2e%2e%2f", "x" * 5000, "a%00b", "..%5cx"])
def test_a_link_leads_to_made_files_only(files, name):
    answer = httpx.get(f"{files.url}/speech/{name}")
    assert answer.status_code == 404
    assert "message" in answer.json()


def test_a_file_that_has_expired_is_a_404(files, link):
    Path(file_of(files, link)).unlink()
    assert httpx.get(link).status_code == 404


def test_the_server_fetches_no_file_of_another(files, internet):
    answer = httpx.get(f"{files.url}/gradio_api/file={internet}/english-male-rms.wav")
    assert answer.status_code == 404

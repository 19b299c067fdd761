"""Made files in a real S3 store."""

import os
import secrets
import time

import httpx
import pytest

from voxcpm_space.errors import ResultsError, StartError
from voxcpm_space.outputs import Outputs
from voxcpm_space.results import ResultStore
from voxcpm_space.settings import Settings
from voxcpm_space.studio import Studio, finished

pytestmark = pytest.mark.slow

HOUR = 3600


@pytest.fixture
def store(bucket):
    """Opens the store of the bucket: `store(prefix, setting=value)`."""

    def opened(prefix="", **settings):
        return ResultStore(Settings(results=f"s3://{bucket.name}{prefix}", **settings))

    return opened


@pytest.fixture
def made(tmp_path):
    """Makes files as `Outputs` names them."""

    def make(content=b"RIFF"):
        path = tmp_path / f"{secrets.token_urlsafe(16)}.wav"
        path.write_bytes(content)
        return path

    return make


@pytest.fixture
def studio(engine, bucket):
    settings = Settings(asr_model="", results=f"s3://{bucket.name}/made")
    return Studio(settings, engine, Outputs(keep_seconds=HOUR))


def test_a_link_that_is_signed_leads_to_the_file_and_to_nothing_else(store, made):
    file, other = made(), made(b"other")
    opened = store("/a/prefix")
    link, link_of_other = opened.publish(file), opened.publish(other)
    answer = httpx.get(link)
    assert (answer.content, answer.headers["Content-Type"]) == (b"RIFF", "audio/wav")
    assert httpx.get(link.partition("?")[0]).is_client_error
    assert httpx.get(link.replace(file.name, other.name)).status_code == 403
    assert httpx.get(link_of_other).content == b"other"


def test_files_lie_below_the_prefix(bucket, store, made):
    file = made()
    store("/a/prefix").publish(file)
    assert (bucket / "a" / "prefix" / file.name).exists()


def test_where_the_store_is_public_links_are_plain(store, made):
    file = made()
    link = store("/made", results_url="https://files.example/made/").publish(file)
    assert link == f"https://files.example/made/{file.name}"


def test_a_large_file_goes_there_in_parts(bucket, store, made):
    content = secrets.token_bytes(12 * 2**20)
    file = made(content)
    store().publish(file)
    assert (bucket / file.name).read_bytes() == content


@pytest.mark.parametrize(
    ("variable", "value"),
    [("AWS_SECRET_ACCESS_KEY", "wrong"), ("AWS_ENDPOINT_URL", "http://127.0.0.1:9")],
)
def test_a_store_that_cannot_be_written_ends_the_start(store, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(StartError, match=r"VOXCPM_RESULTS=s3://.* cannot be written"):
        store()


@pytest.mark.usefixtures("bucket")
def test_a_bucket_that_is_not_there_ends_the_start():
    with pytest.raises(StartError, match=r"cannot be written.*404"):
        ResultStore(Settings(results="s3://no-such-bucket/made"))


def test_what_is_old_enough_is_deleted_and_nothing_that_is_not_ours(bucket, store, made):
    opened = store("/made", keep_seconds=HOUR)
    old, new = made(), made()
    for file in (old, new):
        opened.publish(file)
    foreign = bucket / "made" / "notes.txt"
    foreign.write_text("Keep me.")
    for path in (bucket / "made" / old.name, foreign):
        os.utime(path, (time.time() - 2 * HOUR,) * 2)
    opened.expire()
    left = {path.name for path in (bucket / "made").iterdir()}
    assert left == {new.name, "notes.txt", "voxcpm-probe"}


def test_a_program_s_speech_is_there_and_a_page_s_is_not(studio, bucket):
    speech = finished(studio.speak({"text": "Hello."}, is_published=True))
    assert httpx.get(speech.url).content == speech.path.read_bytes()
    of_the_page = finished(studio.speak({"text": "Hello."}))
    assert of_the_page.url == ""
    assert not (bucket / "made" / of_the_page.path.name).exists()


def test_a_store_that_is_down_is_said_before_the_model_works_and_used_when_it_is_back(
    s3, studio, requests
):
    assert studio.problems() == []
    s3.stop()
    with pytest.raises(ResultsError, match="Please try again in a minute"):
        finished(studio.speak({"text": "Hello."}, is_published=True))
    assert len(requests) == 1  # it was not known before
    with pytest.raises(ResultsError):
        finished(studio.speak({"text": "Hello."}, is_published=True))
    assert len(requests) == 1
    assert studio.problems() == [str(ResultsError())]
    assert finished(studio.speak({"text": "Hello."})).path.exists()
    s3.start()
    assert studio.problems() == []
    assert finished(studio.speak({"text": "Hello."}, is_published=True)).url

"""Links into a store that several servers share, as programs get them."""

import httpx
import pytest
from gradio_client import Client

from tests.e2e.accounts import AccountsFile

pytestmark = pytest.mark.slow


@pytest.fixture
def accounts(tmp_path):
    return AccountsFile(tmp_path)


@pytest.fixture
def server(in_process, engine, bucket, accounts):
    """A closed server whose results go to the bucket."""
    accounts.key = accounts.add("ann", "--seconds=100")
    with in_process(engine, accounts=accounts.path, results=f"s3://{bucket.name}/made") as server:
        yield server


def test_every_door_that_answers_with_a_link_gives_one_into_the_store_and_charges_what_is_there(
    s3, server, accounts
):
    def post(path, **fields):
        headers = {"Ocp-Apim-Subscription-Key": accounts.key}
        url = f"{server.url}/voxcpm/v1/{path}"
        return httpx.post(url, json={"text": "Hello there."} | fields, headers=headers, timeout=60)

    spoken = post("text-to-speech").json()["output"]
    cloned = post("voice-cloning", reference_audio_url="english-male-rms").json()["url"]
    client = Client(server.url, auth=("ann", accounts.key), verbose=False)
    by_gradio = client.predict(text="Hello there.", api_name="/text-to-speech")["output"]
    for link in (spoken, cloned, by_gradio):
        assert link.startswith(f"{s3.url}/")
        assert httpx.get(link).content.startswith(b"RIFF")

    before = accounts.run("list")
    s3.stop()
    refused = post("text-to-speech")
    assert (refused.status_code, accounts.run("list")) == (503, before)
    assert "takes none now" in refused.json()["message"]
    assert httpx.get(f"{server.url}/readyz").status_code == 503
    s3.start()
    assert post("text-to-speech").status_code == 200
    client.close()

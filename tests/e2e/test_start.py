import socket

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from playwright.sync_api import expect

from tests.e2e.proxy import Proxy
from tests.fake_hub import FakeHub
from voxcpm_space.engine.checkpoint import HUB_ID

NO_NETWORK = {"HF_ENDPOINT": "http://127.0.0.1:9"}


def test_without_a_network_the_preview_speaks_and_log_page_and_headers_say_so(start):
    server = start(**NO_NETWORK).wait_for_page().wait_until_ready()
    assert "The embedded preview speaks instead" in server.log
    assert httpx.get(server.url).headers["X-Model"] == "voxcpm-preview"


def test_where_the_hub_is_there_the_model_is_downloaded_while_the_page_is_up(
    start, browser, tiny_checkpoint, tmp_path
):
    with FakeHub(HUB_ID, tiny_checkpoint, held=True) as hub:
        server = start(**hub.environment(tmp_path / "hub")).wait_for_page()
        client = Client(server.url, verbose=False)
        hub.wait_for_a_download()
        page = browser.new_page()
        page.goto(server.url)
        expect(page.locator("#model-banner")).to_contain_text("Downloading the model")
        with pytest.raises(AppError, match="still being downloaded"):
            client.predict("Hello.", api_name="/text-to-speech")
        hub.release()
        server.wait_until_ready()
        expect(page.locator("#model-banner")).not_to_contain_text("model")
        page.close()
        client.predict("Hello.", 2.0, 1, api_name="/text-to-speech")
        assert httpx.get(server.url).headers["X-Model"] == HUB_ID
        client.close()


def assert_ended_with(server, sentence):
    assert server.wait_for_exit() == 1
    assert sentence in server.log.splitlines()[-1]
    assert "Traceback" not in server.log


def test_a_named_model_that_cannot_be_had_ends_the_start(start):
    server = start(VOXCPM_MODEL=HUB_ID, **NO_NETWORK)
    assert_ended_with(server, "Connect to the network and start again")


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"VOXCPM_MODEL": "tests"}, "tests is not a VoxCPM2 checkpoint: no config"),
        ({"VOXCPM_MODEL": "nonsense"}, "VOXCPM_MODEL='nonsense' cannot be used; it must be auto"),
        ({"GRADIO_TEMP_DIR": "/dev/null/x"}, "/dev/null/x cannot be written"),
        ({"VOXCPM_DEVICE": "gpu"}, "VOXCPM_DEVICE='gpu' cannot be used; it must be auto, cpu"),
    ],
)
def test_a_start_that_cannot_work_ends_with_one_sentence(start_fork, environment, sentence):
    assert_ended_with(start_fork(**environment), sentence)


def test_a_port_that_is_taken_ends_the_start_with_one_sentence(start_fork):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        server = start_fork(VOXCPM_MODEL="preview", GRADIO_SERVER_PORT=str(port))
        assert_ended_with(server, f"cannot listen on port {port}")
    assert list(server.uploads.glob("voxcpm-*")) == []


def test_what_was_made_is_deleted_at_the_end(start_fork):
    server = start_fork(VOXCPM_MODEL="preview").wait_for_page().wait_until_ready()
    client = Client(server.url, verbose=False)
    client.predict("Hello.", api_name="/text-to-speech")
    assert len(server.made_files()) == 1
    client.close()
    server.stop()
    assert list(server.uploads.glob("voxcpm-*")) == []
    assert "Traceback" not in server.log


def test_under_a_path_behind_a_proxy_everything_works(start_fork):
    server = start_fork(VOXCPM_MODEL="preview", GRADIO_ROOT_PATH="/voice")
    server.wait_for_page().wait_until_ready()
    with Proxy(server.url, "/voice") as url:
        client = Client(url, verbose=False)
        answer = client.predict("Hello.", api_name="/text-to-speech")
        assert answer["output"].startswith(f"{url}/speech/")
        assert httpx.get(answer["output"]).headers["Content-Type"] == "audio/wav"
        client.close()

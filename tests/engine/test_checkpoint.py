import json
import shutil

import pytest

from tests.fake_hub import FakeHub
from voxcpm_space.engine.checkpoint import HUB_ID, PREVIEW_FOLDER, find_checkpoint
from voxcpm_space.errors import StartError


def find(model, report=lambda _: None, *, may_fall_back=True):
    return find_checkpoint(model, report, may_fall_back=may_fall_back)


@pytest.fixture
def hub(tiny_checkpoint, tmp_path, monkeypatch):
    with FakeHub(HUB_ID, tiny_checkpoint) as hub:
        hub.use(monkeypatch, cache=tmp_path / "hub")
        yield hub


def test_the_preview_needs_nothing():
    checkpoint = find("preview")
    assert checkpoint.is_preview
    assert checkpoint.folder == PREVIEW_FOLDER


def test_a_folder_is_used_as_it_is(tiny_checkpoint):
    checkpoint = find(str(tiny_checkpoint))
    assert (checkpoint.folder, checkpoint.is_preview) == (tiny_checkpoint, False)


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("config.json", "no config"),
        ("tokenizer.json", "no tokenizer"),
        ("model.safetensors", "no weights"),
        ("audiovae.safetensors", "no AudioVAE"),
    ],
)
def test_a_folder_without_one_of_the_files_is_named_with_what_is_missing(
    tiny_checkpoint, tmp_path, file, named
):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "copy")
    (folder / file).unlink()
    with pytest.raises(StartError, match=f"is not a VoxCPM2 checkpoint: {named}"):
        find(str(folder))


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({"architecture": "voxcpm"}, "holds the architecture 'voxcpm', not voxcpm2"),
        ({"model_type": "llama"}, "names no architecture"),
        ([], "names no architecture"),
    ],
)
def test_another_model_is_named_as_such(tiny_checkpoint, tmp_path, config, complaint):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "copy")
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(StartError, match=complaint):
        find(str(folder))


def test_auto_downloads_the_model_with_progress_and_finds_it_in_the_cache_next_time(hub):
    done = []
    assert find("auto", done.append).name == HUB_ID
    assert done == sorted(done)
    assert done[-1] == 1

    hub.stop()
    again = find("auto", done.append)
    assert (again.name, again.is_preview) == (HUB_ID, False)


@pytest.mark.usefixtures("hub")
def test_an_interrupted_download_is_gone_on_with():
    checkpoint = find("auto")
    assert not checkpoint.is_preview
    (checkpoint.folder / "model.safetensors").unlink()
    find("auto")
    assert (checkpoint.folder / "model.safetensors").is_file()


def test_auto_falls_back_to_the_preview_where_there_is_no_hub_and_says_why(hub):
    hub.stop()
    checkpoint = find("auto")
    assert checkpoint.is_preview
    assert "could not be downloaded" in checkpoint.why_preview


def test_a_named_model_has_no_fallback(hub):
    hub.stop()
    with pytest.raises(StartError, match="Connect to the network and start again"):
        find(HUB_ID)


def test_on_zerogpu_auto_has_no_fallback(hub):
    hub.stop()
    with pytest.raises(StartError, match="VOXCPM_MODEL"):
        find("auto", may_fall_back=False)


@pytest.mark.usefixtures("hub")
def test_a_model_that_the_hub_does_not_have_ends_with_a_sentence():
    with pytest.raises(StartError, match="someone/nothing is not in the Hub's cache"):
        find("someone/nothing")

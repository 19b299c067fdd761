from pathlib import Path

import pytest

from voxcpm_space.errors import InputError
from voxcpm_space.reference import load_reference


def test_an_uploaded_file_is_read_by_path_and_as_handle_file_sends_it(upload, tone):
    path = upload(tone(2))
    by_path = load_reference(path, 30)
    as_sent = load_reference({"path": path, "meta": {"_type": "gradio.FileData"}}, 30)
    assert len(by_path) == len(as_sent) == 32_000


def test_an_example_clip_is_named_by_its_file_s_name():
    assert len(load_reference("english-male-rms", 30)) > 5 * 16_000


@pytest.mark.parametrize("nothing", [None, "", {}, {"path": None}, {"path": ""}])
def test_a_missing_clip_is_named_so(nothing):
    with pytest.raises(InputError, match="no reference clip"):
        load_reference(nothing, 30)


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
        load_reference(source, 30)


def test_neither_dots_nor_links_lead_out_of_the_upload_folder(uploads, tmp_path, tone, upload):
    outside = Path(upload(tone(2))).rename(tmp_path / "outside.wav")
    (uploads / "link.wav").symlink_to(outside)
    for source in (f"{uploads}/../outside.wav", f"{uploads}/link.wav", str(uploads)):
        with pytest.raises(InputError, match="must be an http"):
            load_reference(source, 30)

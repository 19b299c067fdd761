from voxcpm_space.settings import load_settings
from voxcpm_space.ui.banner import footer_text


def told():
    return footer_text(load_settings(), "en")


def test_it_says_how_long_files_are_kept(monkeypatch):
    monkeypatch.setenv("VOXCPM_KEEP_SECONDS", "600")
    assert "deleted after 10 minutes" in told()


def test_misuse_is_told_to_whom_the_settings_name_else_to_the_space_else_to_the_runner(monkeypatch):
    assert "to the person who runs this server" in told()
    monkeypatch.setenv("SPACE_ID", "ann/voices")
    assert "'https://huggingface.co/spaces/ann/voices/discussions'" in footer_text(
        load_settings(), "en"
    )
    monkeypatch.setenv("VOXCPM_CONTACT", "mailto:ann@example.com")
    assert "'mailto:ann@example.com'" in told()

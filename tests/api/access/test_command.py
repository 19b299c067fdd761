import re
import stat
import sys

import pytest

from tests.e2e.accounts import AccountsFile
from voxcpm_space.api.access.accounts import Accounts
from voxcpm_space.errors import StartError


@pytest.fixture
def accounts(tmp_path):
    folder = tmp_path / "accounts"
    folder.mkdir()
    return AccountsFile(folder)


def test_a_key_is_printed_once_and_kept_nowhere(accounts):
    key = accounts.add("ann")
    assert len(key) > 40
    for file in accounts.path.parent.iterdir():
        assert key.encode() not in file.read_bytes()
        if sys.platform != "win32":
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert key not in accounts.run("list")


def test_the_list_shows_what_each_may_do(accounts):
    accounts.add("ann")
    accounts.add("bob", "--seconds=90", "--operation=voice-cloning", "--requests-per-minute=5")
    accounts.run("disable", "ann")
    rows = [line.split("\t") for line in accounts.run("list").splitlines()]
    limit = "the server's limit"
    assert rows == [
        ["ann", "disabled", "unlimited", limit, "text-to-speech, voice-cloning"],
        ["bob", "enabled", "90 s", "5 a minute", "voice-cloning"],
    ]


def test_topping_up_adds_to_what_is_left(accounts):
    accounts.add("ann", "--seconds", "1.5")
    assert accounts.run("top-up", "ann", "60") == "ann has 61.5 s\n"


def test_a_new_key_replaces_the_old_one(accounts):
    old = accounts.add("ann")
    new = accounts.run("new-key", "ann").split()[-1]
    kept = Accounts(accounts.path)
    assert kept.with_key(old) is None
    assert kept.with_key(new)[0] == "ann"


def test_comments_and_order_of_the_file_are_kept(accounts):
    accounts.add("ann")
    accounts.path.write_text("# Ours.\n" + accounts.path.read_text() + "\n# The end.\n")
    accounts.run("disable", "ann")
    accounts.run("enable", "ann")
    text = accounts.path.read_text()
    assert text.startswith("# Ours.")
    assert "# The end." in text
    assert "disabled" not in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("add ann --unlimited", "There is an account ann already"),
        ("add bob", "either --seconds or --unlimited"),
        ("add bob --unlimited --seconds 5", "either --seconds or --unlimited"),
        ("add bob/../x --unlimited", "should match pattern"),
        ("add bob --unlimited --operation sing", "'text-to-speech' or 'voice-cloning'"),
        ("disable bob", "There is no account bob"),
        ("top-up bob 5", "There is no account bob"),
    ],
)
def test_a_mistake_is_answered_with_a_sentence_and_changes_nothing(accounts, arguments, sentence):
    accounts.add("ann")
    before = accounts.path.read_text()
    with pytest.raises(StartError, match=re.escape(sentence)):
        accounts.run(*arguments.split())
    assert accounts.path.read_text() == before
    assert len(list(accounts.path.parent.glob("*"))) == 2  # no half-written file beside them

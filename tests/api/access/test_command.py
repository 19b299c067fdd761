import re
import stat
import sys

import pytest

from tests.e2e.accounts import AccountsFile
from voxcpm_space.api.access.access import Access
from voxcpm_space.api.access.accounts import Accounts
from voxcpm_space.errors import StartError
from voxcpm_space.settings import Settings


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


def database(accounts):
    return accounts.path.with_suffix(".sqlite3")


def test_balances_that_are_lost_come_back_from_a_copy(accounts, tmp_path):
    accounts.add("ann", "--seconds", "60")
    accounts.run("backup", str(tmp_path / "copy.sqlite3"))
    database(accounts).unlink()
    for arguments in ("list", "top-up ann 5", "add bob --seconds 5"):
        with pytest.raises(StartError, match="restore COPY"):
            accounts.run(*arguments.split())
    accounts.run("restore", str(tmp_path / "copy.sqlite3"))
    assert "60 s" in accounts.run("list")


def test_without_a_copy_new_balances_are_made_only_where_the_old_ones_are_lost(accounts):
    accounts.add("ann", "--seconds", "60")
    with pytest.raises(StartError, match="The balances are in order"):
        accounts.run("restore")
    database(accounts).write_bytes(b"\xff" * 4096)
    accounts.run("restore")
    assert "0 s" in accounts.run("list")


def test_a_server_does_not_start_without_the_balances_of_who_has_to_pay(accounts):
    accounts.add("ann")
    accounts.path.with_suffix(".sqlite3").unlink()
    settings = Settings(accounts=accounts.path)
    Access(settings)  # nobody has a balance to lose
    accounts.add("bob", "--seconds", "60")
    database(accounts).unlink()
    with pytest.raises(StartError, match="unable to open database file"):
        Access(settings)


def test_a_copy_that_is_none_changes_nothing(accounts, tmp_path):
    accounts.add("ann", "--seconds", "60")
    (tmp_path / "notes.txt").write_text("These are no balances.")
    for copy in (tmp_path / "none.sqlite3", tmp_path / "notes.txt"):
        with pytest.raises(StartError, match=f"{copy} cannot be read, or is no copy"):
            accounts.run("restore", str(copy))
    with pytest.raises(StartError, match="cannot be copied"):
        accounts.run("backup", str(tmp_path / "no folder" / "copy.sqlite3"))
    assert "60 s" in accounts.run("list")
    assert len(list(accounts.path.parent.glob("*"))) == 2

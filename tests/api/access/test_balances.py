import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.api.access.customers import CHARGES, at_once
from voxcpm_space.api.access import balances as module
from voxcpm_space.api.access.balances import Balances, restore
from voxcpm_space.errors import AccountsError, StartError

KILLED_WHILE_CHARGING = """
import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1])
with database:
    database.execute("UPDATE balance SET milliseconds = 1")
os._exit(0)
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "balances.sqlite3"
    Balances.create(path)
    return path


def test_what_is_left_survives_a_restart_to_the_millisecond(path):
    Balances(path).add("ann", 10)
    for _ in range(3):
        Balances(path).add("ann", -0.1)
    assert Balances(path).seconds("ann") == 9.7
    assert Balances(path).seconds("bob") == 0


def test_several_processes_charge_one_account_and_no_charge_is_lost(path):
    Balances(path).add("ann", 100)
    assert at_once("charge", path, customers=4) == [CHARGES] * 4
    assert Balances(path).seconds("ann") == 80


def test_links_are_signed_alike_by_all_who_share_the_database_and_by_no_one_else(path, tmp_path):
    assert Balances(path).link_secret == Balances(path).link_secret
    assert Balances.create(tmp_path / "other.sqlite3").link_secret != Balances(path).link_secret


def test_where_several_make_the_database_at_once_they_have_one(tmp_path):
    path = tmp_path / "new.sqlite3"
    with ThreadPoolExecutor(8) as starting:
        made = list(starting.map(Balances.create, [path] * 8))
    assert len({balances.link_secret for balances in made}) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "unable to open database file"),
        (b"", "no such table"),
        (b"\xff" * 4096, "file is not a database"),
    ],
    ids=["deleted", "emptied", "overwritten"],
)
def test_what_is_lost_is_never_made_anew_unasked(path, content, reason):
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(StartError, match=reason) as refusal:
        Balances(path)
    assert "restore COPY" in str(refusal.value)
    assert path.exists() == (content is not None)


def test_a_damaged_page_is_found_at_the_start(path):
    with closing(sqlite3.connect(path)) as database, database:
        rows = [(f"account {number}", 10) for number in range(500)]
        database.executemany("INSERT INTO balance VALUES (?, ?)", rows)
    content = bytearray(path.read_bytes())
    content[-4096:] = b"\x01" * 4096
    path.write_bytes(content)
    with pytest.raises(StartError, match="cannot be used"):
        Balances(path)


def test_a_database_that_stays_locked_is_an_error_with_a_sentence(path, monkeypatch):
    monkeypatch.setattr(module, "_LOCK_SECONDS", 0.05)
    balances = Balances(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as another:
        another.execute("BEGIN EXCLUSIVE")
        with pytest.raises(AccountsError, match="cannot read or write the balances"):
            balances.reserve("a take", "ann", 1)
        with pytest.raises(StartError, match="database is locked"):
            Balances(path)
    balances.add("ann", 1)
    assert balances.seconds("ann") == 1


def test_a_copy_can_be_put_back_while_a_server_runs(path, tmp_path):
    running, copy = Balances(path), tmp_path / "copy.sqlite3"
    running.add("ann", 10)
    running.copy_to(copy)
    path.write_bytes(b"\xff" * 4096)
    restore(path, copy)
    assert running.seconds("ann") == 10
    assert Balances(path).link_secret == running.link_secret
    assert path.with_name(f"{path.name}.old").read_bytes() == b"\xff" * 4096


def test_a_copy_is_put_back_without_what_a_killed_server_had_not_yet_written(path, tmp_path):
    copy = tmp_path / "copy.sqlite3"
    Balances(path).add("ann", 10)
    Balances(path).copy_to(copy)
    subprocess.run([sys.executable, "-c", KILLED_WHILE_CHARGING, path], check=True)
    assert path.with_name(f"{path.name}-wal").stat().st_size
    restore(path, copy)
    assert Balances(path).seconds("ann") == 10


def test_a_database_of_an_earlier_version_goes_on(path):
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP TABLE reservation")
    Balances(path).add("ann", 1)
    Balances(path).reserve("a take", "ann", 1)

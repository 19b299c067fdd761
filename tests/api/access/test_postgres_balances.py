"""Balances in a real PostgreSQL server, which several processes charge."""

import os
import shutil
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from tests.api.access.customers import CHARGES, at_once
from tests.e2e.accounts import AccountsFile
from voxcpm_space.api.access.access import Access
from voxcpm_space.api.access.balances import LEASE_SECONDS
from voxcpm_space.api.access.postgres_balances import PostgresBalances
from voxcpm_space.errors import AccountsError, BalanceError, StartError
from voxcpm_space.settings import Settings

pytestmark = pytest.mark.slow


class Postgres:
    """A PostgreSQL server on loopback, as Debian's or another's programs start it."""

    def __init__(self, programs, folder):
        self._programs, self._data = programs, folder / "data"
        self._as = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self._data.mkdir()
        if self._as:
            shutil.chown(self._data, **self._as)
        how = ["--username=owner", "--auth=trust", "--no-sync", "--encoding=UTF8"]
        with self._running("initdb", *how) as process:
            assert process.wait() == 0
        self.start()

    def start(self):
        listening = ["-h", "127.0.0.1", "-p", str(self._port), "-k", ""]
        self._server = self._running("postgres", *listening, "-F")
        end = time.monotonic() + 60
        while not self._answers():
            assert time.monotonic() < end
            assert self._server.poll() is None

    def stop(self):
        self._server.send_signal(signal.SIGINT)  # at once, whoever is connected
        self._server.wait()

    def database(self, name):
        """Makes a database, and gives its URL."""
        with psycopg.connect(self._url("postgres"), autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{name}"')
        return self._url(name)

    def _url(self, name):
        return f"postgresql://owner@127.0.0.1:{self._port}/{name}"

    def _answers(self):
        try:
            psycopg.connect(self._url("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def _running(self, program, *options):
        command = [self._programs / program, "-D", self._data, *options]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(command, cwd="/", **quiet, **self._as)


def find_programs():
    """Gives the folder of PostgreSQL's programs; Debian has it off the path."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@pytest.fixture(scope="module")
def postgres():
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed.")
    with TemporaryDirectory() as folder:  # pytest closes its own to the server's user
        Path(folder).chmod(0o755)
        server = Postgres(programs, Path(folder))
        yield server
        server.stop()


@pytest.fixture
def url(postgres, request):
    return postgres.database(request.node.name[:60])


def test_what_is_left_survives_a_restart_to_the_millisecond(url):
    PostgresBalances.create(url).add("ann", 10)
    for _ in range(3):
        PostgresBalances(url).add("ann", -0.1)
    assert PostgresBalances(url).seconds("ann") == 9.7
    assert PostgresBalances(url).seconds("bob") == 0


def test_several_processes_charge_one_account_and_no_charge_is_lost(url):
    PostgresBalances.create(url).add("ann", 100)
    assert at_once("charge", url, customers=3) == [CHARGES] * 3
    assert PostgresBalances(url).seconds("ann") == 85


def test_several_processes_reserve_together_what_there_is_and_no_more(url):
    PostgresBalances.create(url).add("ann", 10)
    assert sum(at_once("reserve", url, customers=3)) == 10


def test_who_reserves_waits_for_a_server_that_is_about_to(url):
    balances = PostgresBalances.create(url)
    balances.add("ann", 10)
    with psycopg.connect(url) as other, ThreadPoolExecutor(1) as thread:
        other.execute("SELECT * FROM voxcpm_balance WHERE account = 'ann' FOR UPDATE")
        second = thread.submit(balances.reserve, "second", "ann", 1)
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        with psycopg.connect(url, autocommit=True) as watching:
            while not second.done() and watching.execute(waiting).fetchone() == (0,):
                pass
        other.execute("INSERT INTO voxcpm_reservation VALUES ('first', 'ann', 10000, 'infinity')")
        other.commit()
        with pytest.raises(BalanceError):
            second.result()


def test_where_several_make_the_tables_at_once_they_have_one_secret(url):
    with ThreadPoolExecutor(8) as starting:
        made = list(starting.map(PostgresBalances.create, [url] * 8))
    assert len({balances.link_secret for balances in made}) == 1


def test_what_is_made_counts_for_the_others_until_it_is_settled(url):
    balances = PostgresBalances.create(url)
    balances.add("ann", 10)
    balances.reserve("first", "ann", 10)
    with pytest.raises(BalanceError, match="all of them are reserved"):
        balances.reserve("second", "ann", 1)
    balances.reserve("first", "ann", 12)  # renewed, and more than there is
    balances.settle("first", "ann", 4)
    assert balances.seconds("ann") == 6
    balances.reserve("second", "ann", 1)
    with pytest.raises(BalanceError, match="no seconds of audio left"):
        balances.reserve("third", "bob", 1)


def test_a_reservation_of_a_server_that_was_killed_lapses(url):
    balances = PostgresBalances.create(url)
    balances.add("ann", 10)
    balances.reserve("left behind", "ann", 10)
    with psycopg.connect(url) as database:
        past = "UPDATE voxcpm_reservation SET lapses = lapses - make_interval(secs => %s)"
        database.execute(past, (LEASE_SECONDS - 10,))
    with pytest.raises(BalanceError):
        balances.reserve("second", "ann", 1)
    with psycopg.connect(url) as database:
        database.execute(past, (10,))
    balances.reserve("second", "ann", 1)


def test_while_the_database_is_down_nothing_is_charged_and_then_all_is_as_it_was(postgres, url):
    balances = PostgresBalances.create(url)
    balances.add("ann", 10)
    postgres.stop()
    for use in (
        lambda: balances.seconds("ann"),
        lambda: balances.reserve("first", "ann", 1),
        lambda: balances.settle("first", "ann", 1),
    ):
        with pytest.raises(AccountsError):
            use()
    with pytest.raises(StartError, match="start the database or correct the URL"):
        PostgresBalances(url)
    postgres.start()
    assert balances.seconds("ann") == 10


def test_balances_that_are_lost_are_never_made_anew_unasked(url):
    with pytest.raises(StartError, match="restore` makes new balances"):
        PostgresBalances(url)


@pytest.fixture
def accounts(tmp_path, url, monkeypatch):
    monkeypatch.setenv("VOXCPM_ACCOUNTS_DB", url)
    return AccountsFile(tmp_path)


def test_the_command_keeps_them_there_and_servers_charge_them(accounts):
    key = accounts.add("ann", "--seconds=90")
    servers = [Access(Settings(accounts=accounts.path)) for _ in range(2)]
    for server in servers:
        with server.reservation(server.with_key(key)) as reservation:
            reservation.cover(10)
            reservation.settle(10)
    assert "70 s" in accounts.run("list")
    assert accounts.run("top-up", "ann", "5") == "ann has 75 s\n"
    assert servers[0].signature("a.wav") == servers[1].signature("a.wav")
    assert not accounts.path.with_suffix(".sqlite3").exists()


def test_a_lost_database_is_made_anew_by_command_alone(accounts, url):
    accounts.add("ann", "--seconds=90")
    with psycopg.connect(url) as database:
        database.execute("DROP TABLE voxcpm_balance, voxcpm_reservation, voxcpm_secret")
    with pytest.raises(StartError, match="cannot be used"):
        Access(Settings(accounts=accounts.path))
    accounts.run("restore")
    accounts.run("top-up", "ann", "5")
    with pytest.raises(StartError, match="The balances are in order"):
        accounts.run("restore")


@pytest.mark.parametrize("arguments", [("backup", "copy"), ("restore", "copy")])
def test_copies_are_left_to_postgresql(accounts, arguments):
    accounts.add("ann")
    with pytest.raises(StartError, match="pg_dump"):
        accounts.run(*arguments)


def test_balances_without_accounts_end_the_start(url):
    with pytest.raises(StartError, match="set VOXCPM_ACCOUNTS"):
        Access(Settings(accounts_db=url))

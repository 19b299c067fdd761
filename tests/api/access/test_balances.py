import subprocess
import sys

import pytest

from voxcpm_space.api.access.balances import Balances

CHARGE = """
import sys
from pathlib import Path
from voxcpm_space.api.access.balances import Balances
balances = Balances(Path(sys.argv[1]))
for _ in range(100):
    balances.add("ann", -0.1)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "balances.sqlite3"


def test_what_is_left_survives_a_restart_to_the_millisecond(path):
    Balances(path).add("ann", 10)
    for _ in range(3):
        Balances(path).add("ann", -0.1)
    assert Balances(path).seconds("ann") == 9.7
    assert Balances(path).seconds("bob") == 0


def test_several_processes_charge_one_account_and_no_charge_is_lost(path):
    Balances(path).add("ann", 100)
    processes = [subprocess.Popen([sys.executable, "-c", CHARGE, path]) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4
    assert Balances(path).seconds("ann") == 60


def test_links_are_signed_alike_by_all_who_share_the_database_and_by_no_one_else(path, tmp_path):
    assert Balances(path).link_secret == Balances(path).link_secret
    assert Balances(tmp_path / "other.sqlite3").link_secret != Balances(path).link_secret

"""Others that use one account at the same time, each in a process of its own.

`python -m tests.api.access.customers charge|reserve BALANCES NAME`, where the balances are the URL
of a PostgreSQL database, or the path of an SQLite one.
"""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from voxcpm_space.api.access.balances import Balances
from voxcpm_space.api.access.postgres_balances import PostgresBalances
from voxcpm_space.errors import BalanceError

CHARGES = 50


def at_once(what, balances, customers):
    """What so many print who do the same at once, as numbers."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", __name__, what, str(balances), str(number)],
            stdout=subprocess.PIPE,
        )
        for number in range(customers)
    ]
    return [int(process.communicate(timeout=60)[0]) for process in processes]


def charge(balances, _):
    """Charges a tenth of a second again and again; gives how often."""
    for _ in range(CHARGES):
        balances.add("ann", -0.1)
    return CHARGES


def reserve(balances, name):
    """Reserves second after second until there is no more; gives how many it got."""
    got = 0
    with suppress(BalanceError):
        for got in range(100):
            balances.reserve(f"{name} {got}", "ann", 1)
    return got


if __name__ == "__main__":
    what, where, name = sys.argv[1:]
    opened = PostgresBalances(where) if "://" in where else Balances(Path(where))
    print({"charge": charge, "reserve": reserve}[what](opened, name))  # noqa: T201  (what `at_once` reads)

"""The balances that the settings name."""

from collections.abc import Iterable
from typing import TypeAlias

from voxcpm_space.api.access.accounts import Account
from voxcpm_space.api.access.balances import Balances
from voxcpm_space.api.access.postgres_balances import PostgresBalances
from voxcpm_space.settings import Settings

AnyBalances: TypeAlias = Balances | PostgresBalances


def open_balances(settings: Settings, accounts: Iterable[Account]) -> AnyBalances:
    """Opens those of a server that has accounts.

    Args:
        settings: Name their file, and perhaps a database.
        accounts: What is in the file. Where all are unlimited there is nothing to lose, and
            balances are made that are not there.

    Raises:
        StartError: The balances are not there, or cannot be used.
    """
    nothing_to_lose = all(account.unlimited for account in accounts)
    if settings.accounts_db:
        of_database = PostgresBalances.create if nothing_to_lose else PostgresBalances
        return of_database(settings.accounts_db)
    assert settings.accounts is not None
    of_file = Balances.create if nothing_to_lose else Balances
    return of_file(settings.accounts.with_suffix(".sqlite3"))

"""The command that keeps the accounts: `python -m voxcpm_space.api.access --help`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from voxcpm_space.api.access.accounts import Accounts, edited, hash_of, new_key
from voxcpm_space.api.access.balances import is_usable, restore
from voxcpm_space.api.access.open_balances import AnyBalances, open_balances
from voxcpm_space.api.access.postgres_balances import PostgresBalances
from voxcpm_space.errors import SpaceError, StartError
from voxcpm_space.schemas import OPERATIONS
from voxcpm_space.settings import load_settings

_MOST_SECONDS = 1e9

command = typer.Typer(
    help="Keeps the accounts in the file that VOXCPM_ACCOUNTS names. A running server follows.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@command.command()
def add(
    name: str,
    seconds: Annotated[
        float | None, typer.Option(min=0, max=_MOST_SECONDS, help="Balance, in seconds of audio.")
    ] = None,
    unlimited: Annotated[bool, typer.Option("--unlimited", help="Never charge it.")] = False,  # noqa: FBT002
    operation: Annotated[
        list[str] | None,
        typer.Option(help=f"What it may ask for: {' or '.join(OPERATIONS)}; both if left out."),
    ] = None,
    requests_per_minute: Annotated[
        int | None, typer.Option(min=1, help="In place of VOXCPM_RATE_LIMIT.")
    ] = None,
) -> None:
    """Adds an account, and prints its key this once."""
    if (seconds is None) != unlimited:
        raise StartError("Please give either --seconds or --unlimited.")
    path = _path()
    balances = _balances(path)
    key = new_key()
    account: dict[str, Any] = {
        "key_sha256": hash_of(key),
        "operations": operation or list(OPERATIONS),
    }
    if unlimited:
        account["unlimited"] = True
    if requests_per_minute:
        account["requests_per_minute"] = requests_per_minute
    with edited(path) as document:
        if name in document:
            raise StartError(f"There is an account {name} already.")
        document[name] = account
    balances.add(name, seconds or 0)
    _print_key(name, key)


@command.command()
def disable(name: str) -> None:
    """Turns an account off, key and login."""
    with _account(name) as account:
        account["disabled"] = True


@command.command()
def enable(name: str) -> None:
    """Turns an account on again."""
    with _account(name) as account:
        account.pop("disabled", None)


@command.command("new-key")
def change_key(name: str) -> None:
    """Gives an account another key, and prints it this once."""
    key = new_key()
    with _account(name) as account:
        account["key_sha256"] = hash_of(key)
    _print_key(name, key)


@command.command("top-up")
def top_up(
    name: str, seconds: Annotated[float, typer.Argument(min=0.001, max=_MOST_SECONDS)]
) -> None:
    """Adds seconds of audio to an account's balance."""
    path = _path()
    _existing(path, name)
    balances = _balances(path)
    balances.add(name, seconds)
    typer.echo(f"{name} has {balances.seconds(name):g} s")


@command.command("list")
def show() -> None:
    """Shows all accounts."""
    path = _path()
    balances = _balances(path)
    for name, account in Accounts(path).all().items():
        balance = "unlimited" if account.unlimited else f"{balances.seconds(name):g} s"
        rate = account.requests_per_minute
        limit = f"{rate} a minute" if rate else "the server's limit"
        state = "disabled" if account.disabled else "enabled"
        typer.echo("\t".join([name, state, balance, limit, ", ".join(account.operations)]))


@command.command("backup")
def back_up(copy: Path) -> None:
    """Copies the balances to a file, also while servers run."""
    _balances(_path()).copy_to(copy)


@command.command("restore")
def put_back(
    copy: Annotated[
        Path | None, typer.Argument(help="As `backup` wrote it; without one all balances are 0.")
    ] = None,
) -> None:
    """Puts a copy of the balances in the place of lost or damaged ones."""
    path, url = _path(), load_settings().accounts_db
    if url and copy:
        raise StartError("Balances in PostgreSQL are put back by psql, from what pg_dump wrote.")
    database = path.with_suffix(".sqlite3")
    if copy is None and (PostgresBalances.is_usable(url) if url else is_usable(database)):
        raise StartError("The balances are in order. Please name the copy that replaces them.")
    if url:
        PostgresBalances.create(url)
    else:
        restore(database, copy)
    typer.echo("The balances are back. `list` shows them; servers that run should be started anew.")


def _balances(path: Path) -> AnyBalances:
    accounts = Accounts(path).all().values() if path.exists() else []
    return open_balances(load_settings(), accounts)


def _path() -> Path:
    path = load_settings().accounts
    if path is None:
        raise StartError("Which accounts? Please set VOXCPM_ACCOUNTS to the path of their file.")
    return path


def _existing(path: Path, name: str) -> None:
    if Accounts(path).named(name) is None:
        raise StartError(f"There is no account {name}; `list` shows those that there are.")


@contextmanager
def _account(name: str) -> Iterator[Any]:
    path = _path()
    _existing(path, name)
    with edited(path) as document:
        yield document[name]


def _print_key(name: str, key: str) -> None:
    typer.echo(f"The key of {name}, which is shown this once:\n{key}")


if __name__ == "__main__":
    try:
        command()
    except SpaceError as error:
        sys.exit(str(error))

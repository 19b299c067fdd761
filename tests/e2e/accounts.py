"""Makes accounts with the project's own command."""

from pathlib import Path

from typer.testing import CliRunner

from voxcpm_space.api.access.__main__ import command


class AccountsFile:
    """A file of accounts, and the keys that were printed when they were added."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "accounts.toml"

    def add(self, name: str, *options: str) -> str:
        """Gives the key."""
        return self.run("add", name, *(options or ["--unlimited"])).split()[-1]

    def run(self, *arguments: str) -> str:
        outcome = CliRunner().invoke(
            command, arguments, env={"VOXCPM_ACCOUNTS": str(self.path)}, catch_exceptions=False
        )
        assert outcome.exit_code == 0, outcome.output
        return outcome.output

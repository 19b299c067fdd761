"""Runs the Dockerfile's steps in a fresh Debian root, for machines on which Docker cannot run.

As root, from the root of the repository, on a Debian that has `debootstrap`:

    python -m tests.dockerfile_in_debian /tmp/debian --arg DEVICE=cuda

The image that the Dockerfile begins with is stood in for by Debian's own Python. Then the server is
started as the image would start it, with the preview voice, and has to become healthy. What pip and
apt need to reach their registries on this machine goes in by `--mount`.
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import time
from pathlib import Path

import httpx
from typing_extensions import Self

_DOCKERFILE = Path("deploy/Dockerfile")
_PACKAGES = "python3,python-is-python3,python3-pip,ca-certificates"
_STEP = re.compile(r"^([A-Z]+)\s+(.*)$", re.DOTALL)
_HEALTHY_SECONDS = 120
_URL = "http://127.0.0.1:7860"


class DebianRoot:
    """A folder with a Debian in it, in which steps of a Dockerfile are run."""

    def __init__(self, folder: Path, arguments: dict[str, str], mounts: list[Path]) -> None:
        """Fills the folder, where that is not done yet."""
        self._folder, self._mounts = folder, [*mounts, Path("/proc"), Path("/dev")]
        self._user, self._cwd = "root", "/"
        self._health: list[str] = []
        # Debian's pip refuses to install beside apt's packages unless told to.
        self.environment = {"PATH": os.environ["PATH"], "PIP_BREAK_SYSTEM_PACKAGES": "1"}
        self._arguments = arguments
        if not (folder / "etc/debian_version").exists():
            _run(["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", "bookworm", folder])

    def __enter__(self) -> Self:
        for path in self._mounts:
            place = self._folder / path.relative_to("/")
            place.mkdir(parents=True, exist_ok=True) if path.is_dir() else place.touch()
            _run(["mount", "--bind", "--make-private", path, place])
        # As Docker does: the name of itself, and memory in which every user may write.
        (self._folder / "etc/hosts").write_text("127.0.0.1 localhost\n")
        _run(["mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", self._folder / "dev/shm"])
        return self

    def __exit__(self, *_: object) -> None:
        _run(["umount", "--lazy", self._folder / "dev/shm"])
        for path in reversed(self._mounts):
            _run(["umount", "--lazy", self._folder / path.relative_to("/")])

    def step(self, name: str, rest: str) -> None:
        """Does what one instruction says."""
        print(f"{name} {' '.join(rest.split())[:100]}", flush=True)  # noqa: T201
        does = {
            "ARG": self._argument,
            "ENV": self._set,
            "RUN": lambda it: _run(self.command(["sh", "-c", it]), env=self.environment),
            "COPY": lambda it: self._copy(*shlex.split(it)),
            "WORKDIR": self._go_to,
            "USER": lambda it: setattr(self, "_user", it),
            "HEALTHCHECK": lambda it: setattr(self, "_health", _listed(it)),
            "CMD": lambda it: self._serve(_listed(it)),
        } | dict.fromkeys(["FROM", "VOLUME", "EXPOSE"], lambda _: None)
        does[name](rest)

    def command(self, command: list[str]) -> list[str]:
        """Gives what runs a command in the root, as the user and in the folder of now."""
        inside = f"cd {self._cwd} && exec {shlex.join(command)}"
        return ["chroot", f"--userspec={self._user}", str(self._folder), "sh", "-c", inside]

    def _argument(self, rest: str) -> None:
        name, _, default = rest.partition("=")
        self.environment[name] = self._arguments.get(name, default)

    def _set(self, rest: str) -> None:
        self.environment |= dict(pair.split("=", 1) for pair in shlex.split(rest))

    def _go_to(self, folder: str) -> None:
        self._cwd = folder
        (self._folder / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def _copy(self, source: str, target: str) -> None:
        _run(["cp", "--recursive", source, self._folder / self._cwd.lstrip("/") / target])

    def _serve(self, command: list[str]) -> None:
        environment = self.environment | {"VOXCPM_MODEL": "preview"}
        with subprocess.Popen(self.command(command), env=environment) as server:
            try:
                self._wait_until_healthy(server)
                answer = httpx.post(f"{_URL}/voxcpm/v1/text-to-speech", json={"text": "It speaks."})
                answer.raise_for_status()
                print(answer.json()["output"])  # noqa: T201
            finally:
                server.terminate()
        if server.returncode:
            raise SystemExit(f"The server ended with {server.returncode}.")

    def _wait_until_healthy(self, server: subprocess.Popen[bytes]) -> None:
        started = time.monotonic()
        check = self.command(self._health)
        while subprocess.run(check, check=False, capture_output=True).returncode:
            if server.poll() is not None or time.monotonic() - started > _HEALTHY_SECONDS:
                raise SystemExit("The server does not become healthy.")
            time.sleep(1)
        print(f"Healthy after {time.monotonic() - started:.0f} s.")  # noqa: T201


def steps(dockerfile: str) -> list[tuple[str, str]]:
    """Gives the instructions of a Dockerfile, each with all of its lines, without comments."""
    lines = [line for line in dockerfile.splitlines() if line and not line.startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    matches = (_STEP.match(line) for line in joined.splitlines())
    return [(match[1], match[2]) for match in matches if match]


def _listed(rest: str) -> list[str]:
    """Gives the list that a command is written as."""
    return json.loads(rest[rest.index("[") :])


def _run(command: list[str | Path], **options: object) -> None:
    subprocess.run(command, check=True, **options)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--arg", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--mount", action="append", default=[], type=Path)
    given = parser.parse_args()
    arguments = dict(pair.split("=", 1) for pair in given.arg)
    with DebianRoot(given.folder, arguments, given.mount) as root:
        for name, rest in steps(_DOCKERFILE.read_text("utf-8")):
            root.step(name, rest)


if __name__ == "__main__":
    main()

"""The process of the model, from its start to its end, as the application sees it."""

import logging
import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, TypeAlias

from voxcpm_space.engine.request import ModelOutput
from voxcpm_space.engine.worker import Job, LoadRequest, serve
from voxcpm_space.errors import ModelLostError, StartError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from voxcpm_space.engine.memory import Memory

logger = logging.getLogger(__name__)

_Loaded: TypeAlias = "tuple[int, Memory]"
_Answer: TypeAlias = "_Loaded | ModelOutput | Exception | None"
_ToModel: TypeAlias = "Connection[LoadRequest | Job | None, _Answer]"

_LOADING_SECONDS = 1800.0
"""From a slow disk, or compiled, it takes minutes; what takes longer has come to a standstill."""
_ENDING_SECONDS = 3.0
_ALL = 2**64 - 1  # the highest number that the shared memory holds


class WorkerProcess:
    """A running process. What it needs for any model it imports at once."""

    def __init__(self) -> None:
        """Starts it."""
        context = multiprocessing.get_context("spawn")
        self._connection: _ToModel
        self._connection, theirs = context.Pipe()
        self._cancelled = context.RawValue("Q", 0)
        self._telling = threading.Lock()
        self._process = context.Process(
            target=serve, args=(theirs, self._cancelled), name="VoxCPM2", daemon=True
        )
        self._process.start()
        theirs.close()

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.is_alive()

    def wait_for_end(self) -> None:
        """Returns when it runs no more; its exit code is left to `is_alive`."""
        wait([self._process.sentinel])

    def load(self, request: LoadRequest) -> _Loaded:
        """Loads a checkpoint and gives its sample rate in Hz, and its memory.

        Raises:
            StartError: It cannot be loaded; says why.
        """
        try:
            self._connection.send(request)
            answer = self._answer(_LOADING_SECONDS)
        except (EOFError, OSError) as error:
            self.end()
            raise StartError(
                f"The process of the model ended (exit code {self._process.exitcode}) while "
                f"{request.folder} was loaded. Most often the memory is not enough."
            ) from error
        if isinstance(answer, StartError):
            self.end()
            raise answer
        assert isinstance(answer, tuple)
        return answer

    def run(self, job: Job, stall_seconds: float) -> Iterator[ModelOutput]:
        """Gives what a job yields.

        Args:
            job: With a number that is higher than any before.
            stall_seconds: Seconds without an answer after which the process is ended.

        Raises:
            InputError: Text and reference leave the model no room to answer.
            ModelLostError: The process has ended.
        """
        try:
            with killed_when_silent(self._process, stall_seconds):
                self._tell(job)
            while (item := self._answer(stall_seconds)) is not None:
                if isinstance(item, Exception):
                    raise item
                assert not isinstance(item, tuple)
                yield item
        except (EOFError, OSError) as error:
            was_told_to_end = self._cancelled.value == _ALL
            self.end()
            if not was_told_to_end:
                logger.error("The process of the model ended: exit code %s", self._process.exitcode)  # noqa: TRY400
            raise ModelLostError from error

    def cancel(self, job: Job) -> None:
        """Lets it stop a job at the next patch."""
        with self._telling:
            self._cancelled.value = max(job.number, self._cancelled.value)

    def end(self) -> None:
        """Ends it with the patch that it is at, or, where that does not come, by force."""
        self._cancelled.value = _ALL
        with suppress(OSError):
            self._tell(None)
        self._process.join(_ENDING_SECONDS)
        self._process.kill()
        self._process.join()

    def _tell(self, job: Job | None) -> None:
        with self._telling:
            self._connection.send(job)

    def _answer(self, stall_seconds: float) -> _Answer:
        with killed_when_silent(self._process, stall_seconds):
            return self._connection.recv()


@contextmanager
def killed_when_silent(process: "BaseProcess", stall_seconds: float) -> Iterator[None]:
    """Ends a process that takes longer to read or to write a message, which then raises.

    `Connection.poll` tells only that a message has begun: a process that comes to a standstill in
    its middle would be waited for without end. So would one that does not read a long message,
    which does not fit into what a pipe holds.
    """

    def kill() -> None:
        logger.error(
            "%s has given no sign of life for %.0f s, and is ended", process.name, stall_seconds
        )
        process.kill()

    watchdog = threading.Timer(stall_seconds, kill)
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()

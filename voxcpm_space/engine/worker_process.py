"""The process of the model, from its start to its end, as the application sees it."""

import logging
import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from voxcpm_space.engine.worker import Job, LoadRequest, ModelOutput, serve
from voxcpm_space.errors import ModelLostError, StartError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

logger = logging.getLogger(__name__)

_ToModel: TypeAlias = "Connection[LoadRequest | Job | None, int | ModelOutput | Exception | None]"

_LOADING_SECONDS = 1800.0
"""From a slow disk, or compiled, it takes minutes; what takes longer has come to a standstill."""
_ENDING_SECONDS = 3.0
_ALL = 2**64 - 1  # the highest number that the shared memory holds


class ModelProcess:
    """A running process. What it needs for any model it imports at once."""

    def __init__(self) -> None:
        """Starts it."""
        context = multiprocessing.get_context("spawn")
        self._connection: _ToModel
        self._connection, theirs = context.Pipe()
        self._given_up = context.RawValue("Q", 0)
        self._telling = threading.Lock()
        self._process = context.Process(
            target=serve, args=(theirs, self._given_up), name="VoxCPM2", daemon=True
        )
        self._process.start()
        theirs.close()

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.is_alive()

    def load(self, loading: LoadRequest) -> int:
        """Loads a checkpoint and gives its sample rate in Hz.

        Raises:
            StartError: It cannot be loaded; says why.
        """
        try:
            self._connection.send(loading)
            answer = self._answer(_LOADING_SECONDS)
        except (EOFError, OSError) as error:
            self.end()
            raise StartError(
                f"The process of the model ended (exit code {self._process.exitcode}) while "
                f"{loading.folder} was loaded. Most often the memory is not enough."
            ) from error
        if isinstance(answer, StartError):
            self.end()
            raise answer
        assert isinstance(answer, int)
        return answer

    def make(self, order: Job, patience: float) -> Iterator[ModelOutput]:
        """Has a take made.

        Args:
            order: The take, with a number that is higher than any before.
            patience: Seconds without an answer after which the process is ended.

        Raises:
            InputError: Text and reference leave the model no room to answer.
            ModelLostError: The process has ended.
        """
        # Sending can wait for ever, too: a long clip does not fit into what a pipe holds.
        watchdog = threading.Timer(patience, self._process.kill)
        watchdog.start()
        try:
            self._tell(order)
            watchdog.cancel()
            while (item := self._answer(patience)) is not None:
                if isinstance(item, Exception):
                    raise item
                assert not isinstance(item, int)
                yield item
        except (EOFError, OSError) as error:
            self.end()
            logger.error("The process of the model ended: exit code %s", self._process.exitcode)  # noqa: TRY400
            raise ModelLostError from error

    def give_up(self, order: Job) -> None:
        """Lets it stop an order at the next patch."""
        with self._telling:
            self._given_up.value = max(order.number, self._given_up.value)

    def end(self) -> None:
        """Ends it with the patch that it is at, or, where that does not come, by force."""
        self._given_up.value = _ALL
        with suppress(OSError):
            self._tell(None)
        self._process.join(_ENDING_SECONDS)
        self._process.kill()
        self._process.join()

    def _tell(self, order: Job | None) -> None:
        with self._telling:
            self._connection.send(order)

    def _answer(self, patience: float) -> int | ModelOutput | Exception | None:
        if not self._connection.poll(patience):
            logger.error("The model has given no sign of life for %.0f s and is ended", patience)
            self._process.kill()
            raise EOFError
        return self._connection.recv()

"""A helper model that is loaded when first asked for, and that everything goes on without."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Generic, TypeVar

from voxcpm_space.messages import N_, Message

logger = logging.getLogger(__name__)

_RETRY_SECONDS = 600.0

ModelT = TypeVar("ModelT")


class MissingModelError(Exception):
    """A helper model is not there.

    Attributes:
        message: Says so in a sentence.
    """

    def __init__(self, message: Message) -> None:
        """Says why."""
        self.message = message
        super().__init__(message)


class LazyModel(Generic[ModelT]):
    """Loads beside the requests, so that none waits for a download or for a hub that is away."""

    def __init__(self, name: Message, load: Callable[[], ModelT]) -> None:
        """Prepares; nothing is loaded before `get`.

        Args:
            name: How a sentence calls the model.
            load: Downloads it where needed, and loads it.
        """
        self._name = name
        self._load = load
        self._lock = threading.Lock()
        self._future: Future[ModelT] | None = None
        self._started = 0.0

    def get(self, wait_seconds: float) -> ModelT:
        """Gives the model, and starts to load it where that was not done or failed long ago.

        Raises:
            MissingModelError: It is not loaded within `wait_seconds`, or cannot be.
        """
        future = self._loading()
        try:
            error = future.exception(wait_seconds)
        except FutureTimeoutError as timeout:
            raise MissingModelError(
                N_("{model} is still being loaded.", model=self._name)
            ) from timeout
        if error:
            raise MissingModelError(
                N_("{model} cannot be loaded here.", model=self._name)
            ) from error
        return future.result()

    def _loading(self) -> "Future[ModelT]":
        with self._lock:
            future = self._future
            if future is None or self._has_failed_long_ago(future):
                future = self._future = Future()
                self._started = time.monotonic()
                # Not of an executor: a download must not hold up the end of the process.
                threading.Thread(target=self._run, args=(future,), daemon=True).start()
            return future

    def _has_failed_long_ago(self, future: "Future[ModelT]") -> bool:
        failed = future.done() and future.exception() is not None
        return failed and time.monotonic() - self._started > _RETRY_SECONDS

    def _run(self, future: "Future[ModelT]") -> None:
        try:
            future.set_result(self._load())
        except Exception as error:  # noqa: BLE001  (whatever it is, work goes on without the model)
            logger.warning("%s cannot be loaded: %s", self._name, error)
            future.set_exception(error)

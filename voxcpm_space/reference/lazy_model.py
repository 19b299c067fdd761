"""A helper model that is loaded when first asked for, and that everything goes on without."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Generic, TypeVar

from voxcpm_space.futures import in_daemon_thread
from voxcpm_space.messages import N_, Message
from voxcpm_space.reference.concurrency_limit import ConcurrencyLimit

logger = logging.getLogger(__name__)

_RETRY_SECONDS = 600.0

ModelT = TypeVar("ModelT")
AnswerT = TypeVar("AnswerT")


class MissingModelError(Exception):
    """A helper model is not there.

    Attributes:
        message: Says so in a sentence.
    """

    def __init__(self, message: Message) -> None:
        """Says why."""
        self.message = message
        super().__init__(message)


class FailedModelError(Exception):
    """A helper model failed at what it was given."""


class LazyModel(Generic[ModelT]):
    """Loads beside the requests, so that none waits for a download or for a hub that is away.

    It serves one caller at a time.
    """

    def __init__(self, name: Message, load: Callable[[], ModelT]) -> None:
        """Prepares; nothing is loaded before `get`.

        Args:
            name: How a sentence calls the model.
            load: Downloads it where needed, and loads it.
        """
        self._name = name
        self._load = load
        self._lock = threading.Lock()
        self._turns = ConcurrencyLimit(1)
        self._future: Future[ModelT] | None = None
        self._started = 0.0

    def ask(
        self, question: Callable[[ModelT], AnswerT], load_seconds: float, turn_seconds: float
    ) -> AnswerT:
        """Gives what the model answers.

        Args:
            question: Given the model.
            load_seconds: How long to wait for the model to be loaded.
            turn_seconds: How long to wait for others who use it.

        Raises:
            MissingModelError: It is not loaded in time, or cannot be.
            LimitTimeoutError: Others used it for too long.
            FailedModelError: It failed, which is logged.
        """
        model = self.get(load_seconds)
        with self._turns.taken(turn_seconds):
            try:
                return question(model)
            except Exception as error:  # whatever a model does, work goes on without it
                logger.exception("%s failed", self._name)
                raise FailedModelError from error

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
                future = self._future = in_daemon_thread(self._load)
                future.add_done_callback(self._log_failure)
                self._started = time.monotonic()
            return future

    def _has_failed_long_ago(self, future: "Future[ModelT]") -> bool:
        failed = future.done() and future.exception() is not None
        return failed and time.monotonic() - self._started > _RETRY_SECONDS

    def _log_failure(self, loaded: "Future[ModelT]") -> None:
        if error := loaded.exception():
            logger.warning("%s cannot be loaded: %s", self._name, error)

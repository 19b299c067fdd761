"""What can go wrong, in words for people, and the one place where it reaches Gradio."""

import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

from voxcpm_space.messages import ENGLISH, N_, Message, translate

logger = logging.getLogger(__name__)


CLIENT_LEFT = 499
"""Status of a request whose client is gone; the number is nginx's, for logs, nobody reads it."""


class SpaceError(Exception):
    """An error whose message is a sentence for the person or program that asked.

    Attributes:
        status: HTTP status code that says the same to a program.
        message: The sentence, to be translated by the front door.
    """

    status: ClassVar[int] = 500

    def __init__(self, message: Message) -> None:
        """Says what is wrong."""
        self.message = message
        super().__init__(message)

    @property
    def headers(self) -> dict[str, str]:
        """HTTP headers that go with the status."""
        return {}


class InputError(SpaceError):
    """What was asked for cannot be done; the message says what is allowed.

    Attributes:
        field: Name of the request's field that is wrong; empty where it is not one alone.
    """

    status = 400

    def __init__(self, message: Message, field: str = "") -> None:
        """Says what is wrong, and with which field."""
        self.field = field
        super().__init__(message)


class UnknownCallerError(SpaceError):
    """The server is closed, and whoever asked showed no key or a wrong one."""

    status = 401

    @property
    def headers(self) -> dict[str, str]:
        """Says how to show a key."""
        return {"WWW-Authenticate": "Bearer"}


class BalanceError(SpaceError):
    """The account has no seconds of audio left."""

    status = 402


class ForbiddenError(SpaceError):
    """The account is known, but may not do this."""

    status = 403


class NotFoundError(SpaceError):
    """What was named, or an address, is not there, or not the caller's."""

    status = 404


class MethodError(SpaceError):
    """What is at this address is asked for in another way."""

    status = 405

    def __init__(self, methods: Sequence[str]) -> None:
        """Says in which, by the names of HTTP methods."""
        self._allow = ", ".join(methods)
        super().__init__(N_("This address takes {methods} only.", methods=self._allow))

    @property
    def headers(self) -> dict[str, str]:
        """Says in which."""
        return {"Allow": self._allow}


class BusyError(SpaceError):
    """Too much was asked for at once; the same request works later.

    Attributes:
        retry_after: Seconds after which it is worth trying again.
    """

    status = 429

    def __init__(self, message: Message, retry_after: float) -> None:
        """Completes the message with when to try again."""
        self.retry_after = max(1, math.ceil(retry_after))
        super().__init__(
            N_("{what} Please try again in {seconds} s.", what=message, seconds=self.retry_after)
        )

    @property
    def headers(self) -> dict[str, str]:
        """Says when to try again."""
        return {"Retry-After": str(self.retry_after)}


class ClientLeftError(SpaceError):
    """Whoever asked does not wait for the answer."""

    status = CLIENT_LEFT


class NotReadyError(SpaceError):
    """The model is not there yet; the same request works later."""

    status = 503


class QuotaError(SpaceError):
    """ZeroGPU gives this visitor no more GPU time."""

    status = 429

    def __init__(self, said: str) -> None:
        """Completes what ZeroGPU says, which has the numbers, with what to do."""
        super().__init__(
            N_(
                "ZeroGPU gives you no GPU time for this now. Please try again later or with a "
                "shorter text; signed in to Hugging Face you have more time. It says: {why}",
                why=said,
            )
        )


class NoGpuError(SpaceError):
    """ZeroGPU has no GPU free."""

    status = 503

    def __init__(self) -> None:
        """Says what to do."""
        super().__init__(N_("ZeroGPU has no GPU free now. Please try again in a few minutes."))


class GpuLostError(SpaceError):
    """ZeroGPU took the GPU away before a request was finished."""

    status = 503

    def __init__(self) -> None:
        """Says what to do."""
        super().__init__(
            N_(
                "The GPU was taken away before the speech was finished. Please try again, and with "
                "a shorter text if it happens again."
            )
        )


class ModelLostError(SpaceError):
    """The process of the model crashed, or gave no sign of life and was ended."""

    status = 503

    def __init__(self) -> None:
        """Says what to do."""
        super().__init__(
            N_(
                "The model stopped working in the middle of the speech. It is being started again: "
                "please try again in a minute."
            )
        )


class ModelServerError(SpaceError):
    """No server can be reached that has the model."""

    status = 503

    def __init__(self) -> None:
        """Says what to do."""
        super().__init__(
            N_(
                "The model runs on another server, which does not answer as it should now. Please "
                "try again in a minute, and tell whoever runs this one if that does not help."
            )
        )


class ModelServerLostError(SpaceError):
    """The server that has the model ended a speech in the middle."""

    status = 503

    def __init__(self) -> None:
        """Says what to do."""
        super().__init__(
            N_(
                "The server of the model was lost in the middle of the speech. Please try again in "
                "a minute."
            )
        )


class ModelServerSilentError(SpaceError):
    """The server that has the model gave no sign of life."""

    status = 504

    def __init__(self, seconds: float) -> None:
        """Says for how many seconds, and what to do."""
        super().__init__(
            N_(
                "The server of the model gave no sign of life for {seconds:g} s. Please try again "
                "in a minute, and tell whoever runs this one if that does not help.",
                seconds=seconds,
            )
        )


class StoppingError(SpaceError):
    """The server is about to end."""

    status = 503

    def __init__(self) -> None:
        """Says what to do."""
        super().__init__(N_("The server is stopping. Please try again in a minute."))


class StorageError(SpaceError):
    """What was made cannot be stored; nothing that a request could change."""

    def __init__(self) -> None:
        """Says what to do."""
        super().__init__(
            N_(
                "The server cannot store speech now: its disk is full or cannot be written. "
                "Please tell whoever runs it, and try again later."
            )
        )


class ResultsError(SpaceError):
    """The object store takes no made files, or does not answer."""

    status = 503

    def __init__(self) -> None:
        """Says what to do."""
        super().__init__(
            N_(
                "The store that made files go to takes none now. Please try again in a minute, and "
                "tell whoever runs this server if that does not help."
            )
        )


class AccountsError(SpaceError):
    """The balances can be neither read nor written, so nothing may be made at anybody's charge."""

    status = 503

    def __init__(self) -> None:
        """Says what to do."""
        super().__init__(
            N_(
                "The server cannot read or write the balances of its accounts now. Please try "
                "again in a minute, and tell whoever runs it if that does not help."
            )
        )


class StartError(SpaceError):
    """The application cannot start as it is configured."""

    def __init__(self, message: str) -> None:
        """Says why, in English where nobody but whoever runs it reads this."""
        super().__init__(
            message if isinstance(message, Message) else Message("{why}", {"why": message})
        )


def status_of(error: Exception) -> int:
    """Gives the HTTP status of what ended a request, also where it went out as a `gr.Error`."""
    for reason in (error, error.__cause__):
        if isinstance(reason, SpaceError):
            return reason.status
    return 500


@contextmanager
def answered_by_gradio(language: str = ENGLISH) -> Iterator[None]:
    """Turns every failure of a Gradio handler into a toast or client error.

    Args:
        language: Of whoever asked.

    Raises:
        gr.Error: The sentence of a `SpaceError`, or, for a fault of ours, one without internals.
    """
    import gradio as gr  # noqa: PLC0415  (the model's process has these errors, but no page)

    try:
        yield
    except gr.Error:
        raise
    except SpaceError as error:
        raise gr.Error(translate(error.message, language), print_exception=False) from error
    except Exception as error:  # the outermost door: whatever it was, a stranger gets no internals
        logger.exception("A request failed through a fault of ours")
        fault = N_(
            "Something went wrong on our side; the log of the server says what. "
            "Please try again, and report it if it happens again."
        )
        raise gr.Error(translate(fault, language), print_exception=False) from error

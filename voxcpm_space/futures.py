"""Work of other threads, and how its outcome gets to who waits for it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

ValueT = TypeVar("ValueT")


def complete(future: "Future[ValueT]", make: Callable[[], ValueT]) -> None:
    """Makes a value; who waits for the future gets it, or whatever was raised instead."""
    try:
        value = make()
    except BaseException as error:  # noqa: BLE001  (raised where the future is read)
        future.set_exception(error)
    else:
        future.set_result(value)


def in_daemon_thread(make: Callable[[], ValueT]) -> "Future[ValueT]":
    """Makes a value in a thread that holds up no end of the process, as an executor's would."""
    future = Future[ValueT]()
    threading.Thread(target=complete, args=(future, make), daemon=True).start()
    return future


def call_later(seconds: float, call: Callable[[], object]) -> None:
    """Calls something once, after a time, in a thread that holds up no end of the process."""
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()

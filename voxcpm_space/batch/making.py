"""The clips of a batch, made one after the other."""

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from voxcpm_space.batch.archive import Archive
from voxcpm_space.batch.rows import Row
from voxcpm_space.errors import (
    AccountsError,
    BalanceError,
    BusyError,
    ForbiddenError,
    QuotaError,
    SpaceError,
    StoppingError,
    StorageError,
    UnknownCallerError,
)
from voxcpm_space.outputs import Outputs
from voxcpm_space.studio import Events, Progress, Speech, StopRequested

_LAST = (
    *(UnknownCallerError, ForbiddenError, BalanceError, QuotaError, BusyError),
    *(AccountsError, StoppingError, StorageError),
)
"""After one of these the other lines would end the same way."""
_PATIENCE_SECONDS = 120.0
_LOOK_SECONDS = 0.2
_STOPPED = "Not made: the batch was stopped before."
_ENDED = "Not made: the batch ended before."


@dataclass(frozen=True)
class BatchProgress:
    """A batch in the making.

    Attributes:
        clip: Which one, from 1.
        clips: How many there will be.
        speech: How far it is; None while it waits for being allowed to ask.
        made: How many are finished.
    """

    clip: int
    clips: int
    speech: Progress | None
    made: int


@dataclass(frozen=True)
class Packed:
    """A finished batch.

    Attributes:
        path: The ZIP file.
        made: How many clips it holds.
        lines: How many there should be.
    """

    path: Path
    made: int
    lines: int


BatchEvents: TypeAlias = Generator[BatchProgress | Packed, None, None]
"""Progress again and again, and at the end the `Packed`, unless it was stopped before a clip.

Closing it ends the work and leaves nothing.
"""


def make(
    rows: Sequence[Row],
    speak: Callable[[Mapping[str, object]], Events],
    outputs: Outputs,
    stop_requested: StopRequested,
) -> BatchEvents:
    """Makes the clips of a batch, each as if it had been asked for alone.

    Args:
        rows: At least one.
        speak: Starts a clip.
        outputs: Stores the ZIP file.
        stop_requested: Asked again and again whether to end with what is there.

    Raises:
        SpaceError: Why not even one clip could be made, or the ZIP file not be stored.
    """
    making = _Making(rows, speak, outputs, stop_requested)
    with suppress(_NothingMade), outputs.new_file(".zip") as path:
        with closing(Archive(path)) as archive:
            yield from making.into(archive)
            archive.finish()
        if not archive.clips:
            raise making.failure or _NothingMade()
    if archive.clips:
        yield Packed(path, archive.clips, len(rows))


class _NothingMade(Exception):  # noqa: N818  (no error: a person has stopped it)
    """There is nothing to keep."""


class _Making:
    """A batch on its way.

    Attributes:
        failure: The first that a line had.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        speak: Callable[[Mapping[str, object]], Events],
        outputs: Outputs,
        stop_requested: StopRequested,
    ) -> None:
        self._rows = rows
        self._speak = speak
        self._outputs = outputs
        self._stop_requested = stop_requested
        self._made = 0
        self.failure: SpaceError | None = None

    def into(self, archive: Archive) -> Generator[BatchProgress, None, None]:
        """Makes line after line, until one shows that the others would fail, too."""
        why_not = ""
        for number, row in enumerate(self._rows, start=1):
            why_not = why_not or (_STOPPED if self._stop_requested() else "")
            if why_not:
                archive.add_failure(row, why_not)
                continue
            try:
                yield from self._clip(number, row, archive)
            except SpaceError as error:
                self.failure = self.failure or error
                archive.add_failure(row, str(error))
                why_not = _ENDED if isinstance(error, _LAST) else ""

    def _clip(
        self, number: int, row: Row, archive: Archive
    ) -> Generator[BatchProgress, None, None]:
        speech = yield from self._admitted(number, row)
        if speech is None:
            archive.add_failure(row, _STOPPED)
            return
        try:
            archive.add(row, speech)
        finally:
            self._outputs.discard(speech.path)
        self._made += 1

    def _admitted(self, number: int, row: Row) -> Generator[BatchProgress, None, Speech | None]:
        """Asks again where there were too many requests: a batch can wait."""
        patience = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return (yield from self._speech(number, row))
            except BusyError as error:
                again = time.monotonic() + error.retry_after
                if again > patience:
                    raise
            while time.monotonic() < again:
                if self._stop_requested():
                    return None
                yield self._progress(number, None)
                time.sleep(_LOOK_SECONDS)

    def _speech(self, number: int, row: Row) -> Generator[BatchProgress, None, Speech | None]:
        with closing(self._speak(row.fields)) as events:
            for event in events:
                if isinstance(event, Speech):
                    return event
                yield self._progress(number, event)
        return None

    def _progress(self, number: int, speech: Progress | None) -> BatchProgress:
        return BatchProgress(number, len(self._rows), speech, self._made)

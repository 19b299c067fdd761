"""The clips of a batch, made one after the other."""

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from voxcpm_space.batch.archive import PART, Archive
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
from voxcpm_space.messages import N_, Message, ngettext
from voxcpm_space.outputs import Outputs
from voxcpm_space.studio import Events, Progress, Speech, StopRequested

_LAST = (
    *(UnknownCallerError, ForbiddenError, BalanceError, QuotaError, BusyError),
    *(AccountsError, StoppingError, StorageError),
)
"""After one of these the other lines would end the same way."""
_PATIENCE_SECONDS = 120.0
_LOOK_SECONDS = 0.2
_STOPPED = N_("Not made: the batch was stopped before.")
_ENDED = N_("Not made: the batch ended before.")


@dataclass(frozen=True)
class Outcome:
    """What became of a line.

    Attributes:
        file: Name of its clip in the ZIP file; empty where there is none.
        seconds: How long that is.
        speech: It, if it was made now; its own file is there until the batch has ended.
        problem: Why there is no clip, or only a part of it.
    """

    file: str = ""
    seconds: float = 0.0
    speech: Speech | None = None
    problem: str = ""


@dataclass(frozen=True)
class BatchProgress:
    """A batch in the making.

    Attributes:
        clip: Which one, from 1.
        clips: How many there will be.
        speech: How far it is; None while it waits for being allowed to ask.
        made: How many are finished.
        outcome: What became of it, once, at its end.
    """

    clip: int
    clips: int
    speech: Progress | None
    made: int
    outcome: Outcome | None = None

    @property
    def part(self) -> float:
        """How much of it is made, from 0 to 1, by the number of clips."""
        of_clip = 1.0 if self.outcome else self.speech.part if self.speech else 0.0
        return (self.clip - 1 + of_clip) / self.clips

    @property
    def messages(self) -> tuple[Message, Message]:
        """How far it is, to be read as one line: the clip, and its state."""
        clip = N_("Clip {number} of {all}: ", number=self.clip, all=self.clips)
        if self.speech:
            return clip, self.speech.state
        if self.outcome:
            return clip, N_("done")
        return clip, N_("waiting, since there were many requests")


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

    @property
    def message(self) -> Message:
        """How many clips there are, and where it says what became of the others."""
        if self.made == self.lines:
            return ngettext("The only clip is made.", "All {count} clips are made.", self.made)
        return N_(
            "{made} of {lines} clips are made. settings.csv says what became of the others.",
            made=self.made,
            lines=self.lines,
        )


BatchEvents: TypeAlias = Generator[BatchProgress | Packed, None, None]
"""Progress again and again, and at the end the `Packed`, unless it was stopped before a clip.

Closing it ends the work and leaves nothing.
"""


def make(
    rows: Sequence[Row],
    speak: Callable[[Mapping[str, object]], Events],
    outputs: Outputs,
    stop_requested: StopRequested,
    earlier: Path | None = None,
) -> BatchEvents:
    """Makes the clips of a batch, each as if it had been asked for alone.

    Args:
        rows: At least one.
        speak: Starts a clip.
        outputs: Stores the ZIP file.
        stop_requested: Asked again and again whether to end with what is there.
        earlier: The ZIP file with the clips of lines that are made already.

    Raises:
        SpaceError: Why not even one clip could be made, or the ZIP file not be stored.
    """
    making = _Making(rows, speak, outputs, stop_requested, earlier)
    with suppress(_NothingMade), closing(making), outputs.new_file(".zip") as path:
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
        earlier: Path | None,
    ) -> None:
        self._rows = rows
        self._speak = speak
        self._outputs = outputs
        self._stop_requested = stop_requested
        self._earlier = earlier
        self._clips: list[Path] = []
        self._made = 0
        self.failure: SpaceError | None = None

    def close(self) -> None:
        """Deletes the clips, which are in the archive."""
        for path in self._clips:
            self._outputs.discard(path)

    def into(self, archive: Archive) -> Generator[BatchProgress, None, None]:
        """Makes line after line, until one shows that the others would fail, too."""
        why_not: str = ""
        for number, row in enumerate(self._rows, start=1):
            if row.made and self._earlier:
                outcome = self._made_before(row, archive, self._earlier)
                yield self._progress(number, None, outcome)
                continue
            why_not = why_not or (_STOPPED if self._stop_requested() else "")
            problem = why_not
            if not why_not:
                try:
                    yield from self._clip(number, row, archive)
                    continue
                except SpaceError as error:
                    self.failure = self.failure or error
                    problem = error.message
                    why_not = _ENDED if isinstance(error, _LAST) else ""
            archive.add_failure(row, problem)
            yield self._progress(number, None, Outcome(problem=problem))

    def _made_before(self, row: Row, archive: Archive, earlier: Path) -> Outcome:
        self._made += 1
        return Outcome(archive.add_made(row, earlier), float(row.made["seconds"]))

    def _clip(
        self, number: int, row: Row, archive: Archive
    ) -> Generator[BatchProgress, None, None]:
        speech = yield from self._admitted(number, row)
        if speech is None:
            archive.add_failure(row, _STOPPED)
            yield self._progress(number, None, Outcome(problem=_STOPPED))
            return
        self._clips.append(speech.path)
        name = archive.add(row, speech)
        self._made += 1
        problem = PART if speech.is_part else ""
        yield self._progress(number, None, Outcome(name, speech.seconds, speech, problem))

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

    def _progress(
        self, number: int, speech: Progress | None, outcome: Outcome | None = None
    ) -> BatchProgress:
        return BatchProgress(number, len(self._rows), speech, self._made, outcome)

"""The studio for front doors: it admits who asks, and charges what was made."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TypeAlias, TypeVar

import gradio as gr
from fastapi import Request
from starlette.datastructures import URL
from starlette.requests import HTTPConnection

from voxcpm_space.api.access.access import Access, Caller
from voxcpm_space.api.access.reservations import Reservation
from voxcpm_space.api.access.routes import SPEECH_PREFIX
from voxcpm_space.api.access.upload_limit import Upload
from voxcpm_space.api.live import LiveSpeeches
from voxcpm_space.audio import Waveform
from voxcpm_space.checking import checked
from voxcpm_space.compat.gradio import public_root
from voxcpm_space.errors import ForbiddenError, NotFoundError, SpaceError, UnknownCallerError
from voxcpm_space.incremental import IncrementalSpeech
from voxcpm_space.messages import N_
from voxcpm_space.reference import Reference, Source
from voxcpm_space.schemas import CloningRequest, Operation, SpeechRequest
from voxcpm_space.studio import Events, Speech, StopRequested, Studio
from voxcpm_space.voices import NamedVoice, UploadedVoice, Voice

_RequestT = TypeVar("_RequestT", SpeechRequest, CloningRequest)
_Plan: TypeAlias = tuple[float, Events]
"""Seconds of audio that a speech is expected to have, and the events of its making."""


class SpeechService:
    """The studio, access checked.

    Attributes:
        studio: Does the work; front doors look at its settings and status only.
        live: What is listened to while it is made.
    """

    def __init__(self, studio: Studio, access: Access) -> None:
        """Stands before the studio."""
        self.studio = studio
        self.live = LiveSpeeches()
        self._access = access

    @property
    def is_closed(self) -> bool:
        """Whether only accounts may ask."""
        return self._access.closed

    def speak(  # noqa: PLR0913
        self,
        request: Request,
        fields: Mapping[str, object] | SpeechRequest,
        *,
        streamed: bool = False,
        is_published: bool = False,
        stop_requested: StopRequested | None = None,
        batch: Reservation | None = None,
    ) -> Events:
        """Speaks a text.

        Args:
            request: By whom and through what it was asked for.
            fields: Those of `SpeechRequest`, unchecked; or one that was checked.
            streamed: Whether the audio goes out while it is made, so that a speech that is left in
                the middle is charged as far as it came.
            is_published: Whether the answer is a link to it, which several servers give alike.
            stop_requested: Where given, asked again and again whether to end early with what is
                made.
            batch: What `batch` gave, where this is one of many that are charged together.

        Raises:
            SpaceError: At the first event, whatever is wrong with caller or fields.
        """
        make = partial(
            self.studio.speak,
            owner=_owner(request),
            streamed=streamed,
            is_published=is_published,
            stop_requested=stop_requested,
        )
        plan = partial(self._plan, SpeechRequest, fields, make)
        return self._charged(request, "text-to-speech", plan, streamed=streamed, batch=batch)

    def clone(
        self,
        request: Request,
        fields: Mapping[str, object] | CloningRequest,
        *,
        streamed: bool = False,
        is_published: bool = False,
        stop_requested: StopRequested | None = None,
    ) -> Events:
        """Speaks a text in the voice of a clip; the fields are those of `CloningRequest`."""
        make = partial(
            self.studio.clone,
            owner=_owner(request),
            streamed=streamed,
            is_published=is_published,
            stop_requested=stop_requested,
        )
        plan = partial(self._plan, CloningRequest, fields, make)
        return self._charged(request, "voice-cloning", plan, streamed=streamed)

    def incremental(
        self, request: HTTPConnection, operation: Operation, fields: Mapping[str, object]
    ) -> IncrementalSpeech:
        """Begins a text that is still being written, for `speak_piece`; see the studio's."""
        return self.studio.incremental(operation, fields, _owner(request))

    def speak_piece(
        self,
        request: HTTPConnection,
        operation: Operation,
        speech: IncrementalSpeech,
        text: str,
    ) -> Events:
        """Speaks the next piece of a text that is still being written; its first counts for all.

        Args:
            request: By whom and through what it was asked for.
            operation: What the speech was begun with.
            speech: As `incremental` gives it.
            text: The piece.
        """

        def plan() -> _Plan:
            wanted = speech.checked(text)
            return wanted.script.seconds, speech.events(wanted)

        to_admit = None if speech.has_begun else operation
        return self._charged(request, to_admit, plan, streamed=True)

    def regenerate(
        self,
        request: Request,
        speech_id: str,
        part: int,
        *,
        stop_requested: StopRequested | None = None,
    ) -> Events:
        """Makes one part (from 1) of a finished speech again; only that part is charged."""
        is_clone = isinstance(self.speech(request, speech_id).request, CloningRequest)
        operation: Operation = "voice-cloning" if is_clone else "text-to-speech"

        def plan() -> _Plan:
            events = self.studio.regenerate(speech_id, part, stop_requested=stop_requested)
            return self.studio.expected_seconds(speech_id, part), events

        return self._charged(request, operation, plan, streamed=False)

    @contextmanager
    def batch(self, request: Request) -> Iterator[Reservation]:
        """Lets many speeches be charged together, by its `settle`.

        Whoever leaves in the middle is charged what is `due`, and nobody for an error.
        """
        with self._access.reservation(_caller(request)) as batch:
            try:
                yield batch
            except SpaceError:
                batch.due = 0.0
                raise

    def examine(self, request: Request, fields: Mapping[str, object]) -> Reference:
        """Prepares a clip to be looked at; the fields are those of `ReferenceRequest`."""
        with self._access.look(_caller(request)):
            return self.studio.examine(fields)

    def speech(self, request: Request, speech_id: str) -> Speech:
        """Gives a finished speech, for whoever has its id."""
        _caller(request)
        return self.studio.speech(speech_id)

    def find(self, speech_id: str) -> Speech | None:
        """Gives a finished speech to a page that shows it already; None where it has expired."""
        return self.studio.find(speech_id)

    def export(self, request: Request, speech_id: str, kind: str) -> Path:
        """Gives a speech in another format or its subtitles; it is paid for already."""
        _caller(request)
        return self.studio.export(speech_id, kind)

    def made_file(self, name: str) -> Path | None:
        """Gives a made file to whoever has its name, which cannot be guessed; None without one."""
        return self.studio.made_file(name)

    def batch_file(self, request: Request, name: str) -> Path:
        """Gives the ZIP file of a batch, for whoever has its name, which cannot be guessed.

        Raises:
            NotFoundError: There is none, or it has expired.
        """
        _caller(request)
        path = self.made_file(name)
        if path is None or path.suffix != ".zip":
            raise NotFoundError(N_("There is no such file, or it has expired."))
        return path

    def samples(self, request: Request, speech_id: str) -> Waveform:
        """Gives the samples of a speech to be looked at, mono at 16 kHz."""
        _caller(request)
        return self.studio.samples(speech_id)

    def voice(self, request: Request, source: object) -> Voice:
        """Reads a voice file, so that a person knows of it before it speaks."""
        with self._access.look(_caller(request)):
            return self.studio.voice(source)

    def voices(self, request: HTTPConnection) -> list[NamedVoice]:
        """Lists the voices that whoever asks can name, their own first."""
        _caller(request)
        return self.studio.voices(_owner(request))

    def named_voice(self, request: HTTPConnection, name: str) -> NamedVoice:
        """Gives the voice that a name means for whoever asks.

        Raises:
            InputError: There is none; says which there are.
        """
        _caller(request)
        return self.studio.named_voice(name, _owner(request))

    def add_voice(
        self, request: Request, fields: Mapping[str, object], clip: Source, media_type: str
    ) -> tuple[UploadedVoice, Reference]:
        """Stores a voice for whoever asks; see `Studio.add_voice`.

        Raises:
            ForbiddenError: Whoever asks may not upload any.
            BalanceError: The account has nothing left.
            BusyError: There were too many requests.
        """
        self._refuse_uploads(request)
        self._access.admit(_caller(request), "voice-cloning")
        return self.studio.add_voice(fields, clip, media_type, _owner(request))

    def delete_voice(self, request: Request, name: str) -> None:
        """Deletes a voice of whoever asks.

        Raises:
            ForbiddenError: Whoever asks may not upload any.
            NotFoundError: They have none of that name.
            BusyError: There were too many requests.
        """
        self._refuse_uploads(request)
        with self._access.look(_caller(request)):
            self.studio.delete_voice(name, _owner(request))

    def _refuse_uploads(self, request: Request) -> None:
        allowed = self.studio.settings.voice_uploads
        if allowed == "everyone" or (allowed == "accounts" and _caller(request).account):
            return
        if allowed == "nobody":
            raise ForbiddenError(
                N_("Voices cannot be uploaded to this server, and none deleted from it.")
            )
        raise ForbiddenError(
            N_(
                "Voices cannot be uploaded to a server that is open to everyone, who could all "
                "speak with them. Whoever runs it can allow it with VOXCPM_VOICE_UPLOADS=everyone."
            )
        )

    def admit_upload(self, request: Request) -> Upload:
        """Counts an upload; what comes with it is to be counted as it comes.

        Raises:
            UnknownCallerError: Nobody knows who uploads.
            BusyError: There were too many.
        """
        return self._access.admit_upload(_caller(request))

    def link(self, speech: Speech, request: Request, route: str) -> str:
        """Gives the URL of a made file, which opens that one file without a key.

        Args:
            speech: What was made.
            request: The request that it answers.
            route: The part of its path that belongs to this application.
        """
        if speech.url:
            return speech.url
        name = speech.path.name
        url = f"{public_root(request, route)}{SPEECH_PREFIX}{name}"
        if not self._access.closed:
            return url
        signature = self._access.signature(name)
        return str(URL(url).include_query_params(signature=signature))

    def _plan(
        self,
        kind: type[_RequestT],
        fields: Mapping[str, object] | _RequestT,
        make: Callable[[_RequestT], Events],
    ) -> _Plan:
        wanted = checked(kind, fields, self.studio.settings)
        return wanted.script.seconds, make(wanted)

    def _charged(
        self,
        request: HTTPConnection,
        operation: Operation | None,
        plan: Callable[[], _Plan],
        *,
        streamed: bool,
        batch: Reservation | None = None,
    ) -> Events:
        """Reserves what a speech is expected to take, and charges what it took.

        A finished speech is charged before it is given out, so that nobody gets it for nothing
        where that fails; streamed audio is out already, and is charged however it ends.
        """
        caller = _caller(request)
        if operation:
            self._access.admit(caller, operation)
        expected, events = plan()
        opened = nullcontext(batch) if batch else self._access.reservation(caller)
        with opened as reservation, closing(events):
            before = reservation.made
            reservation.cover(before + expected)
            for event in events:
                is_finished = isinstance(event, Speech)
                made = before + (
                    event.new_seconds if isinstance(event, Speech) else event.generated
                )
                reservation.cover(made)
                if streamed:
                    reservation.due = made
                elif is_finished and batch is None:
                    reservation.settle(made)
                if is_finished:
                    reservation.made = made
                yield event


def http_request(event: gr.Request | None) -> Request:
    """Gives the HTTP request that a Gradio event or endpoint was called with."""
    assert event is not None, "Gradio injects it where a parameter is annotated so"
    assert event.request is not None, "and everything comes over HTTP"
    return event.request


def _caller(request: HTTPConnection) -> Caller:
    caller = request.state.caller
    if caller is None:
        raise UnknownCallerError(N_("Access denied. Please log in, or send a key."))
    assert isinstance(caller, Caller)
    return caller


def _owner(request: HTTPConnection) -> str:
    """Gives whose voices are meant: an account's, or on an open server everyone's."""
    caller = request.state.caller
    return caller.name if caller and caller.account else ""

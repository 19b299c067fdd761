"""The application: the one path that every front door takes to speech."""

import secrets
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from voxcpm_space.audio import Waveform
from voxcpm_space.cache import SingleFlightCache
from voxcpm_space.checking import checked
from voxcpm_space.engine import Engine, Phase, Status
from voxcpm_space.errors import InputError, ResultsError, StorageError
from voxcpm_space.export import export_speech
from voxcpm_space.incremental import IncrementalSpeech
from voxcpm_space.messages import N_, ngettext
from voxcpm_space.monitoring import AUDIO_SECONDS, OPEN_REQUESTS, RTF
from voxcpm_space.outputs import Outputs, for_the_encoder, read_chunks
from voxcpm_space.reference import Reference, Source
from voxcpm_space.results import ResultStore
from voxcpm_space.schemas import (
    MAX_SEED,
    REQUESTS,
    CloningRequest,
    Operation,
    ReferenceRequest,
    Request,
    SpeechRequest,
)
from voxcpm_space.settings import Settings
from voxcpm_space.speakers import GivenVoice, GivenVoices, build_speakers
from voxcpm_space.speech import Events, Speech, finished
from voxcpm_space.synthesis import (
    Progress,
    SegmentRegeneration,
    Speakers,
    StopRequested,
    Synthesis,
)
from voxcpm_space.voices import MIN_PATCHES, NamedVoice, UploadedVoice, Voice, VoiceUpload

__all__ = ["Events", "Progress", "Speech", "StopRequested", "Studio", "finished"]

_MAX_SPEECHES_BYTES = 256 * 2**20
"""A designed voice takes 80 kB, a clip of 30 s 2 MB; the audio itself is in files."""


class Studio:
    """Speaks and clones for whoever asks."""

    def __init__(self, settings: Settings, engine: Engine, outputs: Outputs) -> None:
        """Brings the parts together.

        Raises:
            StartError: The store of results cannot be written.
        """
        self.settings = settings
        self._engine = engine
        self._outputs = outputs
        self._results = ResultStore(settings) if settings.results else None
        self._given = GivenVoices(settings, engine)
        self._speeches: SingleFlightCache[Speech] = SingleFlightCache(
            _MAX_SPEECHES_BYTES, settings.keep_seconds, size_of=lambda speech: speech.nbytes
        )

    @property
    def status(self) -> Status:
        """How far the model is from speaking."""
        return self._engine.status

    @property
    def comment(self) -> str:
        """What every file says of itself in its comment tag."""
        return f"Synthetic speech, made by the model {self.status.model}"

    def problems(self) -> list[str]:
        """Says what keeps it from serving requests now; nothing where it can."""
        problems = []
        if self.status.phase is not Phase.READY:
            problems.append(f"The model is not ready: {self.status.phase.value}.")
        try:
            self._check_storage(is_published=True)
        except (StorageError, ResultsError) as error:
            problems.append(str(error))
        return problems

    def speak(
        self,
        fields: Mapping[str, object] | SpeechRequest,
        *,
        owner: str = "",
        streamed: bool = False,
        is_published: bool = False,
        stop_requested: StopRequested | None = None,
    ) -> Events:
        """Speaks a text.

        Args:
            fields: Those of `SpeechRequest`, as the front door got them, or checked already.
            owner: The account that asks, whose own voices can be named; empty on an open server.
            streamed: Whether the audio goes out while it is made.
            is_published: Whether the file goes to the store of results, where there is one.
            stop_requested: Where given, asked again and again whether to end early with what is
                made.

        Raises:
            InputError: A field is wrong, or the voice cannot be used.
            NotReadyError: The model is not there yet.
            BusyError: Too many are waiting for it.
        """
        request = checked(SpeechRequest, fields, self.settings)
        return self._speak(
            request,
            owner,
            streamed=streamed,
            is_published=is_published,
            stop_requested=stop_requested,
        )

    def clone(
        self,
        fields: Mapping[str, object] | CloningRequest,
        *,
        owner: str = "",
        streamed: bool = False,
        is_published: bool = False,
        stop_requested: StopRequested | None = None,
    ) -> Events:
        """Speaks a text in the voice of a reference clip, or in one that was kept.

        Args:
            fields: Those of `CloningRequest`, as the front door got them, or checked already.
            owner: The account that asks, whose own voices can be named; empty on an open server.
            streamed: Whether the audio goes out while it is made.
            is_published: Whether the file goes to the store of results, where there is one.
            stop_requested: Where given, asked again and again whether to end early with what is
                made.

        Raises:
            InputError: A field is wrong, or the reference clip or the voice cannot be used.
            NotReadyError: The model is not there yet.
            BusyError: Too many are waiting for it.
        """
        request = checked(CloningRequest, fields, self.settings)
        return self._speak(
            request,
            owner,
            streamed=streamed,
            is_published=is_published,
            stop_requested=stop_requested,
        )

    def incremental(
        self, operation: Operation, fields: Mapping[str, object], owner: str = ""
    ) -> IncrementalSpeech:
        """Speaks a text while it is still being written; nothing of it is stored.

        Args:
            operation: Whether it is spoken or cloned.
            fields: Those of its request, all but the text.
            owner: The account that asks, whose own voices can be named; empty on an open server.
        """

        def check(piece: Mapping[str, object]) -> Request:
            request = checked(REQUESTS[operation], piece, self.settings)
            self._engine.wait_until_ready()
            return request

        def prepare(request: Request) -> tuple[Reference | None, Speakers]:
            given, speakers = self._who_speaks(request, owner)
            return _clip_of(given), speakers

        return IncrementalSpeech(
            self._engine, check, prepare, fields, self.settings.max_text_length
        )

    def examine(self, fields: Mapping[str, object]) -> Reference:
        """Prepares and transcribes a clip, so that a person can look at it before cloning.

        Args:
            fields: Those of `ReferenceRequest`, as the front door got them.

        Raises:
            InputError: A field is wrong, or the reference clip cannot be used.
        """
        return self._given.clip(checked(ReferenceRequest, fields, self.settings))

    def speech(self, speech_id: str) -> Speech:
        """Gives a finished speech.

        Args:
            speech_id: Its `id`.

        Raises:
            InputError: It has expired.
        """
        speech = self.find(speech_id)
        if speech is None:
            raise self._outputs.expired()
        return speech

    def find(self, speech_id: str) -> Speech | None:
        """Gives a finished speech; None where there is none, or it has expired."""
        speech = self._speeches.peek(speech_id)
        return speech if speech and speech.path.exists() else None

    def regenerate(
        self, speech_id: str, part: int, *, stop_requested: StopRequested | None = None
    ) -> Events:
        """Makes one part of a finished speech again, with another seed and in the same voice.

        The events end without a Speech where a person stopped it: the old one is as it was.

        Args:
            speech_id: Of the finished one.
            part: Which of its parts, from 1.
            stop_requested: Where given, asked again and again whether to leave it as it was.

        Raises:
            InputError: There is no such part, or the speech has expired.
            NotReadyError: The model is not there yet.
            BusyError: Too many are waiting for it.
        """
        started = time.perf_counter()
        speech = self._speech_with(speech_id, part)
        self._engine.wait_until_ready()
        self._outputs.check_disk_space()
        with self._outputs.open(speech.path) as file:
            samples, comment = np.concatenate(list(read_chunks(file))), file.comment
        seed, timeline = secrets.randbelow(MAX_SEED + 1), speech.timeline
        regeneration = SegmentRegeneration(
            self._engine,
            timeline,
            samples,
            part - 1,
            seed=seed,
            stop_requested=stop_requested,
            speed=speech.request.speed,
        )
        with OPEN_REQUESTS.track_inprogress(), closing(regeneration.events()) as events:
            for progress in events:
                yield replace(progress, reference=speech.reference, notes=speech.notes)
        if regeneration.is_whole:
            comment += f"; part {part} made again with seed {seed}"
            path = self._outputs.save(regeneration.audio, speech.sample_rate, comment)
            elapsed = time.perf_counter() - started
            yield self._finished(regeneration, speech.with_regenerated(regeneration, path, elapsed))

    def expected_seconds(self, speech_id: str, part: int) -> float:
        """Estimates the seconds of audio of a part (from 1) that is made again.

        Raises:
            InputError: There is no such part, or the speech has expired.
        """
        text = self._speech_with(speech_id, part).timeline.segments[part - 1].text
        return text.seconds + text.pause

    def expire_results(self) -> None:
        """Deletes what is old enough in the store of results, where there is one.

        Raises:
            ResultsError: It cannot be read or written.
        """
        if self._results:
            self._results.expire()

    def export(self, speech_id: str, kind: str) -> Path:
        """Gives a finished speech in another format, or its subtitles; `export.KINDS` has all.

        Raises:
            InputError: There is no such kind, or the speech has expired.
            StorageError: It cannot be stored.
        """
        speech = self.speech(speech_id)
        return export_speech(self._outputs, speech.path, speech.sentences, kind)

    def made_file(self, name: str) -> Path | None:
        """Gives the made file of that name, which may be anything; None where there is none."""
        return self._outputs.find(name)

    def samples(self, speech_id: str) -> Waveform:
        """Gives the samples of a finished speech to be looked at, mono at 16 kHz.

        Raises:
            InputError: It has expired.
        """
        with self._outputs.open(self.speech(speech_id).path) as file:
            return for_the_encoder(file)

    def voice(self, source: object) -> Voice:
        """Reads a voice file, so that a person knows of it before it speaks.

        Args:
            source: As the field `voice`.

        Raises:
            InputError: It cannot be had or used.
            NotReadyError: The model is not there yet, without which nobody knows.
            BusyError: Too many are waiting for it.
        """
        self._engine.wait_until_ready()
        return self._given.kept(source)

    def voices(self, owner: str = "") -> list[NamedVoice]:
        """Lists the voices that `voice` can name, the caller's own first, the examples last.

        Args:
            owner: The account that asks; empty on an open server.
        """
        return self._given.library.voices(owner)

    def named_voice(self, name: str, owner: str = "") -> NamedVoice:
        """Gives the voice of a name, of those that `voices` lists.

        Raises:
            InputError: There is none; says which there are.
        """
        return self._given.library.get(name, owner)

    def add_voice(
        self, fields: Mapping[str, object], clip: Source, media_type: str, owner: str = ""
    ) -> tuple[UploadedVoice, Reference]:
        """Stores a voice that can be named from now on, also after a restart.

        Args:
            fields: Those of `VoiceUpload`, as the front door got them.
            clip: Whose voice it is.
            media_type: What the client calls its format.
            owner: The account that it belongs to; empty on an open server, for everyone.

        Returns:
            What is known of it, and what was made of its clip.

        Raises:
            InputError: A field is wrong, the clip cannot be used, the name is taken, or there are
                too many.
            ForbiddenError: There is no folder for it.
            StorageError: It cannot be stored.
        """
        upload = checked(VoiceUpload, fields, self.settings)
        wanted = ReferenceRequest(reference_audio_url=clip, transcribe=False)
        reference = self._given.clip(wanted, upload.ref_text)
        voice = self._given.library.add(upload, clip.read(), media_type, owner)
        return voice, reference

    def delete_voice(self, name: str, owner: str = "") -> None:
        """Deletes a voice that its owner has uploaded.

        Raises:
            NotFoundError: The owner has none of that name.
            StorageError: It cannot be deleted.
        """
        self._given.library.delete(name, owner)

    def _speak(
        self,
        request: Request,
        owner: str,
        *,
        streamed: bool,
        is_published: bool,
        stop_requested: StopRequested | None,
    ) -> Events:
        started = time.perf_counter()
        self._engine.wait_until_ready()
        self._check_storage(is_published=is_published)
        given, speakers = self._who_speaks(request, owner)
        reference = _clip_of(given)
        synthesis = Synthesis(
            self._engine,
            speakers,
            request.script,
            streamed=streamed,
            stop_requested=stop_requested,
            speed=request.speed,
        )
        with OPEN_REQUESTS.track_inprogress(), closing(synthesis.events()) as events:
            for progress in events:
                yield replace(progress, reference=reference, notes=request.script.notes)
        if synthesis.audio:
            speech = self._speech_of(synthesis, request, reference, started)
            speech = replace(
                speech,
                voice=self._voice_of(speakers, given),
                url=self._results.publish(speech.path) if self._results and is_published else "",
            )
            yield self._finished(synthesis, speech)

    def _check_storage(self, *, is_published: bool) -> None:
        """Returns if what is made can be kept.

        Raises:
            StorageError: Not on this server.
            ResultsError: Not in the store of results.
        """
        self._outputs.check_disk_space()
        if self._results and is_published:
            self._results.check()

    def _who_speaks(
        self, request: Request, owner: str
    ) -> tuple[Mapping[str, GivenVoice], Speakers]:
        """Gives the voices of a request that are not designed, and who speaks."""
        self._check_lora(request.lora)
        given = self._given.of(request, request.how, owner)
        return given, build_speakers(request, request.how, given, by_preview=self.status.is_preview)

    def _speech_of(
        self, synthesis: Synthesis, request: Request, reference: Reference | None, started: float
    ) -> Speech:
        comment = f"{self.comment} (seed {request.seed})"
        path = self._outputs.save(synthesis.audio, self._engine.sample_rate, comment)
        return Speech(
            path=path,
            request=request,
            sample_rate=self._engine.sample_rate,
            seconds=synthesis.seconds,
            elapsed=time.perf_counter() - started,
            rtf=synthesis.rtf,
            timeline=synthesis.timeline,
            new_seconds=synthesis.generated_seconds,
            reference=reference.used if reference else None,
            warnings=tuple(synthesis.warnings),
            notes=request.script.notes,
            is_part=synthesis.is_part,
        )

    def _speech_with(self, speech_id: str, part: int) -> Speech:
        speech = self.speech(speech_id)
        parts = len(speech.timeline.segments)
        if part in range(1, parts + 1):
            return speech
        raise InputError(
            ngettext(
                "The speech has {count} part. Please choose it.",
                "The speech has {count} parts. Please choose one of them.",
                parts,
            )
        )

    def _finished(self, made: Synthesis | SegmentRegeneration, speech: Speech) -> Speech:
        """Counts what was made, and keeps the speech, so that it can be found by its id."""
        AUDIO_SECONDS.inc(made.seconds)
        RTF.observe(made.rtf)
        self._speeches.put(speech.id, speech)
        return speech

    def _check_lora(self, name: str) -> None:
        names = self._engine.loras
        if not name or name in names:
            return
        if not names:
            raise InputError(
                N_("There are no LoRA weights here that can be named. Please leave lora out.")
            )
        raise InputError(
            N_(
                "There are no LoRA weights of the name {name}. There are: {names}.",
                name=ascii(name),
                names=", ".join(names),
            )
        )

    def _voice_of(self, speakers: Speakers, given: Mapping[str, GivenVoice]) -> Voice | None:
        """Gives the voice to keep, where one alone has spoken."""
        if len(speakers) > 1:
            return None
        ((name, speaker),) = speakers.items()
        voice, base = given.get(name), speaker.base_request
        if isinstance(voice, Voice):
            return voice
        is_clone = base.reference is not None
        encoded = self._engine.encoded_reference(base) if is_clone else speaker.voice
        if encoded is None or len(encoded.voice) < MIN_PATCHES:
            return None
        description = "" if is_clone else speaker.description
        return Voice(encoded, self.status.model, base.transcript, description)


def _clip_of(given: Mapping[str, GivenVoice]) -> Reference | None:
    """Gives the clip of who has no name, where there is one."""
    clip = given.get("")
    return clip if isinstance(clip, Reference) else None

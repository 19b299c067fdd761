"""The application: the one path that every front door takes to speech."""

import secrets
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from voxcpm_space.audio import Waveform
from voxcpm_space.engine import Engine, Phase, Status
from voxcpm_space.errors import InputError, StorageError
from voxcpm_space.export import export_speech
from voxcpm_space.monitoring import AUDIO_SECONDS, OPEN_REQUESTS, RTF
from voxcpm_space.outputs import Outputs, for_the_encoder, waveforms
from voxcpm_space.reference import Reference, ReferenceLoader
from voxcpm_space.schemas import (
    MAX_SEED,
    CloningRequest,
    ReferenceRequest,
    Request,
    SpeechRequest,
    checked,
)
from voxcpm_space.settings import Settings
from voxcpm_space.speakers import build_speakers, script_of
from voxcpm_space.speech import Events, Speech, finished
from voxcpm_space.synthesis import (
    Progress,
    SegmentRegeneration,
    Speakers,
    StopRequested,
    Synthesis,
)
from voxcpm_space.voices import MIN_PATCHES, Voice, VoiceLoader

__all__ = ["Events", "Progress", "Speech", "StopRequested", "Studio", "finished"]


class Studio:
    """Speaks and clones for whoever asks."""

    def __init__(self, settings: Settings, engine: Engine, outputs: Outputs) -> None:
        """Brings the parts together."""
        self.settings = settings
        self._engine = engine
        self._outputs = outputs
        self._references = ReferenceLoader(settings)
        self._voices = VoiceLoader(settings, engine)

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
            self._outputs.check_room()
        except StorageError as error:
            problems.append(str(error))
        return problems

    def speak(
        self,
        fields: Mapping[str, object],
        *,
        streamed: bool = False,
        stopped: StopRequested | None = None,
    ) -> Events:
        """Speaks a text.

        Args:
            fields: Those of `SpeechRequest`, as the front door got them.
            streamed: Whether the audio goes out while it is made.
            stopped: Where given, asked again and again whether to end early with what is made.

        Raises:
            InputError: A field is wrong, or the voice cannot be used.
            NotReadyError: The model is not there yet.
            BusyError: Too many are waiting for it.
        """
        request = checked(SpeechRequest, fields, self.settings)
        return self._perform(request, request.voice_description, None, streamed, stopped)

    def clone(
        self,
        fields: Mapping[str, object],
        *,
        streamed: bool = False,
        stopped: StopRequested | None = None,
    ) -> Events:
        """Speaks a text in the voice of a reference clip, or in one that was kept.

        Args:
            fields: Those of `CloningRequest`, as the front door got them.
            streamed: Whether the audio goes out while it is made.
            stopped: Where given, asked again and again whether to end early with what is made.

        Raises:
            InputError: A field is wrong, or the reference clip or the voice cannot be used.
            NotReadyError: The model is not there yet.
            BusyError: Too many are waiting for it.
        """
        request = checked(CloningRequest, fields, self.settings)
        return self._perform(request, request.style, request, streamed, stopped)

    def examine(self, fields: Mapping[str, object]) -> Reference:
        """Prepares and transcribes a clip, so that a person can look at it before cloning.

        Args:
            fields: Those of `ReferenceRequest`, as the front door got them.

        Raises:
            InputError: A field is wrong, or the reference clip cannot be used.
        """
        return self._reference(checked(ReferenceRequest, fields, self.settings))

    def regenerate(
        self, speech: Speech, part: int, *, stopped: StopRequested | None = None
    ) -> Events:
        """Makes one part of a finished speech again, with another seed and in the same voice.

        The events end without a Speech where a person stopped it: the old one is as it was.

        Args:
            speech: The finished one.
            part: Which of its parts, from 1.
            stopped: Where given, asked again and again whether to leave it as it was.

        Raises:
            InputError: There is no such part, or the speech has expired.
            NotReadyError: The model is not there yet.
            BusyError: Too many are waiting for it.
        """
        started = time.perf_counter()
        parts = len(speech.told.segments)
        if part not in range(1, parts + 1):
            raise InputError(f"The speech has {parts} parts. Please choose one of them.")
        self._engine.wait_until_ready()
        self._outputs.check_room()
        with self._outputs.open(speech.path) as file:
            samples, comment = np.concatenate(list(waveforms(file))), file.comment
        seed = secrets.randbelow(MAX_SEED + 1)
        told = speech.told
        regeneration = SegmentRegeneration(
            self._engine, told, samples, part - 1, seed=seed, stopped=stopped
        )
        with OPEN_REQUESTS.track_inprogress(), closing(regeneration.events()) as events:
            for progress in events:
                yield replace(progress, reference=speech.reference, notes=speech.notes)
        if regeneration.is_whole:
            comment += f"; part {part} made again with seed {seed}"
            path = self._outputs.save(regeneration.pieces, speech.sample_rate, comment)
            _count(regeneration)
            yield speech.with_regenerated(regeneration, path, time.perf_counter() - started)

    def export(self, speech: Speech, kind: str) -> Path:
        """Gives a finished speech in another format, or its subtitles; `copies.KINDS` has all.

        Raises:
            InputError: There is no such kind, or the speech has expired.
            StorageError: It cannot be stored.
        """
        return export_speech(self._outputs, speech.path, speech.sentences, kind)

    def sound(self, speech: Speech) -> Waveform:
        """Gives the samples of a finished speech to be looked at, mono at 16 kHz.

        Raises:
            InputError: It has expired.
        """
        with self._outputs.open(speech.path) as file:
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
        return self._voices.load(source)

    def _perform(
        self,
        request: Request,
        style: str,
        cloning: CloningRequest | None,
        streamed: bool,  # noqa: FBT001
        stopped: StopRequested | None,
    ) -> Events:
        started = time.perf_counter()
        script = script_of(request)
        self._engine.wait_until_ready()
        self._outputs.check_room()
        voice = self._kept_voice(request.voice, style) if request.has_voice else None
        reference = None
        if cloning and voice is None:
            reference = self._reference(cloning, cloning.prompt_text, cloning.style)
        cast = build_speakers(request, style, script, reference, voice)
        synthesis = Synthesis(self._engine, cast, script, streamed=streamed, stopped=stopped)
        with OPEN_REQUESTS.track_inprogress(), closing(synthesis.events()) as events:
            for progress in events:
                yield replace(progress, reference=reference, notes=script.notes)
        if not synthesis.pieces:
            return
        _count(synthesis)
        comment = f"{self.comment} (seed {request.seed})"
        yield Speech(
            path=self._outputs.save(synthesis.pieces, self._engine.sample_rate, comment),
            request=request,
            sample_rate=self._engine.sample_rate,
            seconds=synthesis.seconds,
            elapsed=time.perf_counter() - started,
            rtf=synthesis.rtf,
            told=synthesis.told,
            new_seconds=synthesis.seconds,
            reference=reference.used if reference else None,
            warnings=tuple(synthesis.warnings),
            notes=script.notes,
            is_part=synthesis.is_part,
            voice=self._voice_of(cast, voice),
        )

    def _kept_voice(self, source: object, style: str) -> Voice:
        voice = self._voices.load(source)
        if voice.transcript and style:
            raise InputError(
                "This voice takes no style: it was kept with its transcript, so VoxCPM2 goes on "
                "from that as it is and would read the style aloud. Please leave the style out."
            )
        return voice

    def _voice_of(self, cast: Speakers, kept: Voice | None) -> Voice | None:
        """Gives the voice to keep, where one alone has spoken."""
        if len(cast) > 1:
            return None
        (speaker,) = cast.values()
        pattern = speaker.pattern
        if pattern.encoded is not None:
            return kept
        is_clone = pattern.reference is not None
        encoded = self._engine.encoded(pattern) if is_clone else speaker.voice
        if encoded is None or len(encoded.voice) < MIN_PATCHES:
            return None
        description = "" if is_clone else speaker.description
        return Voice(encoded, self.status.model, pattern.transcript, description)

    def _reference(
        self, wanted: ReferenceRequest, transcript: str = "", style: str = ""
    ) -> Reference:
        # The preview hardly follows a clip, and less so with a transcript: no download for that.
        transcribe = wanted.transcribe and not style and not self.status.is_preview
        return self._references.load(
            wanted.reference_audio_url,
            start=wanted.reference_start,
            denoise=wanted.denoise,
            transcript=transcript,
            transcribe=transcribe,
        )


def _count(made: Synthesis | SegmentRegeneration) -> None:
    AUDIO_SECONDS.inc(made.seconds)
    RTF.observe(made.rtf)

"""The application: the one path that every front door takes to speech."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from voxcpm_space.audio import Waveform
from voxcpm_space.engine import Engine, Phase, Status, Take, Waiting
from voxcpm_space.errors import ClientLeftError, StorageError
from voxcpm_space.monitoring import AUDIO_SECONDS, COMPUTE_SECONDS, OPEN_TAKES, RTF, TTFA
from voxcpm_space.outputs import Outputs
from voxcpm_space.reference import Reference, ReferenceLoader
from voxcpm_space.schemas import CloningRequest, ReferenceRequest, Request, SpeechRequest, checked
from voxcpm_space.settings import Settings
from voxcpm_space.text import estimate_seconds, spell_out, with_description


@dataclass(frozen=True)
class Progress:
    """Speech in the making.

    Attributes:
        made: Seconds of audio so far; 0 while the take waits for its turn.
        expected: Seconds of audio that the text is estimated to need.
        audio: Samples since the last event, mono, shape (samples,).
        sample_rate: Of the audio, in Hz.
        waiting: How far the take is from its turn; None once it has come.
        reference: What was made of the reference clip, where there is one.
    """

    made: float
    expected: float
    audio: Waveform
    sample_rate: int
    waiting: Waiting | None = None
    reference: Reference | None = None


@dataclass(frozen=True)
class Speech:
    """A finished take.

    Attributes:
        path: The WAV file.
        sample_rate: In Hz.
        seconds: Of audio.
        seed: Makes the same take again.
        elapsed: Seconds from the request to the finished file.
        rtf: Seconds of computing for a second of audio.
        reference: What was made of the reference clip, where there is one.
    """

    path: Path
    sample_rate: int
    seconds: float
    seed: int
    elapsed: float
    rtf: float
    reference: Reference | None = None


Events: TypeAlias = Generator[Progress | Speech, None, None]
"""Progress again and again, and at the end, once, the Speech. Closing it stops the work."""


class Studio:
    """Speaks and clones for whoever asks."""

    def __init__(self, settings: Settings, engine: Engine, outputs: Outputs) -> None:
        """Brings the parts together."""
        self.settings = settings
        self._engine = engine
        self._outputs = outputs
        self._references = ReferenceLoader(settings)

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

    def speak(self, fields: Mapping[str, object]) -> Events:
        """Speaks a text.

        Args:
            fields: Those of `SpeechRequest`, as the front door got them.

        Raises:
            InputError: A field is wrong.
            NotReadyError: The model is not there yet.
            BusyError: Too many are waiting for it.
        """
        request = checked(SpeechRequest, fields, self.settings)
        return self._perform(request, request.voice_description)

    def clone(self, fields: Mapping[str, object]) -> Events:
        """Speaks a text in the voice of a reference clip.

        Args:
            fields: Those of `CloningRequest`, as the front door got them.

        Raises:
            InputError: A field is wrong, or the reference clip cannot be used.
            NotReadyError: The model is not there yet.
            BusyError: Too many are waiting for it.
        """
        request = checked(CloningRequest, fields, self.settings)
        return self._perform(request, request.style, request)

    def examine(self, fields: Mapping[str, object]) -> Reference:
        """Prepares and transcribes a clip, so that a person can look at it before cloning.

        Args:
            fields: Those of `ReferenceRequest`, as the front door got them.

        Raises:
            InputError: A field is wrong, or the reference clip cannot be used.
        """
        return self._reference(checked(ReferenceRequest, fields, self.settings))

    def _perform(
        self, request: Request, description: str, cloning: CloningRequest | None = None
    ) -> Events:
        started = time.perf_counter()
        self._engine.wait_until_ready()
        self._outputs.check_room()
        text = spell_out(request.text) if request.normalize else request.text
        take = Take(
            text=with_description(description, text),
            seed=request.seed,
            cfg_value=request.cfg_value,
            dit_steps=request.dit_steps,
        )
        reference = None
        if cloning:
            reference = self._reference(cloning, cloning.prompt_text, cloning.style)
            take = replace(take, reference=reference.samples, transcript=reference.transcript)
        recording = _Recording(self._engine.sample_rate, estimate_seconds(text))
        with OPEN_TAKES.track_inprogress(), closing(self._engine.stream(take)) as patches:
            for progress in recording.follow(patches):
                yield replace(progress, reference=reference)
        AUDIO_SECONDS.inc(recording.seconds)
        RTF.observe(recording.rtf)
        comment = f"{self.comment} (seed {take.seed})"
        path = self._outputs.save(recording.waveform(), recording.sample_rate, comment)
        yield Speech(
            path=path,
            sample_rate=recording.sample_rate,
            seconds=recording.seconds,
            seed=take.seed,
            elapsed=time.perf_counter() - started,
            rtf=recording.rtf,
            reference=reference,
        )

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


_SILENCE: Waveform = np.zeros(0, np.float32)


@dataclass
class _Recording:
    """What a take has made so far, and how long it worked on it."""

    sample_rate: int
    expected: float
    computing: float = 0.0
    samples: int = 0
    patches: list[Waveform] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return self.samples / self.sample_rate

    @property
    def rtf(self) -> float:
        return self.computing / self.seconds

    def waveform(self) -> Waveform:
        return np.concatenate(self.patches)

    def follow(self, patches: Iterator[Waveform | Waiting]) -> Iterator[Progress]:
        turn_came = time.perf_counter()
        for patch in patches:
            now = time.perf_counter()
            if isinstance(patch, Waiting):
                turn_came = now
                yield Progress(0.0, self.expected, _SILENCE, self.sample_rate, waiting=patch)
                continue
            if not self.samples:
                TTFA.observe(now - turn_came)
            COMPUTE_SECONDS.inc(now - turn_came - self.computing)
            self.patches.append(patch)
            self.samples += len(patch)
            self.computing = now - turn_came
            yield Progress(self.seconds, self.expected, patch, self.sample_rate)


def finished(events: Events, has_left: Callable[[], bool] = lambda: False) -> Speech:
    """Waits for the end and gives the speech.

    Args:
        events: Of a take.
        has_left: Tells whether nobody waits for it any more.

    Raises:
        ClientLeftError: Nobody does; the work has ended.
    """
    with closing(events):
        for event in events:
            if isinstance(event, Speech):
                return event
            if has_left():
                raise ClientLeftError("The client left.")
    raise AssertionError("A take ends with its speech")

"""VoxCPM2 for the application: found, loaded once, and streamed, first come, first served."""

import logging
import threading
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from typing import TypeAlias

from voxcpm_space.audio import Waveform
from voxcpm_space.compat.spaces import is_zero_gpu
from voxcpm_space.engine.checkpoint import Checkpoint, find_checkpoint
from voxcpm_space.engine.generation_model import GenerationModel, ModelFacts
from voxcpm_space.engine.lora_files import FOR_ALL, find_loras
from voxcpm_space.engine.pool import ModelPool
from voxcpm_space.engine.ray_model import RayModel
from voxcpm_space.engine.reference_cache import EncodedReferenceCache
from voxcpm_space.engine.remote import RemoteModel
from voxcpm_space.engine.request import EncodedReference, GenerationRequest, GenerationResult
from voxcpm_space.engine.request_queue import QueuePosition, RequestQueue
from voxcpm_space.engine.status import Phase, Status
from voxcpm_space.engine.zerogpu import ZeroGPUModel
from voxcpm_space.errors import NotReadyError, StartError, StoppingError
from voxcpm_space.messages import N_
from voxcpm_space.settings import Settings
from voxcpm_space.text import estimate_seconds

logger = logging.getLogger(__name__)

EngineOutput: TypeAlias = Waveform | QueuePosition | GenerationResult
"""As `Engine.stream` gives it."""

_LOADING_SECONDS = 60.0
"""How long a request waits for a model that is being loaded from disk."""
_QUEUE_POLL_SECONDS = 0.2
"""How often a request that waits says so, and finds out whether it is still wanted."""
_LOGGED_STEP = 0.05
"""Part of a download between two lines in the log."""


class Engine:
    """VoxCPM2, loaded once.

    Attributes:
        status: How far the model is from speaking.
        patch_shape: Shape of a patch of latents, (latents, channels); of zeros before it is loaded.
        loras: Names of the LoRAs that a request can name.
    """

    def __init__(self, settings: Settings) -> None:
        """Prepares; nothing is loaded before `load`.

        Raises:
            StartError: There are no LoRA weights where they should be, or the settings name two
                engines.
        """
        self.status = Status()
        self.patch_shape = (0, 0)
        self.loras = tuple(name for name in find_loras(settings.lora) if name != FOR_ALL)
        self._settings = settings
        self._loaded = threading.Event()
        waiting = settings.max_waiting
        self._queue = RequestQueue(waiting, _concurrency(settings))
        self._logged_part = 0.0
        self._references = EncodedReferenceCache(settings.keep_seconds)
        self._model = self._chosen_model()

    def prepare(self) -> None:
        """Begins what the model needs whichever it is, while the caller goes on."""
        self._model.start()

    @property
    def takes_latents(self) -> bool:
        """Whether a voice can be given as latents; servers elsewhere take clips alone."""
        return self._model.takes_latents

    def load(self) -> None:
        """Finds, downloads where needed, and loads the model; a second call does nothing.

        On ZeroGPU it must be called on the main thread, before the page is launched: there
        torch's CUDA emulation is thread-local, and the launch moves what is loaded.

        Raises:
            StartError: The model cannot be had or loaded; says what to do.
        """
        if self._loaded.is_set():
            return
        started = time.perf_counter()
        try:
            facts = self._model.load(self._find_checkpoint)
        except StartError:
            self._report_phase(Phase.FAILED)
            raise
        self.patch_shape = facts.patch_shape
        self._name_model(facts, self.status.phase)
        self._report_phase(Phase.READY)
        self._loaded.set()
        logger.info("%s speaks after %.1f s", self.status.model, time.perf_counter() - started)

    def wait_until_ready(self) -> None:
        """Returns when the model can speak.

        Raises:
            BusyError: Too many are waiting for it.
            NotReadyError: It is being downloaded, or does not get loaded in time.
            StoppingError: The application is ending.
        """
        if self.status.phase is Phase.STOPPING:
            raise StoppingError
        if self.status.phase is Phase.DOWNLOADING:
            raise NotReadyError(
                N_(
                    "The model is still being downloaded ({part:.0%} done). "
                    "Please try again in a few minutes.",
                    part=self.status.downloaded,
                )
            )
        if not self._loaded.wait(_LOADING_SECONDS):
            raise NotReadyError(
                N_("The model is still being loaded. Please try again in a minute.")
            )
        self._queue.check_capacity()

    @property
    def sample_rate(self) -> int:
        """Of what is generated, in Hz."""
        return self._model.sample_rate

    def encoded_reference(self, request: GenerationRequest) -> EncodedReference | None:
        """Gives what the model takes a request's voice from, where that is known."""
        return self._references.attach(request).encoded

    def stream(
        self, request: GenerationRequest, *, longest_text: str = "", although_full: bool = False
    ) -> Generator[EngineOutput, None, None]:
        """Generates audio, patch by patch; closing the iterator ends the work.

        Args:
            request: What to generate.
            longest_text: Text of a later request with the same voice, which must fit into the
                model's context, too.
            although_full: Whether it is let in where the queue is full.

        Yields:
            While the request waits for its turn, how far it is from it; then mono samples, shape
            (samples,); then the result.

        Raises:
            BusyError: Too many are waiting.
            SpaceError: As of `GenerationModel.stream`.
        """
        seconds = estimate_seconds(request.text)
        with self._queue.slot(seconds, although_full=although_full) as slot:
            while position := slot.wait(_QUEUE_POLL_SECONDS):
                yield position
            sent = self._references.attach(request)
            with closing(self._model.stream(sent, longest_text, slot.release)) as outputs:
                for output in outputs:
                    if output is None:
                        yield slot.wait_on()
                    elif isinstance(output, EncodedReference):
                        self._references.put(request, output)
                    else:
                        yield output

    def stop(self, grace_seconds: float) -> bool:
        """Admits no more requests, lets those that came before finish, and ends the model.

        Args:
            grace_seconds: After these, what is not finished is ended.

        Returns:
            Whether there were any.
        """
        self._report_phase(Phase.STOPPING)
        had_requests = not self._queue.wait_until_empty(0)
        if not self._queue.wait_until_empty(grace_seconds):
            logger.warning("Requests were not finished within %.0f s and are ended", grace_seconds)
        self._model.close()
        return had_requests

    def _chosen_model(self) -> GenerationModel:
        settings = self._settings
        if is_zero_gpu():
            return ZeroGPUModel(settings)
        if settings.engine_url:
            return RemoteModel(settings, self._report_phase, self._queue.resize)
        if settings.ray:
            return RayModel(settings, self._report_phase, self._queue.resize)
        return ModelPool(settings, self._report_phase, self._queue.resize)

    def _find_checkpoint(self) -> Checkpoint:
        checkpoint = find_checkpoint(
            self._settings.model, self._report_download, may_fall_back=not is_zero_gpu()
        )
        self._name_model(ModelFacts.of(checkpoint), Phase.LOADING)
        return checkpoint

    def _name_model(self, facts: ModelFacts, phase: Phase) -> None:
        self.status = Status(
            phase, facts.name, is_preview=facts.is_preview, why_preview=facts.why_preview
        )

    def _report_download(self, done: float) -> None:
        if done >= self._logged_part + _LOGGED_STEP:
            self._logged_part = done
            logger.info("Downloaded %.0f %%", 100 * done)
        self.status = Status(Phase.DOWNLOADING, downloaded=done)

    def _report_phase(self, phase: Phase) -> None:
        if self.status.phase is not Phase.STOPPING:
            self.status = replace(self.status, phase=phase)


def _concurrency(settings: Settings) -> int:
    """Gives how many requests have their turn at the same time."""
    if is_zero_gpu():  # it has a queue of its own, and a process for each request
        return settings.max_waiting
    if settings.engine_url:
        return len(settings.engine_urls) * settings.engine_concurrency
    if settings.ray:
        return max(settings.replicas, settings.ray_max_replicas)
    return len(settings.devices) * settings.replicas

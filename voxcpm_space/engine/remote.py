"""VoxCPM2 on servers of vLLM-Omni, each of which generates for several requests at once."""

import logging
from collections.abc import Callable, Generator
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack, aclosing
from queue import SimpleQueue
from typing import TypeAlias

import anyio
import numpy as np
import soxr
from anyio.from_thread import BlockingPortal, start_blocking_portal

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.engine.checkpoint import Checkpoint
from voxcpm_space.engine.generation_model import ModelFacts
from voxcpm_space.engine.request import GenerationRequest, GenerationResult, ModelOutput
from voxcpm_space.engine.status import Phase
from voxcpm_space.engine.vllm_omni import (
    MAX_CLIP_SECONDS,
    SAMPLE_RATE,
    ServerError,
    VLLMOmniServer,
)
from voxcpm_space.errors import (
    ModelServerError,
    ModelServerLostError,
    ModelServerSilentError,
    SpaceError,
    StartError,
    StoppingError,
)
from voxcpm_space.settings import Settings

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 5.0
"""Between two looks at how the servers are."""
_OF_A_MODEL_HERE = (
    *("model", "device", "replicas", "compile", "cuda_graphs", "cpu_int8", "lora"),
    *("ray", "ray_max_replicas", "ray_gpus", "ray_cpus"),
)

_Outputs: TypeAlias = "SimpleQueue[Waveform | None]"
"""Of one request; None is its end."""


class RemoteModel:
    """VoxCPM2 on one server or several; what one loses before it is heard, another one generates.

    All connections run in one event loop, in a thread of its own: they are read while a listener
    is slow, and closed at once where nobody listens any more.

    Attributes:
        takes_latents: The servers keep them to themselves, and take clips alone.
        sample_rate: Of what is generated, in Hz.
    """

    takes_latents = False
    sample_rate = SAMPLE_RATE

    def __init__(
        self, settings: Settings, report: Callable[[Phase], None], resize: Callable[[int], None]
    ) -> None:
        """Prepares; nothing is sent before `load`.

        Args:
            settings: Servers, and what they are sent at the same time.
            report: Told when no server can be reached, and when one can again.
            resize: Told how many requests the servers take that can be reached.

        Raises:
            StartError: The settings want a model here, too, or what these servers do not take.
        """
        _refuse_other_engines(settings)
        self._report, self._resize = report, resize
        self._stall_seconds, self._each = settings.stall_seconds, settings.engine_concurrency
        self._servers = [
            VLLMOmniServer(url, settings.engine_key, settings.stall_seconds)
            for url in settings.engine_urls
        ]
        self._model = ""
        self._running = dict.fromkeys(self._servers, 0)
        self._reachable: set[VLLMOmniServer] = set()
        self._doubted = anyio.Event()
        self._portal: BlockingPortal | None = None
        self._ending = ExitStack()
        self._closed = False

    def start(self) -> None:
        """Starts the event loop."""
        if self._portal is None:
            self._portal = self._ending.enter_context(start_blocking_portal(name="model servers"))

    def load(self, checkpoint: Callable[[], Checkpoint]) -> ModelFacts:  # noqa: ARG002  (it is loaded there)
        """Asks the servers for their model, and watches them from now on.

        Raises:
            StartError: None can be reached, or they have different models.
        """
        self.start()
        assert self._portal is not None
        self._model = self._portal.call(self._common_model)
        self._portal.start_task_soon(self._watch)
        return ModelFacts(self._model)

    def stream(
        self,
        request: GenerationRequest,
        longest_text: str,  # noqa: ARG002  (a segment and a clip of 30 s are far from the context)
        release: Callable[[], None],
    ) -> Generator[ModelOutput, None, None]:
        """Generates; the server works ahead of whoever listens, and stops when that ends.

        Raises:
            SpaceError: As of `GenerationModel.stream`.
        """
        if self._closed:
            raise StoppingError
        assert self._portal is not None
        outputs: _Outputs = SimpleQueue()
        job = self._portal.start_task_soon(self._work, request, outputs, release)
        made: list[Waveform] = []
        try:
            while (output := outputs.get()) is not None:
                made.append(output)
                yield output
            _raise_what_ended(job)
        finally:
            job.cancel()
        clip = soxr.resample(np.concatenate(made), SAMPLE_RATE, ENCODER_SAMPLE_RATE)
        yield GenerationResult("stop", clip=clip)

    def close(self) -> None:
        """Closes all connections, and with them ends the work on the servers."""
        if self._portal is not None and not self._closed:
            self._closed = True
            self._portal.call(self._portal.stop, True)  # noqa: FBT003  (cancels what is left)
            self._ending.close()

    async def _work(
        self, request: GenerationRequest, outputs: _Outputs, release: Callable[[], None]
    ) -> None:
        try:
            await self._generate(request, outputs)
        finally:
            outputs.put(None)
            release()

    async def _generate(self, request: GenerationRequest, outputs: _Outputs) -> None:
        """Generates on the first server that begins to; what was heard is never made twice."""
        untried, failure = set(self._servers), None
        while untried and (failure is None or not failure.heard):
            server = min(untried, key=self._load)
            untried.remove(server)
            failure = await self._generate_on(server, request, outputs)
            if failure is None:
                return
            logger.error("A request failed on the model's server %s: %s", server.url, failure)
            self._doubted.set()
        assert failure is not None
        raise self._for_people(failure) from failure

    async def _generate_on(
        self, server: VLLMOmniServer, request: GenerationRequest, outputs: _Outputs
    ) -> ServerError | None:
        """Gives what went wrong."""
        self._running[server] += 1
        try:
            async with aclosing(server.stream(request)) as chunks:
                async for samples in chunks:
                    outputs.put(samples)
        except ServerError as error:
            return error
        finally:
            self._running[server] -= 1
        return None

    def _load(self, server: VLLMOmniServer) -> tuple[bool, int, int]:
        """Orders servers: those that can be reached first, then who has least to do."""
        order = self._servers.index(server)
        return server not in self._reachable, self._running[server], order

    def _for_people(self, failure: ServerError) -> SpaceError:
        if failure.silent:
            return ModelServerSilentError(self._stall_seconds)
        return ModelServerLostError() if failure.heard else ModelServerError()

    async def _common_model(self) -> str:
        failures: list[str] = []
        found = {server: await _model_of(server, failures) for server in self._servers}
        models = {server: model for server, model in found.items() if model}
        if not models:
            raise StartError(
                f"No server of VOXCPM_ENGINE_URL can be used ({'; '.join(failures)}). Please start "
                "vLLM-Omni with VoxCPM2 there first, or correct the URL."
            )
        if len(set(models.values())) > 1:
            names = ", ".join(f"{server.url}: {name}" for server, name in models.items())
            raise StartError(
                f"The servers of VOXCPM_ENGINE_URL have different models ({names}). Please name "
                "only servers of one model."
            )
        self._set_reachable(set(models))
        return next(iter(models.values()))

    async def _watch(self) -> None:
        while True:
            self._doubted = anyio.Event()
            with anyio.move_on_after(_LOOK_SECONDS):
                await self._doubted.wait()
            async with anyio.create_task_group() as looks:
                for server in self._servers:
                    looks.start_soon(self._look, server)

    async def _look(self, server: VLLMOmniServer) -> None:
        try:
            model = await server.model()
            if model != self._model:
                raise ServerError(f"it has the model {model}, not {self._model}")
        except ServerError as error:
            if server in self._reachable:
                logger.error("The model's server %s is lost: %s", server.url, error)  # noqa: TRY400
            self._set_reachable(self._reachable - {server})
        else:
            if server not in self._reachable:
                logger.info("The model's server %s is there again", server.url)
            self._set_reachable(self._reachable | {server})

    def _set_reachable(self, servers: set[VLLMOmniServer]) -> None:
        if servers == self._reachable:
            return
        self._reachable = servers
        self._resize(max(1, len(servers)) * self._each)
        self._report(Phase.READY if servers else Phase.FAILED)


def _raise_what_ended(job: "Future[None]") -> None:
    try:
        job.result()
    except CancelledError as error:  # by `close`: whoever leaves asks no more
        raise StoppingError from error


async def _model_of(server: VLLMOmniServer, failures: list[str]) -> str:
    """Gives what a server says of its model; where it says nothing, why is added to `failures`."""
    try:
        return await server.model()
    except ServerError as error:
        logger.warning("The model's server %s cannot be used yet: %s", server.url, error)
        failures.append(f"{server.url}: {error}")
        return ""


def _refuse_other_engines(settings: Settings) -> None:
    for name in _OF_A_MODEL_HERE:
        if getattr(settings, name) != Settings.model_fields[name].default:
            raise StartError(
                f"VOXCPM_ENGINE_URL and VOXCPM_{name.upper()} cannot be used together: with the "
                "first the model is on another server, and the second sets up one here. Please "
                "unset one of them."
            )
    if settings.max_reference_seconds > MAX_CLIP_SECONDS:
        raise StartError(
            f"VOXCPM_MAX_REFERENCE_SECONDS={settings.max_reference_seconds:g} cannot be used with "
            f"VOXCPM_ENGINE_URL: vLLM-Omni takes clips of at most {MAX_CLIP_SECONDS} s."
        )

"""What a Ray cluster runs: replicas of VoxCPM2, each an actor of Ray Serve in front of a process.

A config file for Ray Serve names `application` as its `import_path`.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import Future
from contextlib import closing
from functools import partial
from pathlib import Path

from ray import serve
from ray.serve import Application

from voxcpm_space.engine.checkpoint import find_checkpoint
from voxcpm_space.engine.dedicated import DedicatedModel
from voxcpm_space.engine.generation_model import ModelFacts
from voxcpm_space.engine.ray_cluster import gpus_of_replica
from voxcpm_space.engine.ray_messages import Facts, Outcome, Sign
from voxcpm_space.engine.request import GenerationRequest, ModelOutput
from voxcpm_space.engine.status import Phase
from voxcpm_space.errors import InputError, ModelLostError, NotReadyError, StartError, StoppingError
from voxcpm_space.futures import complete
from voxcpm_space.monitoring import log_to_stderr
from voxcpm_space.settings import Settings, load_settings

APPLICATION, DEPLOYMENT = "voxcpm", "VoxCPM2"
"""Names in Ray Serve."""
WHY = "The model cannot be loaded there: "
"""Begins, in Serve's message on a replica that does not start, the last line: a sentence."""


class Replica:
    """A model in a process of its own, on whichever node: CUDA graphs want a main thread.

    Its methods are asynchronous, since Serve cancels no others.
    """

    def __init__(self, settings: Settings) -> None:
        """Loads it; the preview never speaks in the place of VoxCPM2 on one node of many.

        Raises:
            RuntimeError: It cannot be loaded; says why behind `WHY`.
        """
        log_to_stderr()
        self._phase = Phase.LOADING
        self._model = DedicatedModel(settings, self._report, settings.device)
        try:
            checkpoint = find_checkpoint(
                _on_this_node(settings), lambda _: None, may_fall_back=False
            )
            self._model.load(checkpoint.folder)
        except StartError as error:
            raise RuntimeError(WHY + str(error)) from None  # Serve logs all of it
        self._facts = Facts(ModelFacts.of(checkpoint), self._model.sample_rate)

    async def facts(self) -> Facts:
        """Gives what the server has to know."""
        return self._facts

    async def stream(
        self, request: GenerationRequest, longest_text: str
    ) -> AsyncGenerator[Outcome, None]:
        """Generates, as `DedicatedModel.stream` does, and is busy until the model is free again."""
        yield Sign.BEGUN
        loop = asyncio.get_running_loop()
        outcomes: asyncio.Queue[Outcome] = asyncio.Queue()

        def hand_over(outcome: Outcome) -> None:
            loop.call_soon_threadsafe(outcomes.put_nowait, outcome)

        is_free, left = asyncio.Event(), threading.Event()

        def release() -> None:
            loop.call_soon_threadsafe(is_free.set)

        outputs = self._model.stream(request, longest_text, release)
        threading.Thread(target=_hand_over, args=(outputs, hand_over, left), daemon=True).start()
        try:
            while (outcome := await outcomes.get()) is not Sign.ENDED:
                yield outcome
            yield Sign.ENDED
        finally:
            left.set()
            self._model.stop()
            await is_free.wait()

    async def check_health(self) -> None:
        """Lets Serve replace a replica whose model could not be loaded again.

        Raises:
            RuntimeError: So it is.
        """
        if self._phase is Phase.FAILED:
            raise RuntimeError("The model could not be loaded again")

    def _report(self, phase: Phase) -> None:
        self._phase = phase


def deployed(settings: Settings) -> Application:
    """Gives the application that Serve is to run, in a process that has joined the cluster.

    Raises:
        StartError: A cluster of this machine's own has too few cards.
    """
    bounds: dict[str, object] = {"num_replicas": settings.replicas}
    if settings.ray_max_replicas:
        bounds = {
            "autoscaling_config": {
                "min_replicas": settings.replicas,
                "max_replicas": settings.ray_max_replicas,
                "target_ongoing_requests": 1,
            }
        }
    deployment = serve.deployment(
        Replica,
        name=DEPLOYMENT,
        max_ongoing_requests=1,
        ray_actor_options={
            "num_cpus": settings.ray_cpus,
            "num_gpus": gpus_of_replica(settings),
        },
        logging_config={"enable_access_log": False},
        **bounds,
    )
    return deployment.bind(settings)


def application(_: dict[str, str]) -> Application:
    """Builds the same from the variables that the cluster's nodes have.

    Raises:
        StartError: One of them cannot be used.
    """
    return deployed(load_settings())


def _on_this_node(settings: Settings) -> str:
    folder = Path(settings.model)
    if folder.is_absolute() and not folder.is_dir():
        raise StartError(
            f"{folder} is not there on a node of the cluster. Please put the checkpoint where each "
            "node has it, or name a model of the Hub."
        )
    return settings.model


def _hand_over(
    outputs: Generator[ModelOutput, None, None],
    hand_over: Callable[[Outcome], object],
    left: threading.Event,
) -> None:
    """Hands what is made from the model's threads to the event loop, until the caller left."""
    ended = Future[None]()
    complete(ended, partial(_copy, outputs, hand_over, left))
    if error := ended.exception():
        hand_over(_as_outcome(error))
    hand_over(Sign.ENDED)


def _copy(
    outputs: Generator[ModelOutput, None, None],
    hand_over: Callable[[Outcome], object],
    left: threading.Event,
) -> None:
    with closing(outputs):
        for output in outputs:
            hand_over(output)
            if left.is_set():
                return


def _as_outcome(error: BaseException) -> Outcome:
    if isinstance(error, ModelLostError | StoppingError):
        return ModelLostError
    if isinstance(error, InputError | NotReadyError):
        return error
    return RuntimeError(f"{type(error).__name__} in a replica")

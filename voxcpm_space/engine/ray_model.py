"""VoxCPM2 on a Ray cluster: replicas on any of its nodes, each for one request at a time."""

import atexit
import logging
import threading
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from voxcpm_space.engine.checkpoint import Checkpoint
from voxcpm_space.engine.dedicated import not_loaded_again
from voxcpm_space.engine.generation_model import ModelFacts
from voxcpm_space.engine.ray_cluster import refuse_without_ray
from voxcpm_space.engine.ray_driver import Driver
from voxcpm_space.engine.ray_messages import Facts, FromDriver, Outcome, Sign
from voxcpm_space.engine.request import GenerationRequest, ModelOutput
from voxcpm_space.engine.status import Phase
from voxcpm_space.engine.worker import Job
from voxcpm_space.errors import ModelLostError, StartError, StoppingError
from voxcpm_space.futures import call_later
from voxcpm_space.settings import Settings

if TYPE_CHECKING:
    from concurrent.futures import Future

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 0.2
"""How often a request that waits for a replica finds out whether it is still wanted."""
_TURN_SECONDS = 900.0
"""How long it waits: a node that is started for it, and a model on it, take minutes."""
_RETRY_SECONDS = 30.0
"""After which a cluster that was lost and cannot be had again is tried once more."""


class RayModel:
    """VoxCPM2 on replicas that Ray Serve starts, finds free, and starts anew.

    Attributes:
        sample_rate: Of what is generated, in Hz; 0 before `load`.
    """

    takes_latents = True

    def __init__(
        self, settings: Settings, report: Callable[[Phase], None], resize: Callable[[int], None]
    ) -> None:
        """Prepares; no process runs before `start`.

        Args:
            settings: Which cluster, how many replicas, and what each has to know.
            report: Told when no replica can speak, and when one can again.
            resize: Told how many can speak, when one is lost or back.

        Raises:
            StartError: Ray is not installed, or a setting does not go with it.
        """
        refuse_without_ray()
        _refuse_other_settings(settings)
        self.sample_rate = 0
        self._settings = _with_absolute_paths(settings)
        self._report, self._resize = report, resize
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._jobs: dict[int, _RunningJob] = {}
        self._driver: Driver | None = None
        self._facts: Future[Facts] | None = None
        self._is_there = self._has_deployed = False
        self._closed = False

    def start(self) -> None:
        """Starts the driver, which joins the cluster and lets it load the models."""
        with self._lock:
            if self._driver or self._closed:
                return
            self._driver = Driver(self._settings, goes_on=self._has_deployed)
            self._facts = self._facts or self._driver.facts
        self._report(Phase.JOINING)
        atexit.register(self.close)
        threading.Thread(target=self._follow, args=(self._driver,), daemon=True).start()

    def load(self, checkpoint: Callable[[], Checkpoint]) -> ModelFacts:  # noqa: ARG002  (each node finds its own)
        """Waits until the first replica can speak.

        Raises:
            StartError: The cluster cannot be had, or loads no model; says why.
        """
        if not self._facts:
            self.start()
        assert self._facts
        facts = self._facts.result()
        self.sample_rate = facts.sample_rate
        return facts.model

    def stream(
        self, request: GenerationRequest, longest_text: str, release: Callable[[], None]
    ) -> Generator[ModelOutput | None, None, None]:
        """Generates on a replica that is free, which stops when this ends.

        Raises:
            SpaceError: As of `GenerationModel.stream`; `ModelLostError` also of a node, and of the
                cluster.
        """
        running = _RunningJob(Job(next(self._numbers), request, longest_text), release)
        self._add(running)
        try:
            yield from self._wait_for_turn(running)
            yield from self._outputs(running)
        finally:
            self._remove(running)

    def close(self) -> None:
        """Ends the driver, and with it all jobs and, where it is its own, the cluster."""
        atexit.unregister(self.close)
        with self._lock:
            self._closed = True
            driver = self._driver
        if driver:
            driver.end()

    @staticmethod
    def _wait_for_turn(running: "_RunningJob") -> Generator[None, None, None]:
        end = time.monotonic() + _TURN_SECONDS
        while not running.has_begun.wait(_LOOK_SECONDS):
            if time.monotonic() > end:
                raise not_loaded_again()
            yield None

    def _outputs(self, running: "_RunningJob") -> Generator[ModelOutput, None, None]:
        while True:
            try:
                outcome = running.outcomes.get(timeout=self._settings.stall_seconds)
            except Empty:
                logger.error("A replica has given no sign of life, and its request is given up")  # noqa: TRY400
                raise ModelLostError from None
            if outcome is Sign.ENDED:
                return
            if isinstance(outcome, Exception | type):
                raise outcome
            assert not isinstance(outcome, Sign)
            yield outcome

    def _add(self, running: "_RunningJob") -> None:
        with self._lock:
            if self._closed:
                raise StoppingError
            if not self._driver:
                raise not_loaded_again()
            self._jobs[running.job.number] = running
            if self._is_there:
                self._driver.tell(running.job)

    def _remove(self, running: "_RunningJob") -> None:
        with self._lock:
            if self._jobs.pop(running.job.number, None) and self._driver:
                self._driver.tell(running.job.number)

    def _follow(self, driver: Driver) -> None:
        """Takes what a driver tells, to its end, and starts another one then."""
        try:
            while True:
                self._take(driver, driver.told())
        except (EOFError, OSError):
            driver.end()
        with self._lock:
            self._driver, self._is_there = None, False
        self._go_on_without(driver)

    def _take(self, driver: Driver, told: FromDriver) -> None:
        if isinstance(told, tuple):
            self._hand_over(*told)
        elif isinstance(told, int):
            self._count(told)
        elif isinstance(told, StartError):
            driver.facts.set_exception(told)
        elif isinstance(told, Facts):
            driver.facts.set_result(told)
            self._begin(driver)
        else:
            self._report(Phase.LOADING)

    def _begin(self, driver: Driver) -> None:
        """Gives a new driver the jobs that came before it could take them."""
        with self._lock:
            self._is_there, self._has_deployed = True, driver.facts.result().is_ours
            for running in self._jobs.values():
                driver.tell(running.job)

    def _hand_over(self, number: int, outcome: Outcome) -> None:
        running = self._jobs.get(number)
        if running:
            if outcome is Sign.ENDED:
                with self._lock:
                    self._jobs.pop(number, None)
            running.take(outcome)

    def _count(self, replicas: int) -> None:
        # Serve adds replicas for the requests that it has, so they have to get there.
        self._resize(self._settings.ray_max_replicas or max(1, replicas))
        self._report(Phase.READY if replicas else Phase.LOADING)

    def _go_on_without(self, lost: Driver) -> None:
        jobs = list(self._jobs.items())
        reason = lost.facts.exception()
        if self._closed:
            self._fail((number for number, _ in jobs), StoppingError())
        elif not reason:
            logger.error("The driver of Ray ended, and is started again")
            self._fail((n for n, running in jobs if running.has_begun.is_set()), ModelLostError())
            self.start()
        elif self.sample_rate:
            logger.error("The Ray cluster cannot be had again: %s", reason)
            self._report(Phase.FAILED)
            self._fail((number for number, _ in jobs), not_loaded_again())
            call_later(_RETRY_SECONDS, self.start)

    def _fail(self, numbers: Iterable[int], error: Exception) -> None:
        for number in numbers:
            self._hand_over(number, error)
            self._hand_over(number, Sign.ENDED)


@dataclass(eq=False)
class _RunningJob:
    """A job whose outcomes are awaited."""

    job: Job
    release: Callable[[], None]
    has_begun: threading.Event = field(default_factory=threading.Event)
    outcomes: "SimpleQueue[Outcome]" = field(default_factory=SimpleQueue)

    def take(self, outcome: Outcome) -> None:
        if outcome is not Sign.BEGUN:
            self.outcomes.put(outcome)
        if outcome is Sign.ENDED:
            self.release()
        self.has_begun.set()


def _refuse_other_settings(settings: Settings) -> None:
    if 0 < settings.ray_max_replicas < settings.replicas:
        raise StartError(
            f"VOXCPM_RAY_MAX_REPLICAS={settings.ray_max_replicas} cannot be used: it must be at "
            f"least VOXCPM_REPLICAS={settings.replicas}, with which Ray Serve begins."
        )
    if settings.device not in {"auto", "cpu", "cuda"}:
        raise StartError(
            f"VOXCPM_DEVICE={settings.device} and VOXCPM_RAY cannot be used together: Ray chooses "
            "the cards. Please unset VOXCPM_DEVICE, and say with VOXCPM_RAY_GPUS how much of a "
            "card each model takes."
        )


def _with_absolute_paths(settings: Settings) -> Settings:
    """Names folders so that they mean the same in another process."""
    model = Path(settings.model).expanduser()
    names = {"model": str(model.resolve())} if model.is_dir() else {}
    lora = {"lora": settings.lora.resolve()} if settings.lora else {}
    return settings.model_copy(update=names | lora)

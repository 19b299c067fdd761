"""Several models that each serve one request at a time, on one device or on several."""

import logging
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from voxcpm_space.engine.checkpoint import Checkpoint
from voxcpm_space.engine.dedicated import DedicatedModel
from voxcpm_space.engine.generation_model import ModelFacts
from voxcpm_space.engine.request import GenerationRequest, ModelOutput
from voxcpm_space.engine.status import Phase
from voxcpm_space.errors import StartError
from voxcpm_space.futures import call_later
from voxcpm_space.settings import Settings

logger = logging.getLogger(__name__)

_RETRY_SECONDS = 30.0
"""After which a model that could not be loaded again is tried once more."""


class ModelPool:
    """Replicas of VoxCPM2, each in a process of its own; what one loses, the others do not notice.

    All load the same checkpoint and compute with as many threads, so that a seed gives the same
    samples on each.
    """

    takes_latents = True

    def __init__(
        self, settings: Settings, report: Callable[[Phase], None], resize: Callable[[int], None]
    ) -> None:
        """Prepares; no process runs before `start`.

        Args:
            settings: Devices, replicas on each, and what each replica needs to know.
            report: Told when no replica can speak, and when one can again.
            resize: Told how many can speak, when one is lost or back.
        """
        self._report, self._resize = report, resize
        devices = settings.devices * settings.replicas
        self._replicas = [
            DedicatedModel(
                settings, partial(self._report_replica, number), device, shared_by=len(devices)
            )
            for number, device in enumerate(devices)
        ]
        self._first_of_devices = self._replicas[: len(settings.devices)]
        self._changed = threading.Condition()
        self._idle = set(range(len(devices)))
        self._lost: set[int] = set()

    @property
    def sample_rate(self) -> int:
        """Of what is made, in Hz; 0 before the models are loaded."""
        return self._replicas[0].sample_rate

    def start(self) -> None:
        """Starts the processes, which import torch while the checkpoint is looked for."""
        for replica in self._replicas:
            replica.start()

    def load(self, checkpoint: Callable[[], Checkpoint]) -> ModelFacts:
        """Loads it: one replica on each device first, to see how many more that can have.

        Raises:
            StartError: It cannot be loaded, or memory is not enough for all; says why.
        """
        found = checkpoint()
        folder = found.folder
        for replica in self._first_of_devices:
            replica.load(folder)
        self._check_memory()
        others = self._replicas[len(self._first_of_devices) :]
        with ThreadPoolExecutor(max(1, len(others))) as pool:
            list(pool.map(lambda replica: replica.load(folder), others))
        return ModelFacts.of(found)

    def stream(
        self, request: GenerationRequest, longest_text: str, release: Callable[[], None]
    ) -> Generator[ModelOutput, None, None]:
        """Generates on a replica that is idle, as `DedicatedModel.stream` does."""
        number = self._take()

        def give_back() -> None:
            with self._changed:
                self._idle.add(number)
                self._changed.notify_all()
            release()

        yield from self._replicas[number].stream(request, longest_text, give_back)

    def close(self) -> None:
        """Ends all processes, and with them the jobs that they are at."""
        with ThreadPoolExecutor(len(self._replicas)) as pool:
            list(pool.map(DedicatedModel.close, self._replicas))

    def _take(self) -> int:
        """Takes the first idle replica; one that is lost only where all are, which loads it."""
        with self._changed:
            self._changed.wait_for(self._can_take)
            number = min(self._idle - self._lost or self._idle)
            self._idle.remove(number)
            return number

    def _can_take(self) -> bool:
        return bool(self._idle - self._lost or (self._idle and self._all_lost))

    @property
    def _all_lost(self) -> bool:
        return len(self._lost) == len(self._replicas)

    def _check_memory(self) -> None:
        for replica in self._first_of_devices:
            more = sum(other.device == replica.device for other in self._replicas) - 1
            memory = replica.memory
            if more * memory.used > memory.free:
                room = 1 + memory.free // memory.used
                raise StartError(
                    f"VOXCPM_REPLICAS={more + 1} cannot be used: a model takes "
                    f"{memory.used / 2**30:.1f} GB on {replica.device}, and beside the first one "
                    f"{memory.free / 2**30:.1f} GB are free there. At most {room} have room."
                )

    def _report_replica(self, number: int, phase: Phase) -> None:
        with self._changed:
            if phase is Phase.READY:
                self._lost.discard(number)
            else:
                self._lost.add(number)
            speaking = len(self._replicas) - len(self._lost)
            self._changed.notify_all()
        if phase is Phase.FAILED and speaking:
            call_later(_RETRY_SECONDS, self._replicas[number].revive)
        self._resize(max(1, speaking))
        self._report(Phase.READY if speaking else phase)

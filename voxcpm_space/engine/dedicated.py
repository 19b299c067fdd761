"""VoxCPM2 for itself alone: loaded anew when it hangs or crashes, and held up by no listener."""

import atexit
import logging
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import suppress
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from typing import TypeAlias

from voxcpm_space.engine.lora_files import find_loras
from voxcpm_space.engine.memory import Memory
from voxcpm_space.engine.request import GenerationRequest, ModelOutput
from voxcpm_space.engine.status import Phase
from voxcpm_space.engine.worker import Job, LoadRequest
from voxcpm_space.engine.worker_process import WorkerProcess
from voxcpm_space.errors import ModelLostError, NotReadyError, StartError, StoppingError
from voxcpm_space.futures import complete
from voxcpm_space.messages import N_
from voxcpm_space.settings import Settings

logger = logging.getLogger(__name__)

_Outputs: TypeAlias = "SimpleQueue[ModelOutput | None]"
"""Of one job; None is its end."""


class DedicatedModel:
    """VoxCPM2 in a process of its own, which serves one request at a time.

    Attributes:
        device: As one of `VOXCPM_DEVICE`.
        sample_rate: Of what is made, in Hz; 0 before it is loaded.
        memory: What it takes, and what it left, when it was loaded.
    """

    def __init__(
        self,
        settings: Settings,
        report: Callable[[Phase], None],
        device: str = "auto",
        shared_by: int = 1,
    ) -> None:
        """Prepares; no process runs before `start`.

        Args:
            settings: Compilation, and how long a silence means that the model hangs.
            report: Told when the model is being loaded anew, and what came of it.
            device: As one of `VOXCPM_DEVICE`.
            shared_by: Models that share the cores of a CPU.
        """
        self.device = device
        self.sample_rate = 0
        self.memory = Memory(used=0, free=0)
        self._shared_by = shared_by
        self._settings = settings
        self._report = report
        self._process: WorkerProcess | None = None
        self._load_request: LoadRequest | None = None
        self._busy = threading.Lock()
        self._numbers = count(1)
        self._latest: Job | None = None
        self._replacing = threading.Lock()
        self._closed = False

    def start(self) -> None:
        """Starts the process, which imports torch while the checkpoint is looked for."""
        if self._process is None:
            self._process = WorkerProcess()
            # multiprocessing's own clean-up at exit would wait for it without end.
            atexit.register(self.close)

    def load(self, folder: Path) -> None:
        """Loads a checkpoint.

        Raises:
            StartError: It cannot be loaded; says why.
        """
        self.start()
        assert self._process is not None
        settings = self._settings
        self._load_request = LoadRequest(
            folder,
            self.device,
            settings.compile,
            settings.cpu_int8,
            settings.cuda_graphs,
            self._shared_by,
            find_loras(settings.lora),
            settings.cache,
        )
        self.sample_rate, self.memory = self._process.load(self._load_request)
        self._watch(self._process)

    def stream(
        self, request: GenerationRequest, longest_text: str, release: Callable[[], None]
    ) -> Generator[ModelOutput, None, None]:
        """Generates; the model works ahead of whoever listens, and stops when that ends.

        Args:
            request: What to generate.
            longest_text: Must fit into the context in place of the request's own text, too.
            release: Called when the model is free for the next request.

        Raises:
            InputError: Text and reference leave the model no room to answer.
            ModelLostError: It crashed or hung; it is being loaded anew.
            StoppingError: The application is ending.
        """
        job = self._latest = Job(next(self._numbers), request, longest_text)
        outputs: _Outputs = SimpleQueue()
        ended = Future[None]()
        threading.Thread(
            target=self._work, args=(job, outputs, ended, release), daemon=True
        ).start()
        try:
            while (output := outputs.get()) is not None:
                yield output
            ended.result()
        finally:
            if self._process is not None:
                self._process.cancel(job)

    def stop(self) -> None:
        """Ends all work at the next patch, also where a thread waits for its outputs."""
        if self._process is not None and self._latest is not None:
            self._process.cancel(self._latest)

    def revive(self) -> None:
        """Loads it anew where its process has ended."""
        with self._busy:
            self._revive()

    def close(self) -> None:
        """Ends the process, and with it the job that it is at."""
        atexit.unregister(self.close)
        with self._replacing:
            self._closed = True
        if self._process is not None:
            self._process.end()

    def _work(
        self, job: Job, outputs: _Outputs, ended: "Future[None]", release: Callable[[], None]
    ) -> None:
        try:
            with self._busy:
                complete(ended, lambda: self._run(job, outputs))
                outputs.put(None)
                self._revive()  # now, so that whoever comes next need not wait for it
        finally:
            release()

    def _run(self, job: Job, outputs: _Outputs) -> None:
        try:
            for output in self._living().run(job, self._settings.stall_seconds):
                outputs.put(output)
        except ModelLostError:
            if not self._closed:
                raise
        if self._closed:
            raise StoppingError

    def _living(self) -> WorkerProcess:
        """Gives the process, loaded anew where it has ended, be it while nothing was asked of it.

        Raises:
            NotReadyError: It could not be loaded again.
            StoppingError: The application is ending.
        """
        assert self._process is not None
        assert self._load_request is not None
        if self._process.is_alive:
            return self._process
        with self._replacing:
            if self._closed:
                raise StoppingError
            self._process = WorkerProcess()
        self._report(Phase.LOADING)
        try:
            self._process.load(self._load_request)
        except StartError as error:
            logger.error("The model could not be loaded again: %s", error)  # noqa: TRY400
            self._report(Phase.FAILED)
            raise not_loaded_again() from error
        self._report(Phase.READY)
        self._watch(self._process)
        return self._process

    def _watch(self, process: WorkerProcess) -> None:
        threading.Thread(target=self._replace_when_it_ends, args=(process,), daemon=True).start()

    def _replace_when_it_ends(self, process: WorkerProcess) -> None:
        """Loads the model anew where nobody asks for anything, who would notice that it is lost."""
        process.wait_for_end()
        with self._busy:
            if self._closed or process is not self._process:
                return
            logger.error("The process of the model ended while nothing was asked of it")
            self._revive()

    def _revive(self) -> None:
        with suppress(NotReadyError, StoppingError):
            self._living()


def not_loaded_again() -> NotReadyError:
    """Gives what is told where a model that was lost cannot be had again for now."""
    return NotReadyError(
        N_("The model could not be loaded again. Please try again in a few minutes.")
    )

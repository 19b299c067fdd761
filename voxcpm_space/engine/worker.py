"""What the process of the model runs: it loads VoxCPM2, and serves jobs until it is left alone.

torch prepares a process's main thread for CUDA graphs and no other, so everything of the model
happens there.
"""

import ctypes
import logging
import signal
import threading
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from tqdm import tqdm

from voxcpm_space.engine.cpu.process_tuning import limit_thread_spinning, share_cores
from voxcpm_space.engine.request import GenerationRequest, ModelOutput
from voxcpm_space.errors import InputError, StartError
from voxcpm_space.monitoring import log_to_stderr

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from voxcpm_space.engine.memory import Memory
    from voxcpm_space.engine.model import Model

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LoadRequest:
    """What the process is told first; it answers with sample rate and memory, or a StartError.

    Attributes:
        folder: A VoxCPM2 checkpoint.
        device: As `VOXCPM_DEVICE`.
        optimized: As `VOXCPM_COMPILE`.
        int8: As `VOXCPM_CPU_INT8`.
        cuda_graphs: As `VOXCPM_CUDA_GRAPHS`.
        shared_by: Models that share the cores of a CPU.
        loras: Folders by name, as `find_loras` gives them.
        cache: As `VOXCPM_CACHE`.
    """

    folder: Path
    device: str
    optimized: bool
    int8: bool
    cuda_graphs: bool
    shared_by: int
    loras: Mapping[str, Path]
    cache: Path | None


@dataclass(frozen=True)
class Job:
    """What it is told from then on; it answers with outputs, and then with None or an error.

    Attributes:
        number: Higher than that of all jobs before.
        request: What to generate.
        longest_text: Must fit into the context in place of the request's own text, too.
    """

    number: int
    request: GenerationRequest
    longest_text: str


ToApplication: TypeAlias = (
    "Connection[tuple[int, Memory] | ModelOutput | Exception | None, LoadRequest | Job | None]"
)


def serve(application: ToApplication, cancelled: ctypes.c_uint64) -> None:
    """Serves the application until that sends None, or is gone.

    Args:
        application: Where jobs come from and outputs go to.
        cancelled: Shared memory with the number of the last job that nobody waits for. It has no
            lock, which a process that is ended in the middle would keep.
    """
    # A terminal or a service manager signals all processes; the application says when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    limit_thread_spinning()
    log_to_stderr()
    # tqdm's own lock is a semaphore of the system, which stays when this process is killed.
    tqdm.set_lock(threading.RLock())
    # Imported here: torch takes seconds, in which the application looks for the checkpoint.
    from voxcpm_space.engine.model import Model  # noqa: PLC0415

    with suppress(EOFError, ConnectionError):
        if (load := application.recv()) is None:
            return
        assert isinstance(load, LoadRequest)
        share_cores(load.shared_by)
        try:
            model = Model(
                load.folder,
                load.device,
                optimized=load.optimized,
                int8=load.int8,
                cuda_graphs=load.cuda_graphs,
                loras=load.loras,
                cache=load.cache,
            )
        except StartError as error:
            application.send(error)
            return
        model.warm_up()
        application.send((model.sample_rate, model.memory()))
        while (job := application.recv()) is not None:
            assert isinstance(job, Job)
            _run(model, job, application, cancelled)


def _run(model: "Model", job: Job, application: ToApplication, cancelled: ctypes.c_uint64) -> None:
    try:
        model.check_context_length(job.request, job.longest_text)
        with closing(model.stream(job.request)) as outputs:
            for output in outputs:
                application.send(output)
                if cancelled.value >= job.number:
                    break
    except InputError as error:
        application.send(error)
    except ConnectionError:
        raise
    except Exception as error:  # the outermost door of the process
        if type(error).__name__ == "AcceleratorError":
            raise  # what CUDA cannot do any more it can do again only in a new process
        logger.exception("A generation failed")
        application.send(RuntimeError(f"{type(error).__name__} in the process of the model"))
    else:
        application.send(None)

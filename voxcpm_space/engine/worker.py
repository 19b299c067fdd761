"""What the process of the model runs: it loads VoxCPM2, and makes takes until it is left alone.

torch prepares a process's main thread for CUDA graphs and no other, so everything of the model
happens there.
"""

import ctypes
import logging
import signal
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from voxcpm_space.audio import Waveform
from voxcpm_space.engine.cpu.threads import limit_thread_spinning
from voxcpm_space.engine.request import EncodedReference, GenerationRequest, GenerationResult
from voxcpm_space.errors import InputError, StartError
from voxcpm_space.monitoring import log_to_stderr

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from voxcpm_space.engine.model import Model

logger = logging.getLogger(__name__)

ModelOutput: TypeAlias = EncodedReference | Waveform | GenerationResult
"""As `Model.stream` gives it."""


@dataclass(frozen=True)
class LoadRequest:
    """What the process is told first; it answers with the sample rate in Hz, or a StartError.

    Attributes:
        folder: A VoxCPM2 checkpoint.
        device: As `VOXCPM_DEVICE`.
        optimized: As `VOXCPM_COMPILE`.
        int8: As `VOXCPM_CPU_INT8`.
    """

    folder: Path
    device: str
    optimized: bool
    int8: bool


@dataclass(frozen=True)
class Job:
    """What it is told from then on; it answers with what is made, and then with None or an error.

    Attributes:
        number: Higher than that of all orders before.
        request: What to make.
    """

    number: int
    request: GenerationRequest


ToApplication: TypeAlias = (
    "Connection[int | ModelOutput | Exception | None, LoadRequest | Job | None]"
)


def serve(application: ToApplication, given_up: ctypes.c_uint64) -> None:
    """Serves the application until that sends None, or is gone.

    Args:
        application: Where orders come from and takes go to.
        given_up: Shared memory with the number of the last order that nobody waits for. It has no
            lock, which a process that is ended in the middle would keep.
    """
    # A terminal or a service manager signals all processes; the application says when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    limit_thread_spinning()
    log_to_stderr()
    # Imported here: torch takes seconds, in which the application looks for the checkpoint.
    from voxcpm_space.engine.model import Model  # noqa: PLC0415

    with suppress(EOFError, ConnectionError):
        if (loading := application.recv()) is None:
            return
        assert isinstance(loading, LoadRequest)
        try:
            model = Model(
                loading.folder, loading.device, optimized=loading.optimized, int8=loading.int8
            )
        except StartError as error:
            application.send(error)
            return
        model.warm_up()
        application.send(model.sample_rate)
        while (order := application.recv()) is not None:
            assert isinstance(order, Job)
            _make(model, order, application, given_up)


def _make(
    model: "Model", order: Job, application: ToApplication, given_up: ctypes.c_uint64
) -> None:
    try:
        model.check_room(order.request)
        with closing(model.stream(order.request)) as made:
            for item in made:
                application.send(item)
                if given_up.value >= order.number:
                    break
    except InputError as error:
        application.send(error)
    except ConnectionError:
        raise
    except Exception as error:  # the outermost door of the process
        if type(error).__name__ == "AcceleratorError":
            raise  # what CUDA cannot do any more it can do again only in a new process
        logger.exception("A take failed")
        application.send(RuntimeError(f"{type(error).__name__} in the process of the model"))
    else:
        application.send(None)

"""VoxCPM2 on ZeroGPU, which lends a GPU for each request, and what it says where it does not."""

import gc
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import spaces

from voxcpm_space.compat.spaces import Failure, failure
from voxcpm_space.engine.checkpoint import Checkpoint
from voxcpm_space.engine.generation_model import ModelFacts
from voxcpm_space.engine.ipc_fragments import Fragment, from_fragments, to_fragments
from voxcpm_space.engine.request import GenerationRequest, ModelOutput, gpu_seconds
from voxcpm_space.errors import GpuLostError, NoGpuError, QuotaError, StartError
from voxcpm_space.settings import Settings

if TYPE_CHECKING:
    import gradio as gr

    from voxcpm_space.engine.model import Model


class ZeroGPUModel:
    """VoxCPM2 in the process of the application, which ZeroGPU forks for each request."""

    takes_latents = True

    def __init__(self, settings: Settings) -> None:
        """Prepares; nothing is loaded before `load`."""
        self._settings = settings
        self._model: Model | None = None
        # FFmpeg's objects that are garbage when a worker is forked wait for their threads when they
        # are collected there, for ever: those threads stayed behind.
        os.register_at_fork(
            before=gc.disable, after_in_parent=gc.enable, after_in_child=_leave_garbage_alone
        )
        self._generate = spaces.GPU(duration=gpu_seconds)(self._generate_on_gpu)

    @property
    def sample_rate(self) -> int:
        """Of what is made, in Hz."""
        return self._loaded.sample_rate

    def start(self) -> None:
        """Does nothing: what is loaded must be in the application's own process."""

    def load(self, checkpoint: Callable[[], Checkpoint]) -> ModelFacts:
        """Loads it, on the main thread: torch's CUDA emulation is thread-local.

        Raises:
            StartError: It cannot be loaded; says why.
        """
        if self._settings.compile:
            raise StartError("VOXCPM_COMPILE does not work on ZeroGPU. Please unset it.")
        if self._settings.lora:
            raise StartError("VOXCPM_LORA does not work on ZeroGPU. Please unset it.")
        if self._settings.engine_url:
            raise StartError("VOXCPM_ENGINE_URL does not work on ZeroGPU. Please unset it.")
        if self._settings.ray:
            raise StartError("VOXCPM_RAY does not work on ZeroGPU. Please unset it.")
        from voxcpm_space.engine.model import Model  # noqa: PLC0415  (torch takes seconds)

        found = checkpoint()
        self._model = Model(found.folder, self._settings.device)
        return ModelFacts.of(found)

    def stream(
        self, request: GenerationRequest, longest_text: str, release: Callable[[], None]
    ) -> Generator[ModelOutput, None, None]:
        """Generates; the worker works ahead of whoever listens, and stops when that ends.

        Raises:
            SpaceError: As of `GenerationModel.stream`.
        """
        self._loaded.check_context_length(request, longest_text)
        with zerogpu_errors(), closing(self._generate(request)) as fragments:
            yield from from_fragments(fragments)
        release()

    def close(self) -> None:
        """Does nothing: ZeroGPU ends its workers itself."""

    def _generate_on_gpu(self, request: GenerationRequest) -> Generator[Fragment, None, None]:
        with closing(self._loaded.stream(request)) as outputs:
            yield from to_fragments(outputs)

    @property
    def _loaded(self) -> "Model":
        assert self._model is not None
        return self._model


def _leave_garbage_alone() -> None:
    gc.freeze()
    gc.enable()


@contextmanager
def zerogpu_errors() -> Iterator[None]:
    """Turns ZeroGPU's errors into ours, with what to do.

    Raises:
        QuotaError: The visitor has used up the GPU time of the day.
        NoGpuError: No GPU came free in time.
        GpuLostError: It was taken away before the end.
        RuntimeError: The request failed in its worker, whose log has the traceback.
    """
    import gradio as gr  # noqa: PLC0415  (the process of a dedicated model has no use for it)

    try:
        yield
    except gr.Error as error:
        raise _in_our_words(error) from error


def _in_our_words(error: "gr.Error") -> Exception:
    said = str(error.message).strip()
    reason = failure(error.title, said)
    if reason is Failure.GPU_LOST:
        return GpuLostError()
    if reason is Failure.IN_WORKER:
        return RuntimeError(f"{said} in a worker")
    return QuotaError(said) if reason is Failure.OUT_OF_QUOTA else NoGpuError()

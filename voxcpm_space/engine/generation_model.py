"""What the engine asks of a model, wherever it runs."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Protocol

from voxcpm_space.engine.checkpoint import Checkpoint
from voxcpm_space.engine.request import GenerationRequest, ModelOutput


@dataclass(frozen=True)
class ModelFacts:
    """What there is to know of a model that speaks.

    Attributes:
        name: What it is called in page, log, headers and files.
        patch_shape: Shape of a patch of latents, (latents, channels); of zeros where it takes none.
        is_preview: Whether that is the embedded preview.
        why_preview: Why it is the preview although VoxCPM2 was wished for; else empty.
    """

    name: str
    patch_shape: tuple[int, int] = (0, 0)
    is_preview: bool = False
    why_preview: str = ""

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> "ModelFacts":
        """Gives those of a checkpoint."""
        return cls(
            checkpoint.name, checkpoint.patch_shape, checkpoint.is_preview, checkpoint.why_preview
        )


class GenerationModel(Protocol):
    """A model, or several that are asked as one."""

    @property
    def takes_latents(self) -> bool:
        """Whether a voice can be given as latents, not as a clip alone."""

    @property
    def sample_rate(self) -> int:
        """Of what is generated, in Hz; 0 where it is not known before `load`."""

    def start(self) -> None:
        """Begins what it needs whichever model it will be, while the caller goes on."""

    def load(self, checkpoint: Callable[[], Checkpoint]) -> ModelFacts:
        """Loads it, or connects to where it is loaded.

        Args:
            checkpoint: Finds the files, and downloads them where needed; for a model that is loaded
                here.

        Raises:
            StartError: It cannot be had; says what to do.
        """

    def stream(
        self, request: GenerationRequest, longest_text: str, release: Callable[[], None]
    ) -> Generator[ModelOutput | None, None, None]:
        """Generates; closing the iterator ends the work.

        Args:
            request: What to generate.
            longest_text: Must fit into the context in place of the request's own text, too.
            release: Called when the next request can have its turn.

        Yields:
            None while the request still waits, then what the model makes.

        Raises:
            InputError: Text and reference leave the model no room to answer.
            ModelLostError: It crashed or hung; it is being loaded anew.
            NotReadyError: It could not be loaded again.
            ModelServerError, ModelServerLostError, ModelServerSilentError: A server elsewhere that
                has the model cannot be reached, ended in the middle, or hangs.
            QuotaError, NoGpuError, GpuLostError: ZeroGPU refuses a GPU, or takes it away.
            StoppingError: The application is ending.
        """

    def close(self) -> None:
        """Ends it, and with it all that it is at."""

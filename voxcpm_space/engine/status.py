"""How far the model is from speaking."""

from dataclasses import dataclass
from enum import Enum


class Phase(Enum):
    """Where a start stands."""

    STARTING = "starting"
    DOWNLOADING = "downloading"
    JOINING = "joining the cluster"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"
    STOPPING = "stopping"


@dataclass(frozen=True)
class Status:
    """What page, log and headers say of the model.

    Attributes:
        phase: Where the start stands.
        model: Name of the model that speaks, e.g. openbmb/VoxCPM2; empty until it is known.
        is_preview: Whether that is the embedded preview checkpoint.
        downloaded: Part of the download that is done, 0 to 1.
        why_preview: Why the preview speaks although VoxCPM2 was wished for.
    """

    phase: Phase = Phase.STARTING
    model: str = ""
    is_preview: bool = False
    downloaded: float = 0.0
    why_preview: str = ""

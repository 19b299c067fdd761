"""Finds the folder of the checkpoint that VOXCPM_MODEL asks for."""

import io
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
from huggingface_hub.utils.tqdm import tqdm

from voxcpm_space.errors import StartError
from voxcpm_space.messages import N_

logger = logging.getLogger(__name__)

HUB_ID = "openbmb/VoxCPM2"
PREVIEW_NAME = "voxcpm-preview"
PREVIEW_FOLDER = Path(__file__).parents[1] / "preview"

_FILES = ["*.json", "*.safetensors", "*.pth", "*.bin", "*.model"]
_NEEDED = {
    "config": ("config.json",),
    "tokenizer": ("tokenizer.json", "tokenizer.model"),
    "weights": ("model.safetensors", "pytorch_model.bin"),
    "AudioVAE": ("audiovae.safetensors", "audiovae.pth"),
}

_PATCH_SIZE, _CHANNELS = 4, 64
"""voxcpm's own, where a configuration does not say it."""

# RuntimeError is what the Hub's own transport (hf-xet) raises when the network goes away.
_DOWNLOAD_ERRORS = (
    HfHubHTTPError,
    LocalEntryNotFoundError,
    httpx.HTTPError,
    OSError,
    RuntimeError,
)

ReportProgress = Callable[[float], None]
"""Takes the part of a download that is done, 0 to 1."""


@dataclass(frozen=True)
class Checkpoint:
    """A VoxCPM2 checkpoint on disk.

    Attributes:
        folder: Where it is.
        name: What it is called in page, log, headers and files.
        why_preview: Why it is the preview although VoxCPM2 was wished for; else empty.
    """

    folder: Path
    name: str
    why_preview: str = ""

    @property
    def is_preview(self) -> bool:
        """Whether this is the embedded preview."""
        return self.folder == PREVIEW_FOLDER

    @property
    def patch_shape(self) -> tuple[int, int]:
        """Shape of a patch of its latents: how many there are, and their channels."""
        config = json.loads((self.folder / "config.json").read_text("utf-8"))
        return config.get("patch_size", _PATCH_SIZE), config.get("feat_dim", _CHANNELS)


def find_checkpoint(model: str, report: ReportProgress, *, may_fall_back: bool) -> Checkpoint:
    """Gives the checkpoint that speaks, downloading it where needed.

    Args:
        model: `auto`, `preview`, a Hub id, or a folder.
        report: Called as a download goes on.
        may_fall_back: Whether `auto` may end with the preview.

    Raises:
        StartError: It cannot be had, or is not a VoxCPM2 checkpoint; says what to do.
    """
    if model == "preview":
        return Checkpoint(PREVIEW_FOLDER, PREVIEW_NAME)
    folder = Path(model).expanduser()
    if model != "auto" and folder.is_dir():
        _refuse_other_models(folder, str(folder))
        return Checkpoint(folder, folder.resolve().name)
    hub_id = HUB_ID if model == "auto" else model
    try:
        return Checkpoint(_from_hub(hub_id, report), hub_id)
    except StartError as error:
        if model != "auto" or not may_fall_back:
            raise
        logger.warning("%s The embedded preview speaks instead.", error)
        return Checkpoint(PREVIEW_FOLDER, PREVIEW_NAME, why_preview=error.message)


def _from_hub(hub_id: str, report: ReportProgress) -> Path:
    folder = _cached(hub_id) or _downloaded(hub_id, report)
    _refuse_other_models(folder, hub_id)
    return folder


def _cached(hub_id: str) -> Path | None:
    try:
        folder = Path(snapshot_download(hub_id, allow_patterns=_FILES, local_files_only=True))
    except LocalEntryNotFoundError:
        return None
    return None if _missing(folder) else folder  # an interrupted download is gone on with


def _downloaded(hub_id: str, report: ReportProgress) -> Path:
    logger.info("Downloading %s from the Hub", hub_id)
    report(0.0)
    try:
        files = snapshot_download(hub_id, allow_patterns=_FILES, dry_run=True)
        size = sum(file.file_size or 0 for file in files if file.will_download)
        reporting = _progress_reporting_to(report, max(size, 1))
        return Path(snapshot_download(hub_id, allow_patterns=_FILES, tqdm_class=reporting))
    except _DOWNLOAD_ERRORS as error:
        logger.warning("The download failed: %s", error)
        raise StartError(
            N_(
                "The model {model} is not in the Hub's cache and could not be downloaded "
                "({error}). Connect to the network and start again, or set VOXCPM_MODEL to a "
                "folder with its files, or to preview to try the page without it.",
                model=hub_id,
                error=type(error).__name__,
            )
        ) from error


def _progress_reporting_to(report: ReportProgress, size: int) -> type[tqdm]:
    """Gives a class for the Hub's bars: one for bytes received, one for bytes on the disk."""
    done = 0

    class Reporting(tqdm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            # A log is no terminal: bars would be off there, or fill it with half lines.
            options = {**kwargs, "disable": False, "file": io.StringIO()}
            super().__init__(*args, **options)  # type: ignore[no-untyped-call]

        def update(self, n: float | None = 1) -> bool | None:
            nonlocal done
            displayed: bool | None = super().update(n)
            if self.unit == "B" and self.n > done:
                done = self.n
                report(min(1.0, done / size))  # the bars' own totals grow as files begin
            return displayed

    return Reporting


def _missing(folder: Path) -> list[str]:
    return [
        f"{part} ({' or '.join(names)})"
        for part, names in _NEEDED.items()
        if not any((folder / name).is_file() for name in names)
    ]


def _refuse_other_models(folder: Path, name: str) -> None:
    advice = f"Download one with: hf download {HUB_ID} --local-dir FOLDER"
    if missing := _missing(folder):
        raise StartError(
            f"{name} is not a VoxCPM2 checkpoint: no {', no '.join(missing)} in it. {advice}"
        )
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        architecture = str(config["architecture"]).lower()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StartError(
            f"{name} is not a VoxCPM2 checkpoint: its config.json names no architecture. {advice}"
        ) from error
    if architecture != "voxcpm2":
        raise StartError(f"{name} holds the architecture {architecture!r}, not voxcpm2. {advice}")

"""Deletes made and uploaded files when they are old enough."""

import logging
import threading
import time
from pathlib import Path

import gradio as gr

from voxcpm_space.compat.gradio import temporary_files

logger = logging.getLogger(__name__)

_LOOKS_PER_LIFETIME = 4


def expire_files(demo: gr.Blocks, keep_seconds: int) -> None:
    """Deletes from now on what is older, in a thread of its own.

    Gradio's own task ends for good when a file is added while it looks, and looks for ever for
    files that are gone.

    Args:
        demo: Knows which files are its own.
        keep_seconds: Age at which a file is deleted.
    """
    threading.Thread(target=_expire_again_and_again, args=(demo, keep_seconds), daemon=True).start()


def _expire_again_and_again(demo: gr.Blocks, keep_seconds: int) -> None:
    while True:
        time.sleep(keep_seconds / _LOOKS_PER_LIFETIME)
        try:
            delete_old_files(demo, keep_seconds)
        except OSError:
            logger.exception("Old files could not be deleted; it is tried again")


def delete_old_files(demo: gr.Blocks, keep_seconds: float) -> None:
    """Deletes the files of the application that are older, and forgets those that are gone."""
    sets, kept = temporary_files(demo)
    for files in sets:
        for file in frozenset(files) - kept:  # copied in one step, while others may add to it
            if _age(file) > keep_seconds:
                Path(file).unlink(missing_ok=True)
                files.discard(file)


def _age(file: str) -> float:
    try:
        return time.time() - Path(file).stat().st_mtime
    except FileNotFoundError:
        return float("inf")

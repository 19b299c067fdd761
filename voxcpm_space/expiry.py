"""Deletes made and uploaded files when they are old enough."""

import logging
import threading
import time
from pathlib import Path

import gradio as gr

from voxcpm_space.compat.gradio import temporary_files
from voxcpm_space.errors import ResultsError
from voxcpm_space.kept_files import KeptFiles
from voxcpm_space.studio import Studio

logger = logging.getLogger(__name__)

_LOOKS_PER_LIFETIME = 4


def expire_files(demo: gr.Blocks, kept: KeptFiles, studio: Studio, keep_seconds: int) -> None:
    """Deletes from now on what is old enough, in a thread of its own, which looks at once.

    Gradio's own task ends for good when a file is added while it looks, and looks for ever for
    files that are gone.

    Args:
        demo: Has lists of files.
        kept: The files.
        studio: Knows the store of results.
        keep_seconds: Age at which a file is deleted.
    """
    threading.Thread(target=_expire, args=(demo, kept, studio, keep_seconds), daemon=True).start()


def _expire(demo: gr.Blocks, kept: KeptFiles, studio: Studio, keep_seconds: int) -> None:
    while True:
        try:
            kept.expire()
            forget_missing(demo)
            studio.expire_results()
        except (OSError, ResultsError):
            logger.exception("Old files could not be deleted; it is tried again")
        time.sleep(keep_seconds / _LOOKS_PER_LIFETIME)


def forget_missing(demo: gr.Blocks) -> None:
    """Takes files that are gone off Gradio's lists, which would grow for ever."""
    for files in temporary_files(demo):
        for file in frozenset(files):  # copied in one step, while others may add to it
            if not Path(file).exists():
                files.discard(file)

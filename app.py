"""Starts the page, with its endpoints for programs beside it."""

import logging
import signal
import sys

import spaces  # isort: skip  # noqa: F401  (ZeroGPU patches torch, so it comes before all others)
from spaces.config import Config as ZeroGPU
from starlette.middleware import Middleware

from voxcpm_space.api.headers import ModelHeader
from voxcpm_space.api.hosted import hosted_router
from voxcpm_space.api.openai import openai_router
from voxcpm_space.api.operations import operations_router
from voxcpm_space.engine import Engine
from voxcpm_space.errors import StartError
from voxcpm_space.outputs import Outputs
from voxcpm_space.reference.fetch import MAX_BYTES
from voxcpm_space.settings import load_settings
from voxcpm_space.studio import Studio
from voxcpm_space.ui import build_demo
from voxcpm_space.ui.theme import CSS, THEME


def main() -> None:
    """Opens the page first and loads the model then, except on ZeroGPU, which wants it loaded."""
    settings = load_settings()
    engine = Engine(settings)
    outputs = Outputs(settings.keep_seconds)
    studio = Studio(settings, engine, outputs)
    demo = build_demo(studio, outputs)
    if ZeroGPU.zero_gpu:
        engine.load()
    demo.launch(
        theme=THEME,
        css=CSS,
        app_kwargs={
            "routes": [
                *hosted_router(studio).routes,
                *openai_router(studio).routes,
                *operations_router(studio).routes,
            ],
            "middleware": [Middleware(ModelHeader, studio=studio)],
        },
        mcp_server=True,
        max_file_size=MAX_BYTES,
        prevent_thread_lock=True,
    )
    engine.load()
    demo.block_thread()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its lines hold the URLs of clips
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that files are cleaned up
    try:
        main()
    except StartError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Stopped before the model was loaded.")

"""Starts the page, with its endpoints for programs beside it."""

import logging
import signal
import sys

import spaces  # isort: skip  # noqa: F401  (ZeroGPU patches torch, so it comes before all others)
from spaces.config import Config as ZeroGPU
from starlette.middleware import Middleware

from voxcpm_space.api.access.access import Access
from voxcpm_space.api.access.gate import Gate, let_mcp_through
from voxcpm_space.api.access.proxies import trust_the_proxies_of_a_space
from voxcpm_space.api.desk import FrontDesk
from voxcpm_space.api.headers import ModelHeader
from voxcpm_space.api.programs import programs_api
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
    access = Access(settings)
    desk = FrontDesk(studio, access)
    demo = build_demo(desk, outputs)
    trust_the_proxies_of_a_space()
    if ZeroGPU.zero_gpu:
        engine.load()
    demo.launch(
        theme=THEME,
        css=CSS,
        app_kwargs={
            "routes": programs_api(desk).routes,
            "middleware": [
                Middleware(ModelHeader, studio=studio),
                Middleware(Gate, access=access),
            ],
        },
        auth=access.may_log_in if access.closed else None,
        auth_message="Please log in with the name of your account and its key.",
        mcp_server=True,
        max_file_size=MAX_BYTES,
        prevent_thread_lock=True,
    )
    if access.closed:
        let_mcp_through(demo, access)
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

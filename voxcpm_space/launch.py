"""The application from its start to its end."""

import logging
import signal
import sys
import time
from contextlib import suppress

import gradio as gr
from starlette.middleware import Middleware

from voxcpm_space.api.access.access import Access
from voxcpm_space.api.access.gate import LOOPBACK_HEADER, Gate, account_of
from voxcpm_space.api.access.origins import WITHOUT_CREDENTIALS
from voxcpm_space.api.access.proxies import trust_the_proxies_of_a_space
from voxcpm_space.api.http_api import ModelHeader, http_api
from voxcpm_space.api.service import SpeechService
from voxcpm_space.compat.gradio import send_with_mcp_calls, wrapped_in
from voxcpm_space.compat.spaces import is_zero_gpu
from voxcpm_space.engine import Engine
from voxcpm_space.errors import StartError
from voxcpm_space.expiry import expire_files
from voxcpm_space.monitoring import log_to_stderr
from voxcpm_space.outputs import Outputs
from voxcpm_space.reference.fetch import MAX_BYTES
from voxcpm_space.settings import load_settings
from voxcpm_space.studio import Studio
from voxcpm_space.ui import build_demo, words
from voxcpm_space.ui.assets import call, css, page_routes
from voxcpm_space.ui.banner import begin_with_banner
from voxcpm_space.ui.page import HEAD, THEME

logger = logging.getLogger(__name__)

_LONG = 3600.0
_FETCHING_SECONDS = 3.0
"""For whoever was just answered with the URL of a file, which the end deletes."""


def run() -> None:
    """Runs until it is told to end, by SIGTERM or Ctrl+C; a second one ends it at once."""
    log_to_stderr()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that files are cleaned up
    try:
        _serve()
    except StartError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Stopped.")


def _serve() -> None:
    """Opens the page first and loads the model then, except on ZeroGPU, which wants it loaded."""
    settings = load_settings()
    engine = Engine(settings)
    engine.prepare()
    outputs = Outputs(settings.keep_seconds)
    studio = Studio(settings, engine, outputs)
    access = Access(settings)
    service = SpeechService(studio, access)
    demo = build_demo(service, outputs)
    trust_the_proxies_of_a_space()
    if is_zero_gpu():
        engine.load()
    _open_page(demo, service, access)
    expire_files(demo, settings.keep_seconds)
    engine.load()
    begin_with_banner(demo, engine.status)
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(_LONG)
    logger.info("Stopping: running requests have %g s to finish", settings.grace_seconds)
    if engine.stop(settings.grace_seconds):
        time.sleep(_FETCHING_SECONDS)
    demo.close(verbose=False)


def _open_page(demo: gr.Blocks, service: SpeechService, access: Access) -> None:
    demo.launch(
        theme=THEME,
        css=css(),
        js=call("page.js", "mount"),
        i18n=words.catalogue(),
        head=HEAD,
        app_kwargs={
            "routes": [*page_routes(service), *http_api(service).routes],
            "lifespan": wrapped_in(
                Middleware(ModelHeader, studio=service.studio),
                *([WITHOUT_CREDENTIALS] if access.closed else []),
                Middleware(Gate, access=access),
            ),
        },
        auth_dependency=account_of if access.closed else None,
        mcp_server=True,
        max_file_size=MAX_BYTES,
        prevent_thread_lock=True,
    )
    if access.closed:
        send_with_mcp_calls(demo, {LOOPBACK_HEADER: access.loopback_secret})

"""The application from its start to its end."""

import logging
import os
import signal
import sys
import time
from contextlib import suppress

import gradio as gr
from starlette.middleware import Middleware

from voxcpm_space.api.access.access import Access
from voxcpm_space.api.access.gate import Gate, account_of
from voxcpm_space.api.access.origins import Cors
from voxcpm_space.api.access.proxies import (
    LOOPBACK_HEADER,
    TrustedProxies,
    proxies_left_to_us,
    trust_the_proxies_of_a_space,
    trusted_proxies,
)
from voxcpm_space.api.access.rates import subscriber_of
from voxcpm_space.api.faults import Faults
from voxcpm_space.api.fetches import Fetches
from voxcpm_space.api.http_api import ModelHeader, http_api
from voxcpm_space.api.service import SpeechService
from voxcpm_space.api.uploads import uploads_router
from voxcpm_space.compat.gradio import put_into_head, send_with_mcp_calls, upload_folder, wrapped_in
from voxcpm_space.compat.gradio_mcp import end_abandoned_mcp_calls
from voxcpm_space.compat.spaces import is_zero_gpu
from voxcpm_space.compat.uvicorn import ConnectionLimits, limit_connections
from voxcpm_space.engine import Engine
from voxcpm_space.errors import StartError
from voxcpm_space.expiry import expire_files
from voxcpm_space.kept_files import KeptFiles
from voxcpm_space.monitoring import log_to_stderr
from voxcpm_space.outputs import Outputs
from voxcpm_space.own_folder import OwnFolder
from voxcpm_space.reference.fetch import MAX_BYTES
from voxcpm_space.settings import Settings, load_settings
from voxcpm_space.studio import Studio
from voxcpm_space.ui import build_demo, words
from voxcpm_space.ui.assets import css, page_routes
from voxcpm_space.ui.assets.theme import THEME, head
from voxcpm_space.ui.banner import begin_with_banner

logger = logging.getLogger(__name__)

_PORT = 7860
"""Gradio's; it would try the next hundred where this is taken, and nobody would look there."""
_SESSIONS = 1000
"""Gradio holds 0.3 MB of each, closed or not, by itself of 10,000; the longest unused go first."""
_SECONDS_OF_SLEEP = 1.0
"""The system may give a signal to another thread than the one that sleeps, which then sleeps on."""
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
    settings = load_settings()
    try:
        folder = OwnFolder(upload_folder())
    except OSError as error:
        raise StartError(
            f"{upload_folder()} cannot be written, where temporary files go. Please set "
            "GRADIO_TEMP_DIR to a folder that can."
        ) from error
    os.environ["GRADIO_TEMP_DIR"] = str(folder.path)
    try:
        _serve_from(folder, settings)
    finally:
        folder.remove()


def _serve_from(folder: OwnFolder, settings: Settings) -> None:
    """Opens the page first and loads the model then, except on ZeroGPU, which wants it loaded."""
    engine = Engine(settings)
    engine.prepare()
    kept = KeptFiles(folder, settings.keep_seconds, settings.keep_megabytes * 2**20)
    outputs = Outputs(settings.keep_seconds, kept.make_room)
    studio = Studio(settings, engine, outputs)
    access = Access(settings)
    service = SpeechService(studio, access)
    demo = build_demo(service, outputs)
    kept.spare_those_of_the_page()
    trust_the_proxies_of_a_space()
    limit_connections(ConnectionLimits(trusted_proxies(), subscriber_of))
    if is_zero_gpu():
        engine.load()
    port = int(os.environ.get("GRADIO_SERVER_PORT", _PORT))
    try:
        _open_page(demo, service, access, kept, port)
    except OSError as error:
        raise StartError(
            f"The server cannot listen on port {port}: another program has it, or "
            "GRADIO_SERVER_NAME is no address of this machine. Please end that program, or set "
            "GRADIO_SERVER_PORT to another port."
        ) from error
    expire_files(demo, kept, studio, settings.keep_seconds)
    engine.load()
    begin_with_banner(demo, engine.status)
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(_SECONDS_OF_SLEEP)
    logger.info("Stopping: running requests have %g s to finish", settings.grace_seconds)
    if engine.stop(settings.grace_seconds):
        time.sleep(_FETCHING_SECONDS)
    demo.close(verbose=False)


def _open_page(
    demo: gr.Blocks,
    service: SpeechService,
    access: Access,
    kept: KeptFiles,
    port: int | None = None,
) -> None:
    """Opens the page and all routes.

    Args:
        demo: The page.
        service: For the routes.
        access: Who may ask.
        kept: The files that are fetched and uploaded.
        port: Where given, this one and no other.

    Raises:
        OSError: There is no port.
    """
    api = http_api(service)
    api.include_router(uploads_router(service, kept))
    put_into_head(head())
    with proxies_left_to_us() as proxies:
        demo.launch(
            server_port=port,
            theme=THEME,
            css=css(),
            i18n=words.catalogue(),
            app_kwargs={
                "routes": [*page_routes(service), *api.routes],
                "lifespan": wrapped_in(
                    Middleware(Fetches, kept=kept),
                    Middleware(ModelHeader, studio=service.studio),
                    Middleware(Faults),
                    Middleware(
                        Cors, origins=service.studio.settings.cors, everywhere=access.closed
                    ),
                    Middleware(TrustedProxies, access=access, trusted=proxies),
                    Middleware(Gate, access=access),
                ),
            },
            auth_dependency=account_of if access.closed else None,
            mcp_server=True,
            max_file_size=MAX_BYTES,
            run_history=False,
            state_session_capacity=_SESSIONS,
            prevent_thread_lock=True,
        )
    end_abandoned_mcp_calls(demo)
    send_with_mcp_calls(demo, {LOOPBACK_HEADER: access.loopback_secret})

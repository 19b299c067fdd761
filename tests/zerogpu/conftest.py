from contextlib import ExitStack
from functools import cache

import pytest

from tests.e2e.conftest import browser  # noqa: F401  (a fixture)
from tests.e2e.server import Server
from tests.zerogpu.device_api import StandInDeviceApi
from tests.zerogpu.space import Space

_DEVICES = {"plain": "cpu", "emulated": "cuda"}


@pytest.fixture(scope="session")
def started(tmp_path_factory):
    """Starts the application on the preview checkpoint, once in each mode of the shim."""
    with ExitStack() as stack:

        @cache
        def start(mode):
            folder = tmp_path_factory.mktemp(mode)
            api = stack.enter_context(StandInDeviceApi())
            server = Server(
                folder,
                *["-m", "tests.zerogpu.app_on_zerogpu", mode],
                VOXCPM_MODEL="preview",
                VOXCPM_DEVICE=_DEVICES[mode],
                VOXCPM_RATE_LIMIT="",
                **api.environment(folder),
            )
            stack.callback(server.stop)
            return Space(server.wait_until_ready().wait_for_page(), api)

        yield start


def _anew(space):
    space.api.forget()
    yield space
    space.api.wait_until_idle()  # whatever a test did, no GPU is held


@pytest.fixture
def space(started):
    yield from _anew(started("plain"))


@pytest.fixture(params=_DEVICES)
def any_space(started, request):
    yield from _anew(started(request.param))

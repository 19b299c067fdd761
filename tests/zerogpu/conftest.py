from contextlib import contextmanager

import pytest

from tests.e2e.conftest import browser, preview  # noqa: F401  (fixtures)
from tests.e2e.server import serving
from tests.sharing import shared
from tests.zerogpu.device_api import StandInDeviceApi
from tests.zerogpu.space import Space


@contextmanager
def _serving(folder, mode, device):
    """Starts the application on the preview checkpoint, in a mode of the shim."""
    command = ["-m", "tests.zerogpu.app_on_zerogpu", mode]
    with (
        StandInDeviceApi() as api,
        serving(folder, *command, VOXCPM_DEVICE=device, **api.environment(folder)) as server,
    ):
        yield Space(server, api)


@shared
def plain_space(tmp_path_factory):
    with _serving(tmp_path_factory.mktemp("plain"), "plain", "cpu") as space:
        yield space


@shared
def emulated_space(tmp_path_factory):
    with _serving(tmp_path_factory.mktemp("emulated"), "emulated", "cuda") as space:
        yield space


def _anew(space):
    space.api.forget()
    yield space
    space.api.wait_until_idle()  # whatever a test did, no GPU is held


@pytest.fixture
def space(plain_space):
    yield from _anew(plain_space)


@pytest.fixture(params=["plain_space", "emulated_space"])
def any_space(request):
    yield from _anew(request.getfixturevalue(request.param))

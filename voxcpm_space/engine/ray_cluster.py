"""The Ray cluster that the models run on: one of this machine's own, or one to join."""

import importlib.util
import logging
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from voxcpm_space.errors import StartError
from voxcpm_space.settings import Settings

logger = logging.getLogger(__name__)

OWN = "auto"
"""As `VOXCPM_RAY`: a cluster that starts and ends with the server."""
_REACHING_SECONDS = 5.0
_OBJECT_STORE_BYTES = 2**27
"""Of shared memory, in place of a third of the machine's: clips of 2 MB are the largest objects."""
_OF_A_CLUSTER_OF_ITS_OWN = {
    "RAY_AUTH_MODE": "token",  # each replica's port is open to all, and runs what it is sent
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # the other ports are bound to loopback
    "RAY_memory_monitor_refresh_ms": "0",  # it kills Serve when other programs fill the memory
    "RAY_worker_niceness": "0",  # 15 else, which starves a model beside a busy page
}


def refuse_without_ray() -> None:
    """Returns where Ray Serve is installed.

    Raises:
        StartError: It is not; says how.
    """
    if not importlib.util.find_spec("ray"):
        raise StartError(
            "VOXCPM_RAY is set, but Ray is not installed. Please install it with: "
            "pip install -r requirements-ray.txt"
        )


def refuse_unreachable(address: str) -> None:
    """Returns where something listens at a cluster's address, `host:port`.

    Raises:
        StartError: Nothing does; Ray itself would try for minutes.
    """
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _REACHING_SECONDS).close()
    except OSError as error:
        raise StartError(
            f"VOXCPM_RAY={address} cannot be reached ({error.strerror or error}). Please start Ray "
            "there first (ray start --head --port=6379), or set VOXCPM_RAY=auto for a cluster of "
            "this machine's own."
        ) from error


@contextmanager
def joined(settings: Settings, folder: Path) -> Iterator[None]:
    """Connects this process to the cluster; has to come before anything imports Ray.

    Args:
        settings: Which cluster.
        folder: For what a cluster of this machine's own writes.

    Raises:
        StartError: There is no cluster, or none for this machine; says what to do.
    """
    os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_COLOR_PREFIX="0")
    if settings.ray == OWN:
        logger.info("Starting a Ray cluster on this machine, which takes some 15 s and 0.8 GB")
        options = _own_cluster(settings, folder)
    else:
        logger.info("Joining the Ray cluster at %s", settings.ray)
        refuse_unreachable(settings.ray)
        # Where it is no Ray that listens there, one try takes 40 s, and Ray's own 20 of them.
        os.environ.setdefault("RAY_gcs_server_port_wait_time_s", "1")
        options = {"address": settings.ray}
    import ray  # noqa: PLC0415  (reads the variables that are set above)

    try:
        ray.init(logging_level=logging.WARNING, **options)
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise StartError(
            f"The Ray cluster VOXCPM_RAY={settings.ray} cannot be used: {_first_line(error)} "
            "This machine has to be one of its nodes (ray start --address=HOST:PORT --num-cpus=0), "
            "with the same token and the same versions of Ray and Python."
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


def gpus_of_replica(settings: Settings) -> float:
    """Gives the part of a card that a replica has: what is set, or one where there are cards.

    Raises:
        StartError: A cluster of this machine's own has too few cards.
    """
    import ray  # noqa: PLC0415  (not installed everywhere)

    cards = ray.cluster_resources().get("GPU", 0)
    gpus = settings.ray_gpus if settings.ray_gpus is not None else min(1, cards)
    if settings.ray == OWN and gpus * settings.replicas > cards:
        raise StartError(
            f"VOXCPM_REPLICAS={settings.replicas} cannot be used: with VOXCPM_RAY_GPUS={gpus:g} "
            f"they need more than the {cards:g} cards of this machine."
        )
    return gpus


def _own_cluster(settings: Settings, folder: Path) -> dict[str, object]:
    os.environ.update(_OF_A_CLUSTER_OF_ITS_OWN)
    if not os.environ.get("RAY_AUTH_TOKEN_PATH"):  # Ray's own file could be read by everyone
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    code = str(Path(__file__).parents[2])
    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, [code, os.environ.get("PYTHONPATH", "")])
    )
    replicas = max(settings.replicas, settings.ray_max_replicas)
    return {
        "address": "local",
        "include_dashboard": False,
        "num_cpus": max(os.cpu_count() or 1, replicas * settings.ray_cpus),
        "object_store_memory": _OBJECT_STORE_BYTES,
        "_temp_dir": str(folder / "ray"),  # Ray opens its own to all users
    }


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]

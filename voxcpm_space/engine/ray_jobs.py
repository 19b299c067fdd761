"""The server's jobs on Ray Serve's replicas: which one makes them is up to Serve."""

import asyncio
import logging
import re
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ray import serve
from ray.exceptions import RayError, RayTaskError
from ray.serve import RunTarget
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentHandle

from voxcpm_space.engine.ray_deployment import APPLICATION, DEPLOYMENT, WHY, deployed
from voxcpm_space.engine.ray_messages import Sign, ToServer
from voxcpm_space.engine.worker import Job
from voxcpm_space.errors import ModelLostError, StartError
from voxcpm_space.settings import Settings

logger = logging.getLogger(__name__)

_LOADING_SECONDS = 1800.0
_POLL_SECONDS = 0.5
_RETRY_SECONDS = 0.1


def run_jobs(server: ToServer, settings: Settings, *, goes_on: bool) -> None:
    """Deploys the application where it is not there yet, and runs the server's jobs on it.

    Args:
        server: Where jobs come from.
        settings: Which replicas.
        goes_on: Whether the application that is there is the server's own.

    Raises:
        StartError: No replica starts; says why.
        EOFError: The server is gone.
    """
    serve.start(proxy_location="Disabled")
    is_there = APPLICATION in serve.status().applications
    is_ours = goes_on or not is_there
    if is_there:
        logger.info("The application %s is on the cluster already, and used as it is", APPLICATION)
    else:
        target = RunTarget(deployed(settings), APPLICATION, route_prefix=None)
        serve.run_many([target], wait_for_applications_running=False)
    try:
        _wait_for_a_replica()
        asyncio.run(_Jobs(server, serve.get_app_handle(APPLICATION)).run(is_ours=is_ours))
    finally:
        if is_ours:
            serve.delete(APPLICATION)


class _Jobs:
    """Hands jobs to replicas, and what comes back to the server."""

    def __init__(self, server: ToServer, handle: DeploymentHandle[Any]) -> None:
        self._server = server
        self._handle = handle
        self._running: dict[int, asyncio.Task[None]] = {}

    async def run(self, *, is_ours: bool) -> None:
        facts = await self._handle.facts.remote()
        self._server.send(replace(facts, is_ours=is_ours))
        watching = asyncio.create_task(self._report_replicas())
        while (told := await asyncio.to_thread(self._server.recv)) is not None:
            if isinstance(told, Job):
                self._running[told.number] = asyncio.create_task(self._run(told))
            elif told in self._running:
                self._running[told].cancel()
        watching.cancel()

    async def _run(self, job: Job) -> None:
        try:
            while not await self._has_run(job):
                pass
        finally:
            del self._running[job.number]

    async def _has_run(self, job: Job) -> bool:
        """Runs a job, and tells whether anything of it was run: what was not can be tried again."""
        has_begun = False
        response = self._handle.options(stream=True).stream.remote(job.request, job.longest_text)
        try:
            async for outcome in response:
                has_begun = True
                self._server.send((job.number, outcome))
        except (RayError, RayServeException) as error:
            logger.warning("A replica failed: %s", type(error).__name__)
            is_fault = isinstance(error, RayTaskError)  # of ours, and the next one would do it, too
            if not has_begun and not is_fault:
                await asyncio.sleep(_RETRY_SECONDS)
                return False
            failure = RuntimeError(f"{type(error).__name__} in a replica")
            self._server.send((job.number, failure if is_fault else ModelLostError))
            self._server.send((job.number, Sign.ENDED))
        finally:
            response.cancel()
        return True

    async def _report_replicas(self) -> None:
        """Tells the server again and again, also as a sign of life."""
        while True:
            with suppress(RayError):  # while Serve's controller is started anew
                self._server.send(await asyncio.to_thread(_running_replicas))
            await asyncio.sleep(_POLL_SECONDS)


def _wait_for_a_replica() -> None:
    end = time.monotonic() + _LOADING_SECONDS
    while not _running_replicas():
        application = serve.status().applications[APPLICATION]
        deployments = application.deployments.values()
        messages = [application.message, *(one.message for one in deployments)]
        if why := re.search(f"{WHY}(.*)", "\n".join(messages)):
            raise StartError(why[1])
        if application.status in {"DEPLOY_FAILED", "UNHEALTHY"} or time.monotonic() > end:
            raise StartError(f"No replica starts on the Ray cluster: {messages[-1]}")
        time.sleep(_POLL_SECONDS)


def _running_replicas() -> int:
    application = serve.status().applications.get(APPLICATION)
    deployment = application and application.deployments.get(DEPLOYMENT)
    return deployment.replica_states.get("RUNNING", 0) if deployment else 0

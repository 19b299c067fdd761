"""All plain HTTP routes, with their documentation at /docs."""

from fastapi import FastAPI, Security
from fastapi.security import APIKeyHeader, HTTPBearer
from fastapi_offline import FastAPIOffline

from voxcpm_space.api.access.gate import KEY_HEADER
from voxcpm_space.api.desk import FrontDesk
from voxcpm_space.api.hosted import hosted_router
from voxcpm_space.api.listening import live_router
from voxcpm_space.api.openai import openai_router
from voxcpm_space.api.operations import health_router, metrics_router

_DESCRIPTION = """
Speech from text, in a voice that is described or cloned from a clip. The routes below `/voxcpm/v1`
are those of the hosted VoxCPM API, the routes below `/v1` those of OpenAI's speech API.
"""
_KEYS = [
    Security(APIKeyHeader(name=KEY_HEADER, auto_error=False, description="The account's key.")),
    Security(HTTPBearer(auto_error=False, description="The account's key.")),
]


def programs_api(desk: FrontDesk) -> FastAPI:
    """Gives the application whose routes stand beside Gradio's.

    Its pages at /docs load nothing from elsewhere. The gate checks the keys; here they are only
    documented, where the server asks for them.
    """
    api: FastAPI = FastAPIOffline(
        title="VoxCPM2",
        version="1",
        description=_DESCRIPTION,
        redoc_url=None,
    )
    keys = _KEYS if desk.is_closed else []
    api.include_router(hosted_router(desk), dependencies=keys)
    api.include_router(openai_router(desk), dependencies=keys)
    api.include_router(metrics_router(), dependencies=keys)
    api.include_router(live_router(desk))
    api.include_router(health_router(desk.studio))
    return api

"""For operators: is the process up, can it serve, and what has it done."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from voxcpm_space.studio import Studio


def health_router(studio: Studio) -> APIRouter:
    """Gives `/healthz` and `/readyz`, which need no key."""
    router = APIRouter(tags=["Operations"])

    @router.get("/healthz")
    def healthz() -> dict[str, str]:
        """Answers as long as the process is up."""
        return {"status": "up"}

    @router.get("/readyz", responses={503: {"description": "It cannot serve, and says why."}})
    def readyz() -> JSONResponse:
        """Answers 200 when a request would be served, else 503 with the reasons."""
        problems = studio.problems()
        content = {"model": studio.status.model, "problems": problems}
        return JSONResponse(content, status_code=503 if problems else 200)

    return router


def metrics_router() -> APIRouter:
    """Gives `/metrics`."""
    router = APIRouter(tags=["Operations"])

    @router.get("/metrics", response_class=PlainTextResponse)
    def metrics() -> Response:
        """Gives counters and histograms in Prometheus's text format."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router

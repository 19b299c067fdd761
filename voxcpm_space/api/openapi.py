"""What the OpenAPI document says of requests and answers that we read and write ourselves."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

ANSWERS = {
    200: "the audio is made",
    400: "a field is missing, wrong or unknown, the clip cannot be used, or the body is no JSON "
    "object",
    401: "the server is closed, and the key is missing or unknown",
    402: "the account's balance is used up, or reserved for what it asked for before",
    403: "the account is disabled, or not allowed to ask for this",
    429: "too many requests of this account or address, too many waiting or too many clips being "
    "fetched (see `Retry-After`), or the caller's GPU time on ZeroGPU is used up",
    500: "the server's disk is full, or a fault of ours; then the message has the request id to "
    "look up in the log",
    503: "the model is being downloaded or loaded, or was lost in the middle of a request, the "
    "server is stopping, its balances cannot be read, its store takes no files, or ZeroGPU has no "
    "GPU free or took it away",
    504: "the server that has the model gave no sign of life",
}
"""Every status of a route that makes audio, and when it is given."""


class Refusal(BaseModel):
    """What the hosted API answers where it does not do what was asked."""

    statusCode: int = Field(description="The HTTP status.")  # noqa: N815  (the hosted API's name)
    message: str = Field(description="What was wrong, what is allowed and what to do.")


class OpenAIError(BaseModel):
    """What went wrong, in OpenAI's words."""

    message: str = Field(description="What was wrong, what is allowed and what to do.")
    type: str
    param: str | None = Field(None, description="The field that is wrong.")
    code: str | None = None


class OpenAIRefusal(BaseModel):
    """What OpenAI's API answers where it does not do what was asked."""

    error: OpenAIError


def answers(success: dict[str, Any], refusal: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """Describes all answers of a route that makes audio.

    Args:
        success: What the document says of the answer 200, beside its description.
        refusal: The shape of all others.
    """
    described: dict[int | str, dict[str, Any]] = {}
    for status, when in ANSWERS.items():
        of_status = success if status == 200 else {"model": refusal}  # noqa: PLR2004
        headers = _headers(status) | of_status.get("headers", {})
        described[status] = {**of_status, "description": when, "headers": headers}
    return described


def body(schema: dict[str, Any], **examples: Mapping[str, object]) -> dict[str, Any]:
    """Describes the body that a route reads: a JSON object of this schema.

    Args:
        schema: JSON schema.
        examples: Bodies that can be tried, by name.
    """
    named = {name: {"value": example} for name, example in examples.items()}
    content = {"application/json": {"schema": schema, "examples": named}}
    return {"requestBody": {"required": True, "content": content}}


def _headers(status: int) -> dict[str, Any]:
    headers = {"X-Request-Id": {"description": "Names the request in the log.", **_STRING}}
    if status == 429:  # noqa: PLR2004
        headers["Retry-After"] = {"description": "Seconds to wait.", **_INTEGER}
    return headers


_STRING = {"schema": {"type": "string"}}
_INTEGER = {"schema": {"type": "integer"}}

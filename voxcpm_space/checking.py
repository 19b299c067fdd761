"""Fields that a front door was sent, against the schemas; and the schemas within the limits."""

from collections.abc import Mapping
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_, Message
from voxcpm_space.schemas import (
    EVALUATIONS,
    FIXED_BY_SERVERS,
    MAX_CFG,
    MAX_SEED,
    MAX_SPEED,
    MIN_CFG,
    MIN_SPEED,
    shown,
)
from voxcpm_space.settings import Settings
from voxcpm_space.text import MAX_NAMES

ModelT = TypeVar("ModelT", bound=BaseModel)


def checked(kind: type[ModelT], fields: Mapping[str, object] | ModelT, limits: Settings) -> ModelT:
    """Checks what a front door was sent.

    Args:
        kind: What was asked for.
        fields: As sent, unchecked; what was checked before is given as it is.
        limits: Gives the most characters and steps.

    Raises:
        InputError: A sentence on the first field that is wrong.
    """
    if isinstance(fields, kind):
        return fields
    assert isinstance(fields, Mapping), "What is checked already is of the kind that is asked for"
    try:
        return kind.model_validate(_given(kind, fields), context=limits)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        raise InputError(_sentence(error, kind, limits), name) from error


def _given(kind: type[BaseModel], fields: Mapping[str, object]) -> dict[str, object]:
    """Leaves out optional fields that are null, as JavaScript has what is not given."""
    needed = {name for name, field in kind.model_fields.items() if field.is_required()}
    return {name: value for name, value in fields.items() if value is not None or name in needed}


def _sentence(error: ValidationError, kind: type[BaseModel], limits: Settings) -> Message:
    """Says what is wrong with the first field that is."""
    problem = error.errors()[0]
    name = str(problem["loc"][0])
    if problem["type"] == "missing":
        return N_("{name} is missing. Please give it.", name=name)
    if problem["type"] == "extra_forbidden":
        known = ", ".join(kind.model_fields)
        return N_("{name} is not a parameter. There are: {known}.", name=repr(name), known=known)
    return N_(
        "{name} must be {allowed}, not {given}.",
        name=name,
        allowed=_allowed(kind, name, limits),
        given=shown(problem["input"]),
    )


def json_schema(kind: type[BaseModel], limits: Settings) -> dict[str, Any]:
    """Describes what can be asked for, within the limits of the settings."""
    schema = kind.model_json_schema()
    bounds = {"text": ("maxLength", limits.max_text_length)}
    bounds |= {"input": bounds["text"], "dit_steps": ("maximum", limits.max_dit_steps)}
    for name in bounds.keys() & schema["properties"].keys():
        keyword, bound = bounds[name]
        schema["properties"][name][keyword] = bound
    if limits.engine_url:
        for name, value in FIXED_BY_SERVERS.items():
            if name in schema["properties"]:
                schema["properties"][name] |= {"minimum": value, "maximum": value}
        schema["properties"].pop("quality", None)
    for name in schema["properties"].keys() - set(schema.get("required", [])):
        schema["properties"][name] = _or_null(schema["properties"][name])
    return schema


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Says that null is possible, too, which means the default."""
    kind = schema.get("type")
    if isinstance(kind, list) or {"enum", "anyOf"} & schema.keys():
        about: dict[str, Any] = {
            name: schema[name] for name in ("title", "description") if name in schema
        }
        return {**about, "anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [kind, "null"]} if kind else schema


def _allowed(kind: type[BaseModel], name: str, limits: Settings) -> str:
    if limits.engine_url and name in FIXED_BY_SERVERS:
        fixed = FIXED_BY_SERVERS[name]
        return N_("{value:g}, which the server that has the model computes with", value=fixed)
    if name == "quality":
        known = ", ".join(EVALUATIONS)
        return N_("left out") if limits.engine_url else N_("one of {known}", known=known)
    annotation = kind.model_fields[name].annotation
    if get_origin(annotation) is Literal:
        return " or ".join(dict.fromkeys(map(str, get_args(annotation))))
    return {
        "cfg_value": N_("a number from {least:g} to {most:g}", least=MIN_CFG, most=MAX_CFG),
        "dit_steps": N_("a whole number from 1 to {most}", most=limits.max_dit_steps),
        "speed": N_("a number from {least:g} to {most:g}", least=MIN_SPEED, most=MAX_SPEED),
        "seed": N_("a whole number from 0 to {most}", most=MAX_SEED),
        "normalize": N_("true or false"),
        "voices": N_("an object with a voice for each of at most {most} names", most=MAX_NAMES),
        "denoise": N_("true or false"),
        "transcribe": N_("true or false"),
        "reference_start": N_("a number of seconds, 0 or more"),
        "sample_rate": N_("a whole number from {least} to {most}", least=8000, most=48_000),
        "timestamps": N_("true or false"),
    }.get(name, N_("a string"))

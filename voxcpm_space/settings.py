"""Every VOXCPM_* environment variable, typed, with default and bounds."""

import re
from pathlib import Path

from annotated_types import Ge, Le
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from voxcpm_space.errors import StartError

_PREFIX = "VOXCPM_"
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")
_HOST = r"(\*|\[[0-9a-fA-F:.]+\]|[\w.-]+)(:(\*|\d{1,5}))?"
_HOSTS = re.compile(rf"\s*{_HOST}\s*(,\s*{_HOST}\s*)*", re.ASCII)
_ALLOWED = {
    "model": "auto, preview, a Hub id such as openbmb/VoxCPM2, or a folder that exists",
    "device": "auto, cpu, mps, cuda or cuda:N",
    "asr_model": "off, a Hub id such as openai/whisper-small, or a folder that exists",
    "reference_hosts": "entries host, host:port or host:*, with commas between",
}


class Settings(BaseSettings):
    """What whoever runs the application can set; the README's table shows the same."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_ignore_empty=True, frozen=True)

    model: str = Field(
        "auto",
        description="Which model speaks: `auto` (VoxCPM2, or the embedded preview where VoxCPM2 "
        "cannot be had), `preview`, a Hub id, or a folder with a VoxCPM2 checkpoint",
    )
    device: str = Field(
        "auto", description="Where the model runs: `auto`, `cpu`, `mps`, `cuda` or `cuda:N`"
    )
    max_text_length: int = Field(
        1000, ge=1, le=20_000, description="Most characters of text in one request"
    )
    max_reference_seconds: float = Field(
        30, ge=2, le=120, description="Most seconds of a reference clip that are used"
    )
    reference_hosts: str = Field(
        "*",
        description="Servers that clips may be downloaded from, with commas between: `*` is every "
        "public one, `host` one of them, `host:port` another port than 80 and 443 (`host:*` any), "
        "`localhost` or an IP address one that need not be public",
    )
    asr_model: str = Field(
        "openai/whisper-large-v3-turbo",
        description="Which speech recognizer writes the transcript of a clip that comes without: a "
        "Hub id, a folder, or `off`",
    )
    max_dit_steps: int = Field(50, ge=1, le=100, description="Most DiT steps of one request")
    keep_seconds: int = Field(
        3600,
        ge=60,
        le=604_800,
        description="Age in seconds at which made and uploaded files are deleted",
    )

    @field_validator("model")
    @classmethod
    def _names_a_model(cls, value: str) -> str:
        if value in {"auto", "preview"} or _is_hub_id(value) or Path(value).expanduser().is_dir():
            return value
        raise ValueError(value)

    @field_validator("asr_model")
    @classmethod
    def _names_a_recognizer(cls, value: str) -> str:
        if value == "off" or _is_hub_id(value) or Path(value).is_dir():
            return value
        raise ValueError(value)

    @field_validator("device")
    @classmethod
    def _names_a_device(cls, value: str) -> str:
        if _DEVICE.fullmatch(value):
            return value
        raise ValueError(value)

    @field_validator("reference_hosts")
    @classmethod
    def _lists_hosts(cls, value: str) -> str:
        if _HOSTS.fullmatch(value):
            return value
        raise ValueError(value)


def load_settings() -> Settings:
    """Reads the settings from the environment.

    Raises:
        StartError: Names the variable, its value and what is allowed.
    """
    try:
        return Settings()
    except ValidationError as error:
        problem = error.errors()[0]
        name = str(problem["loc"][0])
        message = (
            f"{_PREFIX}{name.upper()}={problem['input']!r} cannot be used; "
            f"it must be {_allowed(name)}."
        )
        raise StartError(message) from error


def _is_hub_id(value: str) -> bool:
    return _HUB_ID.fullmatch(value) is not None and not value.startswith(".")


def _allowed(name: str) -> str:
    if name in _ALLOWED:
        return _ALLOWED[name]
    field = Settings.model_fields[name]
    bounds = {type(bound): bound for bound in field.metadata}
    kind = "a whole number" if field.annotation is int else "a number"
    return f"{kind} from {bounds[Ge].ge} to {bounds[Le].le}"

"""Every VOXCPM_* environment variable, typed, with default and bounds."""

import re
from pathlib import Path
from typing import Literal

import limits
from annotated_types import Ge, Le
from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticUseDefault
from pydantic_settings import BaseSettings, SettingsConfigDict

from voxcpm_space.errors import StartError

_PREFIX = "VOXCPM_"
_MAY_BE_EMPTY = {
    "rate_limit",
    "asr_model",
    "contact",
    "cors",
    "engine_url",
    "engine_key",
    "results",
    "results_url",
    "accounts_db",
    "ray",
}
_OPENAI = "openai/whisper-"
"""How models of the same names are called on the Hub, in transformers' format."""
_PASSWORD = re.compile(r"//[^/]*@")
"""With the name before it, in a URL."""
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_HOST = r"(\*|\[[0-9a-fA-F:.]+\]|[\w.-]+)(:(\*|\d{1,5}))?"
_SERVER = r"https?://(\[[0-9a-fA-F:.]+\]|[\w.-]+)(:\d{1,4}|:[1-5]\d{4}|:6[0-4]\d{3})?(/[\w./~-]*)?"
_FORMS = {
    "engine_url": re.compile(rf"(\s*{_SERVER}\s*(,\s*{_SERVER}\s*)*)?", re.ASCII),
    "device": re.compile(r"auto|cpu|mps|cuda|cuda:\d+(\s*,\s*cuda:\d+)*"),
    "ray": re.compile(r"(auto|(\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5})?", re.ASCII),
    "reference_hosts": re.compile(rf"\s*{_HOST}\s*(,\s*{_HOST}\s*)*", re.ASCII),
    "cors": re.compile(r"(\*|\s*https?://[^\s,/]+\s*(,\s*https?://[^\s,/]+\s*)*)?"),
    "accounts_db": re.compile(r"(postgres(ql)?://\S+)?"),
    "results": re.compile(r"((s3|gs)://[\w.-]+(/[\w./-]*)?)?", re.ASCII),
    "results_url": re.compile(r"(https?://[^\s()<>?#]+)?"),
    "contact": re.compile(r"((https?|mailto):[^\s()<>]+)?"),
    "rate_limit_storage": re.compile(r"(memory|rediss?)(://.*)?", re.DOTALL),
}
_ALLOWED = {
    "model": "auto, preview, a Hub id such as openbmb/VoxCPM2, or a folder that exists",
    "device": "auto, cpu, mps, cuda or cuda:N, or several of the last with commas between",
    "engine_url": "URLs such as http://gpu1:8091 with commas between, without /v1",
    "compile": "true or false",
    "embedded": "true or false",
    "cuda_graphs": "true or false",
    "cpu_int8": "true or false",
    "asr_model": "a model of faster-whisper such as large-v3-turbo or small, the Hub id of one in "
    "CTranslate2's format, a folder that exists, or empty for none",
    "ray": "auto, or host:port of a cluster's head, such as 10.0.0.1:6379",
    "reference_hosts": "entries host, host:port or host:*, with commas between",
    "cors": "*, origins such as https://app.example with commas between, or empty for none",
    "voices": "a folder that exists",
    "voice_uploads": "accounts, everyone or nobody",
    "lora": "a folder that exists",
    "accounts_db": "the URL of a PostgreSQL database, such as postgresql://user@host/database",
    "results": "s3://bucket/prefix or gs://bucket/prefix",
    "results_url": "a URL that begins with https:// or http://",
    "contact": "a URL that begins with https://, http:// or mailto:",
    "rate_limit": "requests by time, such as 60/minute or 10/second;1000/day, or empty for none",
    "rate_limit_storage": "memory:// or the URL of a Redis server, such as redis://localhost:6379",
}


class Settings(BaseSettings):
    """What whoever runs the application can set; docs/operations.md shows the same."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True)

    model: str = Field(
        "auto",
        description="Which model speaks: `auto` (VoxCPM2, or the embedded preview where VoxCPM2 "
        "cannot be had), `preview`, a Hub id, or a folder with a VoxCPM2 checkpoint",
    )
    device: str = Field(
        "auto",
        description="Where the model runs: `auto`, `cpu`, `mps`, `cuda` or `cuda:N`, or, one on "
        "each of several cards, `cuda:0,cuda:1`",
    )
    replicas: int = Field(
        1,
        ge=1,
        le=64,
        description="Models on each device, each in a process of its own: so many requests are "
        "generated at the same time; those on a CPU share its cores",
    )
    compile: bool = Field(
        default=False,
        description="Whether the model is compiled into CUDA graphs: faster, and minutes slower to "
        "start; only on a CUDA device of its own",
    )
    cuda_graphs: bool = Field(
        default=False,
        description="Whether a CUDA device of its own replays CUDA graphs, captured within seconds "
        "at the start: several times as fast, without compiling; `VOXCPM_COMPILE` comes first, and "
        "other devices have none",
    )
    cpu_int8: bool = Field(
        default=False,
        description="Whether a CPU computes with weights of 8 bits: much faster, in less memory, "
        "and not quite as exact; changes nothing on other devices",
    )
    cache: Path | None = Field(
        None,
        description="Folder in which weights of 8 bits are kept for the next start; unless it is "
        "set, `.voxcpm-int8` in the folder of a large checkpoint",
    )
    engine_url: str = Field(
        "",
        description="Servers of vLLM-Omni that generate in place of a model here, with commas "
        "between, such as `http://gpu1:8091,http://gpu2:8091`",
    )
    engine_key: str = Field(
        "", description="Key of these servers (`--api-key`), if they ask for one"
    )
    engine_concurrency: int = Field(
        8,
        ge=1,
        le=256,
        description="Requests that each of these servers has at the same time; vLLM-Omni generates "
        "for 8 at once unless it is told otherwise",
    )
    ray: str = Field(
        "",
        description="Ray cluster whose nodes have the models, `VOXCPM_REPLICAS` in all: `auto` "
        "starts one on this machine, `host:port` is one to join",
    )
    ray_max_replicas: int = Field(
        0,
        ge=0,
        le=1024,
        description="Models on the cluster up to which Ray Serve adds to `VOXCPM_REPLICAS` while "
        "requests wait, and from which it goes back; 0 for none but those",
    )
    ray_gpus: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Part of a card that each model on the cluster takes, such as `0.25`; one card "
        "where the cluster has any, unless it is set",
    )
    ray_cpus: int = Field(
        1,
        ge=1,
        le=256,
        description="Cores that each model on the cluster takes, and threads that it computes with",
    )
    stall_seconds: float = Field(
        120,
        ge=1,
        le=3600,
        description="Seconds without a sign of life from the model after which a request is given "
        "up and the model loaded anew",
    )
    grace_seconds: float = Field(
        20,
        ge=0,
        le=3600,
        description="Seconds that running requests have to finish when the server is told to end",
    )
    max_text_length: int = Field(
        20_000, ge=1, le=20_000, description="Most characters of text in one request"
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
        "large-v3-turbo",
        description="Which Whisper writes the transcript of a clip that comes without: a model of "
        "faster-whisper such as `large-v3-turbo` or `small`, the Hub id or the folder of one in "
        "CTranslate2's format, or empty for none",
    )
    voices: Path | None = Field(
        None,
        description="Folder of voices that can be named: clips, each with a transcript in a `.txt` "
        "file of the same name where there is one, and kept voices; uploaded ones are stored in it",
    )
    voice_uploads: Literal["accounts", "everyone", "nobody"] = Field(
        "accounts",
        description="Who may upload voices into that folder: `accounts`, each for itself, "
        "`everyone`, on an open server too, where all have them in common, or `nobody`",
    )
    max_voices: int = Field(
        20, ge=1, le=1000, description="Most voices that an account, or an open server, may upload"
    )
    lora: Path | None = Field(
        None,
        description="Folder of LoRA weights made with VoxCPM's own training, which speak for "
        "everyone, or of several such folders, which requests name; not on ZeroGPU",
    )
    max_dit_steps: int = Field(50, ge=1, le=100, description="Most DiT steps of one request")
    keep_seconds: int = Field(
        3600,
        ge=60,
        le=604_800,
        description="Age in seconds at which made and uploaded files are deleted",
    )
    keep_megabytes: int = Field(
        4096,
        ge=256,
        le=1_048_576,
        description="Most megabytes of made and uploaded files that are kept; beyond that the "
        "oldest are deleted before their time",
    )
    results: str = Field(
        "",
        description="Store for made files whose links programs get, such as `s3://bucket/prefix`, "
        "also of Cloudflare R2 and others with `AWS_ENDPOINT_URL`, or `gs://bucket/prefix`; "
        "without one they stay on the server",
    )
    results_url: str = Field(
        "",
        description="URL below which anybody can read what is in that store; without one each link "
        "is signed",
    )
    contact: str = Field(
        "",
        description="URL at which misuse is reported, `mailto:` included; on a Space its Community "
        "page where empty",
    )
    max_waiting: int = Field(
        64, ge=1, le=10_000, description="Most requests that wait for the model; more are refused"
    )
    accounts: Path | None = Field(
        None,
        description="TOML file of the accounts that may use the server; without it, anyone may",
    )
    accounts_db: str = Field(
        "",
        description="PostgreSQL database for the balances of these accounts, which servers on "
        "several machines share, such as `postgresql://user:password@host/database`; without one "
        "they are in a file beside that of the accounts",
    )
    embedded: bool = Field(
        default=False,
        description="Whether people can log in where the page is embedded in another website's, as "
        "on huggingface.co; their cookie is then `SameSite=None`, over HTTPS",
    )
    cors: str = Field(
        "*",
        description="Origins of web pages whose programs may use the API in a browser, with commas "
        "between: `*` is any, empty none; no cookie comes along",
    )
    rate_limit: str = Field(
        "60/minute",
        description="Most requests of one address or account, such as `10/second;1000/day`; empty "
        "for no limit",
    )
    rate_limit_storage: str = Field(
        "memory://",
        description="Where requests are counted: `memory://`, or a Redis server that several "
        "replicas share, such as `redis://localhost:6379`",
    )

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object, info: ValidationInfo) -> object:
        if value == "" and info.field_name not in _MAY_BE_EMPTY:
            raise PydanticUseDefault
        return value

    @field_validator("model")
    @classmethod
    def _names_a_model(cls, value: str) -> str:
        if value in {"auto", "preview"} or _is_hub_id(value) or Path(value).expanduser().is_dir():
            return value
        raise ValueError(value)

    @field_validator("asr_model")
    @classmethod
    def _names_a_recognizer(cls, value: str) -> str:
        if value == "" or Path(value).is_dir():
            return value
        from faster_whisper import available_models  # noqa: PLC0415  (0.3 s, and few set it)

        name = value.removeprefix(_OPENAI)
        if name in available_models():
            return name
        if _is_hub_id(value) and not value.startswith(_OPENAI):
            return value
        raise ValueError(value)

    @field_validator("voices", "lora")
    @classmethod
    def _is_a_folder(cls, value: Path | None) -> Path | None:
        if value is None or value.is_dir():
            return value
        raise ValueError(value)

    @field_validator("rate_limit")
    @classmethod
    def _can_be_counted(cls, value: str) -> str:
        if value:
            limits.parse_many(value)
        return value

    @field_validator(*_FORMS)
    @classmethod
    def _has_the_form(cls, value: str, info: ValidationInfo) -> str:
        assert info.field_name is not None
        if _FORMS[info.field_name].fullmatch(value):
            return value
        raise ValueError(value)

    @property
    def devices(self) -> list[str]:
        """Each device of `VOXCPM_DEVICE`."""
        return [device.strip() for device in self.device.split(",")]

    @property
    def engine_urls(self) -> list[str]:
        """Each server of `VOXCPM_ENGINE_URL`; none where the model is here."""
        return [url.strip() for url in self.engine_url.split(",")] if self.engine_url else []


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
        shown = _PASSWORD.sub("//***@", repr(problem["input"]))
        message = f"{_PREFIX}{name.upper()}={shown} cannot be used; it must be {_allowed(name)}."
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

"""What can be asked for, checked once for every front door."""

import math
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from typing_extensions import Self

from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_
from voxcpm_space.settings import Settings
from voxcpm_space.text import (
    MAX_NAMES,
    MAX_TRANSCRIPT_LENGTH,
    PAUSE_CHARACTERS_PER_SECOND,
    Script,
    name_key,
    parse_dialogue,
    parse_script,
    preprocess,
    validate_description,
    validate_line,
    validate_text,
)

Operation: TypeAlias = Literal["text-to-speech", "voice-cloning"]
OPERATIONS: tuple[Operation, ...] = get_args(Operation)

MIN_CFG, DEFAULT_CFG, MAX_CFG = 1.0, 2.0, 3.0
"""CFG scale: the range of VoxCPM2's own demo; over 3 the voice distorts."""
DEFAULT_DIT_STEPS = 10
FIXED_BY_SERVERS: Mapping[str, float] = {
    "cfg_value": DEFAULT_CFG,
    "dit_steps": DEFAULT_DIT_STEPS,
}
"""What vLLM-Omni computes with, whatever it is asked for."""
Quality: TypeAlias = Literal["draft", "standard", "best"]
EVALUATIONS: Mapping[Quality, int] = {"draft": 4, "standard": 6, "best": 9}
"""Of the LocDiT for each patch, by the method of Adams and Bashforth; none takes longer than the
default, whose 10 steps by Euler's are 9 evaluations. docs/cpu.md has what was measured."""
MIN_SPEED, DEFAULT_SPEED, MAX_SPEED = 0.25, 1.0, 4.0
"""The range of OpenAI's speech API."""
MAX_SEED = 2**32 - 1

_SHOWN_CHARACTERS = 40
_MAX_GIVEN_NAME = 80
"""Characters, with more blanks and marks than a name in a text may have."""


def _whole(value: object) -> object:
    """JavaScript has no whole numbers: 10.0 means 10."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _drawn_if_none(seed: object) -> object:
    return secrets.randbelow(MAX_SEED + 1) if seed is None else seed


def _empty_if_none(value: object) -> object:
    return "" if value is None else value


def _none_if_empty(quality: object) -> object:
    return None if quality == "" else quality


@contextmanager
def _naming(field: str) -> Iterator[None]:
    """Says of errors that are raised inside which field they are about."""
    try:
        yield
    except InputError as error:
        error.field = field
        raise


Voices: TypeAlias = Annotated[dict[str, str | dict[str, Any]], Field(max_length=MAX_NAMES)]
"""Voice descriptions, names of voices, or their files, by the names in a dialogue."""
_FILE = re.compile(r"\s*(https?://\S|data:[^\s,]*,)", re.IGNORECASE)


class Request(BaseModel):
    """What speaking and cloning have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: str = Field(description="What to say.")
    cfg_value: float = Field(
        DEFAULT_CFG,
        ge=MIN_CFG,
        le=MAX_CFG,
        description="Classifier-free guidance scale: higher follows the text more strictly.",
    )
    dit_steps: Annotated[int, BeforeValidator(_whole)] = Field(
        DEFAULT_DIT_STEPS,
        ge=1,
        description="Diffusion steps: more can sound better and take longer.",
    )
    quality: Annotated[Quality | None, BeforeValidator(_none_if_empty)] = Field(
        None,
        description="In place of `dit_steps`, which takes its default then: `draft` is fastest, "
        "`standard` is as exact as the default and faster, `best` is more exact and no slower.",
    )
    seed: Annotated[int, BeforeValidator(_drawn_if_none), BeforeValidator(_whole)] = Field(
        None,  # becomes a drawn one, since defaults are validated here
        ge=0,
        le=MAX_SEED,
        validate_default=True,
        json_schema_extra={"type": ["integer", "null"]},
        description="The same seed with the same request gives the same audio.",
    )
    normalize: bool = Field(
        default=False,
        description="Write out numbers, dates and symbols as words before speaking.",
    )
    speed: float = Field(
        DEFAULT_SPEED,
        ge=MIN_SPEED,
        le=MAX_SPEED,
        description="How fast the speech is played, at its own pitch.",
    )
    voice: Annotated[Any, BeforeValidator(_empty_if_none)] = Field(
        "",
        description="A voice to speak with: its name on this server, or a kept voice: an http(s) "
        "or data: URL of its file, or an uploaded one. In a dialogue it speaks the lines of "
        "nobody.",
        json_schema_extra={"type": ["string", "null"]},
    )
    lora: Annotated[str, BeforeValidator(_empty_if_none)] = Field(
        "",
        description="Which of the server's LoRA weights to speak with, by name.",
        json_schema_extra={"type": ["string", "null"]},
    )

    _script: Script = PrivateAttr()

    @property
    def script(self) -> Script:
        """The text, parsed."""
        return self._script

    @property
    def descriptions(self) -> Mapping[str, str]:
        """Voice descriptions by the names in the script."""
        return {}

    @property
    def voice_files(self) -> Mapping[str, object]:
        """Kept voices and clips, as they were given, by the names in the script."""
        return {}

    @property
    def how(self) -> str:
        """Voice description, or style of a clip, for who has no name."""
        return ""

    @property
    def evaluations(self) -> int:
        """Diffusion steps, as many as `quality` or `dit_steps` says."""
        return EVALUATIONS[self.quality] if self.quality else self.dit_steps

    @property
    def has_voice(self) -> bool:
        """Whether something was given for it, be it a voice or not."""
        return bool(self.voice != "")

    @field_validator("text")
    @classmethod
    def _clean_text(cls, text: str, info: ValidationInfo) -> str:
        with _naming("text"):
            return validate_text(text, _limits(info).max_text_length)

    @model_validator(mode="after")
    def _parse(self, info: ValidationInfo) -> Self:
        self._script = self._parsed()
        with _naming("text"):
            _refuse_long_pauses(self.text, self._script, _limits(info).max_text_length)
        return self

    def _parsed(self) -> Script:
        with _naming("text"):
            return parse_script(self.text, normalize=self.normalize)

    @field_validator("dit_steps")
    @classmethod
    def _within_the_limit(cls, steps: int, info: ValidationInfo) -> int:
        if steps > _limits(info).max_dit_steps:
            raise ValueError(steps)
        return steps

    @field_validator("quality")
    @classmethod
    def _in_place_of_steps(cls, quality: Quality | None, info: ValidationInfo) -> Quality | None:
        if quality and _limits(info).engine_url:
            raise ValueError(quality)
        if quality and info.data.get("dit_steps", DEFAULT_DIT_STEPS) != DEFAULT_DIT_STEPS:
            raise InputError(
                N_(
                    "A quality and dit_steps cannot be used together: the quality says how many "
                    "steps there are. Please leave one of them out."
                ),
                "quality",
            )
        return quality

    @field_validator(*FIXED_BY_SERVERS)
    @classmethod
    def _can_be_set(cls, value: float, info: ValidationInfo) -> float:
        assert info.field_name is not None
        if _limits(info).engine_url and value != FIXED_BY_SERVERS[info.field_name]:
            raise ValueError(value)
        return value


class SpeechRequest(Request):
    """Text to speech, with a designed voice where one is described."""

    voice_description: str = Field("", description="The voice to speak with, in plain words.")
    voices: Voices | None = Field(
        None,
        description="Makes the text a dialogue: a line that begins with a name and a colon is said "
        "by whom it names. By name a voice description, the name of a voice, or the file of a kept "
        "voice or of a clip: its http(s) or data: URL, or an uploaded one; who has none gets a "
        "voice all the same.",
        examples=[{"Ann": "A cheerful young woman", "Bob": "A tired old man"}],
    )

    @field_validator("voice_description")
    @classmethod
    def _clean_description(cls, description: str) -> str:
        with _naming("voice_description"):
            return validate_description(description, N_("voice description"))

    _descriptions: dict[str, str] = PrivateAttr(default_factory=dict)
    _voice_files: dict[str, object] = PrivateAttr(default_factory=dict)

    @property
    def how(self) -> str:
        """The voice description."""
        return self.voice_description

    @property
    def descriptions(self) -> Mapping[str, str]:
        """Voice descriptions by the names in the script."""
        return self._descriptions

    @property
    def voice_files(self) -> Mapping[str, object]:
        """Kept voices and clips, as they were given, by the names in the script."""
        return self._voice_files

    def _parsed(self) -> Script:
        if self.voices is None:
            return super()._parsed()
        with _naming("text"):
            script = parse_dialogue(self.text, normalize=self.normalize)
        voices = _by_name_in_text(self.voices, script.names)
        self._voice_files = {name: voice for name, voice in voices.items() if _is_file(voice)}
        self._descriptions = {
            name: validate_description(str(voice), N_("voice description of {name}", name=name))
            for name, voice in voices.items()
            if name not in self._voice_files
        }
        return script

    @model_validator(mode="after")
    def _one_voice(self) -> Self:
        if self.has_voice and self.voice_description:
            raise InputError(
                N_(
                    "A voice and a voice_description cannot be used together: the voice sounds as "
                    "it was kept. Please leave one of them out."
                )
            )
        return self


class ReferenceRequest(BaseModel):
    """A reference clip, and what to do with it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    reference_audio_url: Any = Field(
        description="The reference clip: an http(s) or data: URL, the name of an example clip, or "
        "an uploaded file.",
        json_schema_extra={"type": "string"},
    )
    denoise: bool = Field(default=False, description="Remove noise from the clip first.")
    transcribe: bool = Field(
        default=True,
        description="Recognize what is said in the clip, where neither that nor a style is given.",
    )
    reference_start: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = Field(
        None, description="Second of a long clip at which the part to use begins."
    )


class CloningRequest(ReferenceRequest, Request):
    """Voice cloning: with a transcript of the clip the closest clone, else with a style."""

    reference_audio_url: Any = Field(
        "",
        description="The reference clip: an http(s) or data: URL, the name of an example clip, or "
        "an uploaded file. Not with a voice.",
        json_schema_extra={"type": "string"},
    )
    prompt_text: str = Field("", description="What is said in the reference clip, word for word.")
    style: str = Field("", description="How to speak, in plain words; not with a transcript.")

    @property
    def how(self) -> str:
        """The style."""
        return self.style

    @field_validator("prompt_text")
    @classmethod
    def _clean_transcript(cls, transcript: str) -> str:
        with _naming("prompt_text"):
            return validate_line(transcript, N_("transcript (prompt_text)"), MAX_TRANSCRIPT_LENGTH)

    @field_validator("style")
    @classmethod
    def _clean_style(cls, style: str, info: ValidationInfo) -> str:
        with _naming("style"):
            style = validate_description(style, N_("style"))
        if style and info.data.get("prompt_text"):
            raise InputError(
                N_(
                    "A style and a transcript (prompt_text) cannot be used together: with a "
                    "transcript VoxCPM2 continues the clip as it is and would read the style "
                    "aloud. Please leave one of them out."
                )
            )
        return style

    @model_validator(mode="after")
    def _one_voice(self) -> Self:
        if self.has_voice and self.reference_audio_url:
            raise InputError(
                N_(
                    "A voice stands in place of a clip. Please give voice or reference_audio_url, "
                    "not both."
                )
            )
        if self.has_voice and self.prompt_text:
            raise InputError(
                N_(
                    "A voice brings its own transcript, if it has one. Please leave prompt_text "
                    "out."
                )
            )
        return self


REQUESTS: Mapping[Operation, type[Request]] = {
    "text-to-speech": SpeechRequest,
    "voice-cloning": CloningRequest,
}


def _limits(info: ValidationInfo) -> Settings:
    assert isinstance(info.context, Settings)
    return info.context


def _refuse_long_pauses(text: str, script: Script, most: int) -> None:
    """Returns if text and pauses together are within the limit on characters.

    Raises:
        InputError: They are not; the text alone was.
    """
    if len(text) + script.pause_characters > most:
        raise InputError(
            N_(
                "The text has {count:,} characters, and its pauses count as {pauses:,}, "
                "{each} a second; together {most:,} are allowed. "
                "Please shorten them, or send the text in parts.",
                count=len(text),
                pauses=script.pause_characters,
                each=PAUSE_CHARACTERS_PER_SECOND,
                most=most,
            )
        )


def _is_file(voice: object) -> bool:
    """Whether it is the file of a voice, and no words that describe or name one."""
    return not isinstance(voice, str) or _FILE.match(voice) is not None


def _by_name_in_text(voices: Voices, names: Sequence[str]) -> dict[str, object]:
    """Gives voices by the names as the text has them.

    Raises:
        InputError: A name is not in the text or given twice.
    """
    named = {name_key(name): name for name in names}
    found: dict[str, object] = {}
    for given, voice in voices.items():
        written = validate_line(given, N_("name in voices"), _MAX_GIVEN_NAME)
        name = named.get(name_key(preprocess(written)[0]))
        if name is None:
            raise _not_in_the_text(written, names)
        if name in found:
            raise InputError(
                N_("voices has {name} twice. Please give each name one voice.", name=name)
            )
        found[name] = voice
    return found


def _not_in_the_text(name: str, names: Sequence[str]) -> InputError:
    return InputError(
        N_(
            "voices names {name}, who is not in the text. It has {names}. A name stands at "
            "the start of a line, with a colon after it.",
            name=shown(name),
            names=", ".join(names) or N_("no names"),
        )
    )


def shown(value: object) -> str:
    """A value as an error's sentence can quote it: short, and in characters that can be sent."""
    if isinstance(value, float) and not math.isfinite(value):
        return {math.inf: "infinity", -math.inf: "minus infinity"}.get(value, "NaN")
    quoted = ascii(value)
    return quoted if len(quoted) <= _SHOWN_CHARACTERS else f"{quoted[:_SHOWN_CHARACTERS]}..."

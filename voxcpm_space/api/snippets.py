"""Code that asks for a speech as somebody has set it, through each of the server's doors."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxcpm_space.examples import clips
from voxcpm_space.schemas import REQUESTS, Operation

_KEY = "YOUR_KEY"
_OURS = ("seed", "cfg_value", "dit_steps", "quality", "speed", "normalize", "lora")
_MARK = re.compile(r'"\0([^"\0]+)\0"')
"""Where a file stands in JSON; no field holds a zero."""


@dataclass(frozen=True)
class Snippet:
    """A program.

    Attributes:
        label: What it is written in, and what it speaks through.
        language: As Markdown calls it.
        code: Of the program; it needs the files that it names.
    """

    label: str
    language: str
    code: str


@dataclass(frozen=True)
class _File:
    """A file that whoever runs the code has.

    Attributes:
        name: Its own.
    """

    name: str

    @property
    def mark(self) -> str:
        return f"\0{self.name}\0"


def snippets(
    operation: Operation, fields: Mapping[str, Any], url: str, *, is_closed: bool
) -> list[Snippet]:
    """Gives programs that make the speech that a request makes.

    Args:
        operation: What is asked for.
        fields: Those of its request, as the page gives them; defaults are left out of the code.
        url: Of the server, without a slash.
        is_closed: Whether it wants a key, for which a placeholder stands.
    """
    wanted = _wanted(operation, fields)
    asked = _Asked(operation, wanted, url, _KEY if is_closed else "")
    return [
        Snippet("curl", "sh", asked.curl()),
        Snippet("Python, gradio_client", "python", asked.gradio_client()),
        Snippet("JavaScript", "js", asked.javascript()),
        *asked.openai(),
    ]


def _wanted(operation: Operation, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Leaves out what is as it would be by default, and finds the files."""
    defaults = {name: field.default for name, field in REQUESTS[operation].model_fields.items()}
    wanted = {
        name: _with_files(value)
        for name, value in fields.items()
        if value is not None and (name == "text" or value != defaults[name])
    }
    if isinstance(wanted.get("prompt_text"), str):
        wanted.pop("transcribe", None)  # which is not asked for, then
    return wanted


def _with_files(value: object) -> Any:
    if isinstance(value, dict) and "path" not in value:
        return {name: _with_files(each) for name, each in value.items()}
    if isinstance(value, dict):
        return _File(value.get("orig_name") or Path(value["path"]).name)
    if isinstance(value, str) and value.startswith("data:"):
        return _File("voice.safetensors")
    if isinstance(value, str) and Path(value).is_absolute():  # an upload
        return _example(value) or _File(Path(value).name)
    return value


def _example(path: str) -> str:
    """Gives the name of an example clip that the page has copied; empty for another file."""
    return next((clip.voice for clip in clips() if clip.path.name == Path(path).name), "")


class _Asked:
    """A request, to be written in several languages."""

    def __init__(self, operation: Operation, fields: Mapping[str, Any], url: str, key: str) -> None:
        self._operation = operation
        self._fields = fields
        self._url = url
        self._key = key

    def curl(self) -> str:
        return self._curl(f"/voxcpm/v1/{self._operation}", self._fields)

    def gradio_client(self) -> str:
        def file(name: str) -> str:
            return f"handle_file({name!r})"

        answer = "output" if self._operation == "text-to-speech" else "url"
        needed = {"text": "", "reference_audio_url": ""} if answer == "url" else {}
        arguments = [
            f"    {name}={_python(value, file)},"
            for name, value in {**needed, **self._fields}.items()
        ]
        helper = ", handle_file" if any(map(_has_file, self._fields.values())) else ""
        login = f', auth=("YOUR_NAME", "{self._key}")' if self._key else ""
        return "\n".join(
            [
                f"from gradio_client import Client{helper}",
                "",
                f'client = Client("{self._url}"{login})',
                "answer = client.predict(",
                *arguments,
                f'    api_name="/{self._operation}",',
                ")",
                f'print(answer["{answer}"])',
            ]
        )

    def javascript(self) -> str:
        def base64(name: str) -> str:
            return f'`data:;base64,${{readFileSync({json.dumps(name)}, "base64")}}`'

        body = _json(self._fields, base64).replace("\n", "\n  ")
        key = f',\n    "Ocp-Apim-Subscription-Key": "{self._key}"' if self._key else ""
        read = 'import { readFileSync } from "node:fs";\n\n' if "readFileSync" in body else ""
        return (
            f'{read}const answer = await fetch("{self._url}/voxcpm/v1/{self._operation}", {{\n'
            f'  method: "POST",\n'
            f'  headers: {{ "Content-Type": "application/json"{key} }},\n'
            f"  body: JSON.stringify({body}),\n"
            "});\n"
            "console.log(await answer.json());"
        )

    def openai(self) -> list[Snippet]:
        """Gives none where OpenAI's API has no field for what is asked for."""
        asked = self._as_openai()
        if asked is None:
            return []
        return [
            Snippet("Python, openai", "python", self._openai_python(asked)),
            Snippet("curl, OpenAI's route", "sh", self._curl("/v1/audio/speech", asked)),
        ]

    def _as_openai(self) -> dict[str, Any] | None:
        fields = dict(self._fields)
        spoken = {"input": fields.pop("text")}
        voice = fields.pop("voice", None) or fields.pop("reference_audio_url", None) or "default"
        how = fields.pop("voice_description", "") or fields.pop("style", "")
        transcript = fields.pop("prompt_text", "")
        named = {clip.voice: clip.transcript for clip in clips()}
        is_a_clip = "reference_audio_url" in self._fields and voice not in named
        if is_a_clip or (transcript and transcript != named.get(voice)):
            return None
        has_no_words = fields.pop("transcribe", True) is False and not how
        if has_no_words or fields.keys() - set(_OURS):
            return None
        ours = {name: fields[name] for name in _OURS if name in fields}
        instructions = {"instructions": how} if how else {}
        return {
            "model": "voxcpm2",
            **spoken,
            "voice": voice,
            **instructions,
            "response_format": "wav",
            **ours,
        }

    def _openai_python(self, asked: Mapping[str, Any]) -> str:
        def file(name: str) -> str:
            return f'"data:;base64," + b64encode(Path({name!r}).read_bytes()).decode()'

        own = {name: asked[name] for name in _OURS if name in asked and name != "speed"}
        arguments = [
            f"    {name}={_python(value, file)},"
            for name, value in asked.items()
            if name not in own
        ]
        if own:
            arguments.append(f"    extra_body={own!r},")
        files = ["from base64 import b64encode", "from pathlib import Path", ""]
        return "\n".join(
            [
                *(files if _has_file(asked["voice"]) else []),
                "from openai import OpenAI",
                "",
                f'client = OpenAI(base_url="{self._url}/v1", api_key="{self._key or "unused"}")',
                "with client.audio.speech.with_streaming_response.create(",
                *arguments,
                ") as answer:",
                '    answer.stream_to_file("speech.wav")',
            ]
        )

    def _curl(self, path: str, fields: Mapping[str, Any]) -> str:
        has_file = any(map(_has_file, fields.values()))
        body, end = _json(fields, _base64), "'EOF'"
        if has_file:  # the shell fills it in, and must leave all else as it is
            body, end = _json(fields, _base64, _for_the_shell), "EOF"
        key = f' \\\n  -H "Ocp-Apim-Subscription-Key: {self._key}"' if self._key else ""
        out = " -o speech.wav" if "input" in fields else ""
        return (
            f"curl -s {self._url}{path}{out}{key} \\\n"
            f'  -H "Content-Type: application/json" -d @- <<{end}\n{body}\nEOF'
        )


def _for_the_shell(text: str) -> str:
    return re.sub(r"[\\$`]", r"\\\g<0>", text)


def _base64(name: str) -> str:
    quoted = "'" + name.replace("'", "'\\''") + "'"
    return f"\"data:;base64,$(base64 < {quoted} | tr -d '\\n')\""


def _has_file(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_has_file, value.values()))
    return isinstance(value, _File)


def _python(value: object, file: Callable[[str], str]) -> str:
    if isinstance(value, _File):
        return file(value.name)
    if isinstance(value, dict):
        return _in_braces(f"{name!r}: {_python(each, file)}" for name, each in value.items())
    return repr(value)


def _in_braces(items: Iterable[str]) -> str:
    return f"{{{', '.join(items)}}}"


def _json(
    fields: Mapping[str, Any], file: Callable[[str], str], escape: Callable[[str], str] = str
) -> str:
    """Gives JSON in lines, in which `file` says how a file is written, and `escape` all else."""
    plain = json.dumps(fields, indent=2, ensure_ascii=False, default=lambda each: each.mark)
    parts = _MARK.split(plain.replace("\\u0000", "\0"))
    return "".join(
        file(json.loads(f'"{part}"')) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )

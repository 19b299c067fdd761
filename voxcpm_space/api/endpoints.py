"""The two endpoints of gradio_client, of "Use via API" and of MCP."""

import inspect
import re
from collections.abc import Callable
from typing import Any, Literal, TypeVar

import gradio as gr
from gradio.events import api
from starlette.requests import Request

from voxcpm_space.api.hosted import cloning_answer
from voxcpm_space.api.result_facts import facts_in_words, send_log_messages
from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.compat.gradio import event_route, has_caller_left, is_of_mcp
from voxcpm_space.errors import answered_by_gradio
from voxcpm_space.examples import clips
from voxcpm_space.messages import requested_language
from voxcpm_space.monitoring import recorded
from voxcpm_space.schemas import DEFAULT_CFG, DEFAULT_DIT_STEPS, DEFAULT_SPEED
from voxcpm_space.studio import Speech, finished

_MethodT = TypeVar("_MethodT", bound=Callable[..., object])


def add_endpoints(service: SpeechService) -> None:
    """Adds `/text-to-speech` and `/voice-cloning` to the Blocks being built."""
    endpoints = _Endpoints(service)
    api(endpoints.text_to_speech, api_name="text-to-speech")
    api(endpoints.voice_cloning, api_name="voice-cloning")


def _documented(method: _MethodT) -> _MethodT:
    """Brings each description in the docstring onto one line, more of which Gradio does not read.

    `EXAMPLES` in it stands for the names of the example clips.
    """
    text = re.sub(r"\n {8}(?=\S)", " ", inspect.cleandoc(method.__doc__ or ""))
    method.__doc__ = text.replace("EXAMPLES", ", ".join(clip.voice for clip in clips()))
    return method


class _Endpoints:
    """Gradio reads names, types and docstrings of the methods for its clients and for agents."""

    def __init__(self, service: SpeechService) -> None:
        self._service = service

    @_documented
    def text_to_speech(  # noqa: D417, PLR0913, PLR0917  (as hosted, ours, Gradio's)
        self,
        text: str,
        cfg_value: float = DEFAULT_CFG,
        dit_steps: int = DEFAULT_DIT_STEPS,
        voice_description: str = "",
        seed: int | None = None,
        normalize: bool = False,  # noqa: FBT001, FBT002  (positional in the API, too)
        voices: dict[str, str | dict[str, Any]] | None = None,
        voice: str = "",
        lora: str = "",
        speed: float = DEFAULT_SPEED,
        quality: Literal["", "draft", "standard", "best"] = "",
        gradio_request: gr.Request | None = None,
    ) -> dict[str, str]:
        """Speaks a text with VoxCPM2, in a voice that can be described in plain words.

        Args:
            text: The text to speak, in any of VoxCPM2's 30 languages.
            cfg_value: CFG scale, 1 to 3: higher follows the text more strictly.
            dit_steps: Diffusion steps, 1 to 50: more can sound better and take longer.
            voice_description: The voice, e.g. "A warm old man, slow and calm".
            seed: 0 to 4294967295; the same seed makes the same audio. Drawn where not given.
            normalize: Whether numbers, dates and symbols are written out as words first.
            voices: Makes the text a dialogue, where a line that begins with a name and a colon is
                said by whom it names, at most 8 names. By name a voice description, e.g.
                {"Ann": "A cheerful young woman"}, the name of a voice on this server, or the file
                of a kept voice or of a clip: its http(s) or data: URL, or an uploaded one; who has
                none gets a voice all the same.
            voice: A voice to speak with: its name on this server, or a kept voice: an http(s) or
                data: URL of its file, or an uploaded one; not with voice_description. In a dialogue
                it speaks the lines of nobody.
            lora: Which of the server's LoRA weights to speak with, by name.
            speed: How fast it is played, 0.25 to 4, at its own pitch.
            quality: In place of dit_steps: draft is fastest, standard as exact as the default and
                faster, best more exact and no slower.

        Returns:
            {"output": URL of a 48 kHz WAV file}
        """
        fields = {
            "text": text,
            "cfg_value": cfg_value,
            "dit_steps": dit_steps,
            "voice_description": voice_description,
            "seed": seed,
            "normalize": normalize,
            "voices": voices,
            "voice": voice,
            "lora": lora,
            "speed": speed,
            "quality": quality,
        }
        request = http_request(gradio_request)
        language = requested_language(request.headers)
        with recorded("gradio", "text-to-speech"), answered_by_gradio(language):
            speech = finished(
                self._service.speak(request, fields, is_published=True), has_caller_left
            )
            link = self._service.link(speech, request, event_route(request))
            return {"output": link, **_told(speech, request, language)}

    @_documented
    def voice_cloning(  # noqa: D417, PLR0913, PLR0917  (as hosted, ours, Gradio's)
        self,
        text: str,
        reference_audio_url: str,
        prompt_text: str = "",
        style: str = "",
        seed: int | None = None,
        normalize: bool = False,  # noqa: FBT001, FBT002  (positional in the API, too)
        cfg_value: float = DEFAULT_CFG,
        dit_steps: int = DEFAULT_DIT_STEPS,
        denoise: bool = False,  # noqa: FBT001, FBT002
        transcribe: bool = True,  # noqa: FBT001, FBT002
        reference_start: float | None = None,
        voice: str = "",
        lora: str = "",
        speed: float = DEFAULT_SPEED,
        quality: Literal["", "draft", "standard", "best"] = "",
        gradio_request: gr.Request | None = None,
    ) -> dict[str, object]:
        """Speaks a text with VoxCPM2 in the voice of a reference clip.

        Args:
            text: The text to speak, in any of VoxCPM2's 30 languages.
            reference_audio_url: The voice: an http(s) or data: URL of a clip, an uploaded file, or
                the name of an example clip (EXAMPLES); empty where voice is given.
            prompt_text: What is said in the clip, word for word; gives the closest clone.
            style: How to speak, e.g. "whispering"; only without prompt_text.
            seed: 0 to 4294967295; the same seed makes the same audio. Drawn where not given.
            normalize: Whether numbers, dates and symbols are written out as words first.
            cfg_value: CFG scale, 1 to 3: higher follows the text more strictly.
            dit_steps: Diffusion steps, 1 to 50: more can sound better and take longer.
            denoise: Whether noise is removed from the clip first.
            transcribe: Whether what is said in the clip is recognized, where neither prompt_text
                nor style is given.
            reference_start: Second of a long clip at which the part to use begins.
            voice: A voice in place of the clip: its name on this server, or a kept voice: an
                http(s) or data: URL of its file, or an uploaded one; not with prompt_text.
            lora: Which of the server's LoRA weights to speak with, by name.
            speed: How fast it is played, 0.25 to 4, at its own pitch.
            quality: In place of dit_steps: draft is fastest, standard as exact as the default and
                faster, best more exact and no slower.

        Returns:
            What the hosted API answers; its `url` leads to a 48 kHz WAV file.
        """
        fields = {
            "text": text,
            "reference_audio_url": reference_audio_url,
            "prompt_text": prompt_text,
            "style": style,
            "seed": seed,
            "normalize": normalize,
            "cfg_value": cfg_value,
            "dit_steps": dit_steps,
            "denoise": denoise,
            "transcribe": transcribe,
            "reference_start": reference_start,
            "voice": voice,
            "lora": lora,
            "speed": speed,
            "quality": quality,
        }
        request = http_request(gradio_request)
        language = requested_language(request.headers)
        with recorded("gradio", "voice-cloning"), answered_by_gradio(language):
            speech = finished(
                self._service.clone(request, fields, is_published=True), has_caller_left
            )
            link = self._service.link(speech, request, event_route(request))
            answer = cloning_answer(speech, link).model_dump()
            return answer | _told(speech, request, language)


def _told(speech: Speech, request: Request, language: str) -> dict[str, str]:
    """Tells what is to be known of a speech: an agent in the answer, as it is sent nothing else."""
    if is_of_mcp(request):
        return facts_in_words(speech, language)
    send_log_messages(speech, language)
    return {}

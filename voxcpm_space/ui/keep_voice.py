"""The row under a result with which its voice is kept."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import gradio as gr
from gradio.blocks import Block

from voxcpm_space.api.service import SpeechService, http_request
from voxcpm_space.compat.gradio import save_in_cache
from voxcpm_space.errors import InputError, StorageError
from voxcpm_space.examples import clip_of
from voxcpm_space.messages import N_, requested_language
from voxcpm_space.schemas import CloningRequest
from voxcpm_space.studio import Speech
from voxcpm_space.text import validate_line
from voxcpm_space.ui.generation import Result, SpeechTab
from voxcpm_space.ui.reference_panel import MAY_USE, OWN_VOICES
from voxcpm_space.ui.voices import choices
from voxcpm_space.ui.words import AT_ONCE, QUIETLY, answered_on_page, t, tell, warn
from voxcpm_space.voices import MAX_NAME_LENGTH, Voice, voice_file
from voxcpm_space.voices.own import OwnVoice, with_voice

_MAX_FILE_NAME_LENGTH = 40


def keep_voice_row(
    service: SpeechService, result: Result, own: gr.BrowserState, tabs: Sequence[SpeechTab]
) -> gr.Accordion:
    """Adds the row and returns it; it is to be shown where there is a voice to keep.

    Args:
        service: Knows the speech.
        result: Where it is.
        own: Where the voice goes.
        tabs: In that which the speech is from, the voice is chosen.
    """
    folded = gr.Accordion(t("Keep this voice"), open=False, visible=False)
    with folded:
        with gr.Row():
            name = gr.Textbox(
                label=t("Its name"),
                max_length=MAX_NAME_LENGTH,
                max_lines=1,
                scale=3,
                min_width=140,
            )
            keep = gr.Button(t("Keep"), min_width=80)
        download = gr.DownloadButton(t("Download the voice file"), size="sm", visible=False)

    result.speech.change(lambda: gr.DownloadButton(visible=False), outputs=download, **AT_ONCE)
    gr.on(
        [name.submit, keep.click],
        _keeping(service, download.GRADIO_CACHE, tabs),
        inputs=[name, result.speech, own],
        outputs=[download, own, *(each for tab in tabs for each in _pickers(tab))],
        **QUIETLY,
    )
    return folded


def _pickers(tab: SpeechTab) -> list[Block]:
    """Gives where a voice is chosen in a tab, and what has to be opened for that."""
    if tab.voices is None:
        return []
    opened = tab.source or tab.voices.fold
    return [tab.voices.names, *([opened] if opened else [])]


def _keeping(
    service: SpeechService, folder: str, tabs: Sequence[SpeechTab]
) -> Callable[..., list[Any]]:
    """Gives the handler that keeps the voice: updates of download, list, and where it is chosen."""

    def keep(gradio_request: gr.Request, name: str, speech_id: str, own: object) -> list[Any]:
        language = requested_language(gradio_request.headers)
        with answered_on_page(language):
            speech = service.speech(http_request(gradio_request), speech_id)
            voice = _named(name, speech)
            offered = gr.DownloadButton(value=_stored(voice, folder), visible=True)
            voices = _with_voice(own, voice, language)
            if voices is None:
                skipped = [gr.skip() for tab in tabs for _ in _pickers(tab)]
                return [offered, gr.skip(), *skipped]
            return [offered, voices, *_choosing(voices, speech, tabs)]

    return keep


def _with_voice(own: object, voice: Voice, language: str) -> list[OwnVoice] | None:
    """Gives the list with the voice, of which a toast tells; None where there is no room for it."""
    try:
        voices = with_voice(own, voice)
    except InputError as no_room:
        warn(no_room.message, language)
        return None
    kept = N_('"{name}" is now one of your voices, in this browser only.', name=voices[-1]["name"])
    tell(kept, language)
    return voices


def _choosing(voices: list[OwnVoice], speech: Speech, tabs: Sequence[SpeechTab]) -> list[Any]:
    """Gives updates that choose the last voice in the tab of the speech."""
    of_clone = isinstance(speech.request, CloningRequest)
    names = [voice["name"] for voice in voices]
    updates: list[Any] = []
    for tab in tabs:
        if (tab.source is not None) == of_clone and tab.voices:
            opened = gr.Radio(value=OWN_VOICES) if tab.source else gr.Accordion(open=True)
            updates += [choices(names, chosen=names[-1]), opened][: len(_pickers(tab))]
        else:
            updates += [gr.skip() for _ in _pickers(tab)]
    return updates


def _named(name: str, speech: Speech) -> Voice:
    """Gives the voice of a speech with its name, and what was confirmed for a clip of one's own.

    Raises:
        InputError: The name is none.
    """
    assert speech.voice is not None, "else there is no row"
    name = validate_line(name, N_("name of the voice"), MAX_NAME_LENGTH)
    if not name:
        raise InputError(N_("Please give the voice a name."))
    voice = replace(speech.voice, name=name)
    clip = getattr(speech.request, "reference_audio_url", None)
    if speech.reference is None or clip_of(clip):
        return voice
    return replace(voice, consent=f"{datetime.now(timezone.utc).date()}: {MAY_USE}")


def _stored(voice: Voice, folder: str) -> str:
    """Gives the path of the voice's file, which Gradio deletes by age.

    Raises:
        StorageError: It cannot be stored.
    """
    name = re.sub(r"[^\w-]+", "-", voice.name)[:_MAX_FILE_NAME_LENGTH].strip("-") or "voice"
    try:
        return save_in_cache(voice_file(voice), f"{name}.safetensors", folder)
    except OSError as error:
        raise StorageError from error

"""From whatever a front door was given to a voice that the model can speak with."""

import math
from dataclasses import replace

from voxcpm_space.engine import PATCHES_PER_SECOND, Engine
from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_
from voxcpm_space.reference import Source, find_file, parse_targets
from voxcpm_space.settings import Settings
from voxcpm_space.synthesis import MAX_OWN_SECONDS
from voxcpm_space.voices.file import Voice, not_a_voice, read_voice

MIN_PATCHES = 6
"""A second, as of a clip."""
_NOT_A_SOURCE = N_(
    "voice must be an http(s) or data: URL of a voice file, or an uploaded one (with "
    "gradio_client: handle_file('voice.safetensors')), or the name of a voice of this server."
)
_NO_FILE = N_(
    "it must be a voice description, the name of a voice of this server, an http(s) or data: URL "
    "of a kept voice's file or of a clip, or an uploaded one (with gradio_client: "
    "handle_file('voice.safetensors'))."
)


class VoiceLoader:
    """Gets voice files and checks them."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        """Reads nothing yet.

        Args:
            settings: Give the longest clip, and where URLs may lead to.
            engine: Knows the model that is to speak.
        """
        self._targets = parse_targets(settings.reference_hosts)
        self._max_seconds = max(settings.max_reference_seconds, MAX_OWN_SECONDS)
        self._engine = engine

    def find(self, source: object) -> Source:
        """Gets a file that is a kept voice or a clip, so that it can be looked at.

        Args:
            source: What `find_file` takes.

        Raises:
            InputError: It cannot be had.
            BusyError: Too many files are being fetched.
        """
        found = find_file(source, self._targets, _NO_FILE)
        content = found.read()
        return replace(found, read=lambda: content)

    def load(self, source: object) -> Voice:
        """Gives the voice of a file, for the model that is loaded.

        Args:
            source: What `find_file` takes.

        Raises:
            InputError: It cannot be had, is not a voice file, or one of another model.
            BusyError: Too many files are being fetched.
        """
        if not self._engine.takes_latents:
            raise InputError(
                N_(
                    "Kept voices cannot be used here: the server that has the model takes clips "
                    "alone. Please give the clip whose voice it is."
                ),
                "voice",
            )
        voice = read_voice(find_file(source, self._targets, _NOT_A_SOURCE).read())
        model = self._engine.status.model
        if voice.model != model:
            raise _of_another_model(voice.model, model)
        patches, *patch_shape = voice.encoded.voice.shape or (0,)
        if tuple(patch_shape) != self._engine.patch_shape:
            raise not_a_voice(N_("its tensors have another shape than those of the model"))
        if not MIN_PATCHES <= patches <= math.ceil(self._max_seconds * PATCHES_PER_SECOND):
            raise not_a_voice(N_("it does not last 1 to {seconds:g} s", seconds=self._max_seconds))
        return voice


def _of_another_model(made_with: str, model: str) -> InputError:
    return InputError(
        N_(
            "This voice was made with the model {model}, and means nothing to {other}, "
            "which speaks here. Please make and keep it again.",
            model=made_with,
            other=model,
        )
    )

"""Voices that are heard before they are chosen: each speaks a few words, once for all who ask."""

import base64
from collections.abc import Hashable, Mapping
from contextlib import closing
from functools import partial

from fastapi import Request

from voxcpm_space.api.service import SpeechService
from voxcpm_space.cache import SingleFlightCache
from voxcpm_space.studio import Speech

_SEED = 1
_KEPT_CHARACTERS = 10_000_000


class VoiceSamples:
    """Sounds as data: URLs of MP3 files, made by the model that runs when somebody first asks."""

    def __init__(self, service: SpeechService, keep_seconds: float) -> None:
        """Starts with none.

        Args:
            service: Speaks them.
            keep_seconds: How long one is kept.
        """
        self._service = service
        self._kept: SingleFlightCache[str] = SingleFlightCache(_KEPT_CHARACTERS, keep_seconds, len)

    def get(self, request: Request, key: Hashable, fields: Mapping[str, object]) -> str:
        """Gives the sound of a voice.

        Args:
            request: The request for it; whoever asks first is charged.
            key: The same for the same fields.
            fields: Those of a speech, without its seed.
        """
        return self._kept.get(key, partial(self._made, request, fields))

    def _made(self, request: Request, fields: Mapping[str, object]) -> str:
        with closing(self._service.speak(request, {**fields, "seed": _SEED})) as events:
            *_, speech = events
        assert isinstance(speech, Speech), "nobody can stop it"
        mp3 = self._service.export(request, speech.id, "mp3").read_bytes()
        return f"data:audio/mpeg;base64,{base64.b64encode(mp3).decode()}"

"""Decides what of a speech is played before it is finished."""

from dataclasses import replace
from typing import Any

import gradio as gr
from fastapi import Request

from voxcpm_space.api.live import LiveSpeech
from voxcpm_space.api.live_route import live_url
from voxcpm_space.api.service import SpeechService
from voxcpm_space.compat.gradio import event_route
from voxcpm_space.studio import Progress, Speech
from voxcpm_space.subtitles import cues
from voxcpm_space.ui.player import Playing
from voxcpm_space.ui.prebuffer import prebuffer_seconds

_TELLING_SECONDS = 3.0
"""A shorter speech says little of how fast a longer one is made."""

_MEASURED_SECONDS = 0.3
"""Patches come unevenly: fewer of them tell nothing."""


class Pace:
    """Whether speech is made as fast as it is played, as far as the last speeches tell.

    What was heard cannot be made again where it went wrong. So where nothing would be played
    early anyway, it is better made as for a file.

    Attributes:
        keeps_up: Whether it is; taken for granted before the first.
    """

    def __init__(self) -> None:
        """Knows of no speech yet."""
        self.keeps_up = True

    def learn(self, seconds: float, rtf: float | None) -> None:
        """Takes a finished speech into account, and its RTF from the first sound on."""
        if rtf is not None and seconds >= _TELLING_SECONDS:
            self.keeps_up = rtf < 1


def playing_file(service: SpeechService, request: Request, speech: Speech) -> Playing:
    """Gives what the player has of a finished speech, for whoever asked."""
    link = service.link(speech, request, event_route(request))
    return Playing(file=link, subtitles=tuple(cues(speech.sentences)))


class LivePlayback:
    """One speech, for one listener.

    Attributes:
        rtf: Seconds of computing for a second of it, from the first sound on: what came before,
            such as the first start of a model, does not come again. None before it is known.
    """

    def __init__(self, service: SpeechService, request: Request, live: LiveSpeech) -> None:
        """Starts in silence.

        Args:
            service: Knows where finished files are.
            request: The request for the speech.
            live: Takes its sound.
        """
        self._service = service
        self._asked = request
        self._live = live
        self._playing = Playing()
        self._in_hand = 0.0
        self._first: Progress | None = None
        self.rtf: float | None = None

    @property
    def waits_for_the_end(self) -> bool:
        """Whether the speech turned out to be made too slowly to be played before its end."""
        return not self._playing.live and self.rtf is not None and self.rtf >= 1

    def progressed(self, progress: Progress) -> Any:
        """Gives the player's update for a step of the speech."""
        self._live.add(progress.audio, progress.sample_rate)
        self._in_hand += len(progress.audio) / progress.sample_rate
        self._measure(progress)
        if self._playing.live or self.rtf is None:
            return gr.skip()
        expected = max(progress.expected, progress.made)
        wanted = prebuffer_seconds(self.rtf, expected, is_one_part=progress.segments == 1)
        if wanted is None or self._in_hand < wanted:
            return gr.skip()
        url = live_url(self._live, self._asked, event_route(self._asked))
        return self._changed(live=url, prebuffer_seconds=wanted)

    def finished(self, speech: Speech, *, muted: bool) -> str:
        """Gives the player's value for the finished speech.

        Args:
            speech: What was made.
            muted: Whether it falls silent.
        """
        held = playing_file(self._service, self._asked, speech)
        return self._changed(file=held.file, subtitles=held.subtitles, muted=muted)

    def _changed(self, **changes: Any) -> str:
        self._playing = replace(self._playing, **changes)
        return self._playing.value

    def _measure(self, progress: Progress) -> None:
        if self._first is None:
            self._first = progress if progress.made else None
            return
        made = progress.made - self._first.made
        if made >= _MEASURED_SECONDS:
            self.rtf = (progress.computing - self._first.computing) / made

"""Decides what of a speech is played before it is finished."""

from dataclasses import replace
from typing import Any

import gradio as gr
import numpy as np
from fastapi import Request

from voxcpm_space.api.live import LiveSpeech
from voxcpm_space.api.live_route import live_url
from voxcpm_space.api.service import SpeechService
from voxcpm_space.audio import Waveform
from voxcpm_space.compat.gradio import event_route
from voxcpm_space.pace import prebuffer_seconds
from voxcpm_space.studio import Progress, Speech
from voxcpm_space.ui.player import Playing, playing_file

_MEASURED_SECONDS = 0.3
"""Patches come unevenly: fewer of them tell nothing."""
_TOLD_SECONDS = 0.3
"""Between two updates of the waveform."""
_MOST_BARS = 200
_PIECE_SECONDS = 0.08


class Envelope:
    """How loud a speech in the making is, in at most `_MOST_BARS` bars."""

    def __init__(self) -> None:
        """Starts without sound."""
        self.bars: list[float] = []
        self._pieces_in_a_bar = 1
        self._rest: list[float] = []

    def add(self, chunk: Waveform, sample_rate: int) -> None:
        """Takes more sound into account; mono, shape (samples,), in Hz."""
        pieces = max(1, round(len(chunk) / sample_rate / _PIECE_SECONDS))
        for piece in np.array_split(np.abs(chunk), pieces):
            self._rest.append(round(float(piece.max(initial=0.0)), 2))
            if len(self._rest) == self._pieces_in_a_bar:
                self._end_bar()

    def _end_bar(self) -> None:
        self.bars.append(max(self._rest))
        self._rest = []
        if len(self.bars) == _MOST_BARS:
            self.bars = [max(self.bars[at : at + 2]) for at in range(0, _MOST_BARS, 2)]
            self._pieces_in_a_bar *= 2


class LivePlayback:
    """One speech, for one listener: decides what of it is played before it is finished.

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
        self._envelope = Envelope()
        self._in_hand = self._told = 0.0
        self._first: Progress | None = None
        self.rtf: float | None = None

    @property
    def is_heard(self) -> bool:
        """Whether it may be played already."""
        return bool(self._playing.live)

    @property
    def waits_for_the_end(self) -> bool:
        """Whether the speech turned out to be made too slowly to be played before its end."""
        return not self.is_heard and self.rtf is not None and self.rtf >= 1

    def progressed(self, progress: Progress) -> Any:
        """Gives the player's update for a step of the speech."""
        self._live.add(progress.audio, progress.sample_rate)
        self._in_hand += len(progress.audio) / progress.sample_rate
        if len(progress.audio):
            self._envelope.add(progress.audio, progress.sample_rate)
        self._measure(progress)
        if self.rtf is None:
            return gr.skip()
        expected = max(progress.expected, progress.made)
        seconds = {"made": self._in_hand, "expected": expected}
        if self.is_heard:
            return self._drawn(seconds)
        wanted = prebuffer_seconds(self.rtf, expected, is_one_part=progress.segments == 1)
        if wanted is None or self._in_hand < wanted:
            return gr.skip()
        url = live_url(self._live, self._asked, event_route(self._asked))
        self._playing = replace(self._playing, live=url, prebuffer_seconds=wanted)
        return self._drawn(seconds)

    def finished(self, speech: Speech, asked: dict[str, Any], *, muted: bool) -> str:
        """Gives the player's value for the finished speech.

        Args:
            speech: What was made.
            asked: The tab and the values that it was made from.
            muted: Whether it falls silent.
        """
        held = playing_file(self._service, self._asked, speech, asked)
        peaks = tuple(self._envelope.bars)
        return replace(
            self._playing, file=held.file, speech=held.speech, peaks=peaks, muted=muted
        ).value

    def _drawn(self, seconds: dict[str, float]) -> Any:
        if self._told and self._in_hand - self._told < _TOLD_SECONDS:
            return gr.skip()
        self._told = self._in_hand
        peaks = tuple(self._envelope.bars)
        self._playing = replace(self._playing, peaks=peaks, seconds=seconds)
        return self._playing.value

    def _measure(self, progress: Progress) -> None:
        if self._first is None:
            self._first = progress if progress.made else None
            return
        made = progress.made - self._first.made
        if made >= _MEASURED_SECONDS:
            self.rtf = (progress.computing - self._first.computing) / made

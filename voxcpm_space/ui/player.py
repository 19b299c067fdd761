"""The player, which `assets/player.js` brings to life, and what of a speech it plays when."""

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import gradio as gr
from fastapi import Request

from voxcpm_space.api.live import LiveSpeech
from voxcpm_space.api.live_route import live_url
from voxcpm_space.api.service import SpeechService
from voxcpm_space.audio import Envelope
from voxcpm_space.compat.gradio import event_route
from voxcpm_space.messages import N_, requested_language
from voxcpm_space.pace import RunningRTF, prebuffer_seconds
from voxcpm_space.studio import Progress, Speech
from voxcpm_space.subtitles import srt, vtt
from voxcpm_space.ui.assets import component, markup
from voxcpm_space.ui.words import bar, facts, html

TRANSPORT_WORDS = {
    "play": N_("Play"),
    "pause": N_("Pause"),
    "position": N_("Position"),
    "of": N_("{at} of {all}", at="{at}", all="{all}"),
}
_TOLD_SECONDS = 0.3
"""Between two updates of the waveform."""
_WORDS = TRANSPORT_WORDS | {
    "speech": N_("Speech: {words}", words="{words}"),
    "download": N_("Download"),
    "subtitles": N_("{kind} (subtitles)", kind="{kind}"),
    "making": N_("Making {kind}…", kind="{kind}"),
    "gone": N_(
        "{kind} cannot be made any more, since the server has deleted its copy. WAV and subtitles "
        "are still here.",
        kind="{kind}",
    ),
    "lost": N_("The connection was lost while this was made. What was heard is kept here."),
    "more": N_("Show more"),
    "less": N_("Show less"),
}


@dataclass(frozen=True)
class Playing:
    """What the player has; it changes as a speech goes on.

    Attributes:
        live: URL of a speech in the making; empty before it may be played.
        prebuffer_seconds: Seconds that must be in hand before it is played, also where it ran out.
        peaks: How loud it is so far, from 0 to 1, for each bar of the waveform.
        seconds: Of it that are `made`, and `expected` in all.
        muted: Whether to be silent now, since a person pressed Stop.
        file: URL of the finished speech; empty before.
        speech: What the browser keeps of it beside its audio; None before.
        start: Seconds at which the finished speech begins to play.
    """

    live: str = ""
    prebuffer_seconds: float = 0.0
    peaks: tuple[float, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    muted: bool = False
    file: str = ""
    speech: dict[str, Any] | None = None
    start: float = 0.0

    @property
    def value(self) -> str:
        """What the component takes."""
        return json.dumps(asdict(self))

    def begun_at(self, start: float) -> "Playing":
        """Gives the same, played from that second on."""
        return replace(self, start=start)


def player() -> gr.HTML:
    """Adds the player; its values are those of `Playing`."""
    return component(
        "player.js",
        _WORDS,
        value=Playing().value,
        html_template=markup("player.html"),
        elem_classes="player",
    )


def playing_file(
    service: SpeechService, request: Request, speech: Speech, asked: dict[str, Any]
) -> Playing:
    """Gives what the player has of a finished speech, for whoever asked.

    Args:
        service: Knows where files are.
        request: The request for it.
        speech: What was made.
        asked: The tab and the values that it was made from.
    """
    told = {
        "id": speech.id,
        "text": speech.request.text,
        "seconds": speech.seconds,
        "sentences": speech.sentences,
        "parts": [part.start for part in speech.parts],
        "srt": srt(speech.sentences),
        "vtt": vtt(speech.sentences),
        "facts": facts(speech, requested_language(request.headers)),
    }
    link = service.link(speech, request, event_route(request))
    return Playing(file=link, speech=told | asked)


class LivePlayback:
    """One speech, for one listener: decides what of it is played before it is finished.

    Attributes:
        running_rtf: How fast it is made so far.
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
        self.running_rtf = RunningRTF()

    @property
    def is_heard(self) -> bool:
        """Whether it may be played already."""
        return bool(self._playing.live)

    @property
    def waits_for_the_end(self) -> bool:
        """Whether the speech turned out to be made too slowly to be played before its end."""
        return not self.is_heard and (self.running_rtf.value or 0.0) >= 1

    def progressed(self, progress: Progress) -> Any:
        """Gives the player's update for a step of the speech."""
        self._live.add(progress.audio, progress.sample_rate)
        self._in_hand += len(progress.audio) / progress.sample_rate
        if len(progress.audio):
            self._envelope.add(progress.audio, progress.sample_rate)
        self.running_rtf.measure(progress.made, progress.computing)
        rtf = self.running_rtf.value
        if rtf is None:
            return gr.skip()
        expected = max(progress.expected, progress.made)
        seconds = {"made": self._in_hand, "expected": expected}
        if self.is_heard:
            return self._drawn(seconds)
        wanted = prebuffer_seconds(rtf, expected, is_one_part=progress.segments == 1)
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


def progress_line(progress: Progress, language: str, *, plays_later: bool) -> str:
    """Gives HTML that says how far a speech is, and whether it is played only when it is ready."""
    words = [*progress.messages]
    if plays_later and not progress.waiting:
        words.append(N_(". It will play when it is ready."))
    return bar(progress.part, "".join(html(one, language) for one in words), language)

"""Subtitles of a speech, as SRT and as WebVTT."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import accumulate, pairwise

from voxcpm_space.synthesis import Span
from voxcpm_space.text import estimate_seconds, split_phrases

_LINE_SECONDS = 2.7
"""Of speech in a line: about 42 characters in alphabetic scripts, 12 in Chinese and Japanese."""
_LINES = 2
_LEAST_SECONDS = 1.0
"""That a cue is shown, where the next one leaves that time."""


def cues(sentences: Sequence[Span]) -> list[Span]:
    """Gives what is shown together: a sentence, or of a long one as much as two lines hold."""
    shown = [cue for sentence in sentences for cue in _cut(sentence)]
    nexts = [*(cue.start for cue in shown), float("inf")][1:]
    return [
        cue._replace(end=max(cue.end, min(cue.start + _LEAST_SECONDS, following)))
        for cue, following in zip(shown, nexts, strict=True)
    ]


def srt(sentences: Sequence[Span]) -> str:
    """Writes SRT."""
    return "".join(
        f"{number}\n{_time(cue.start, ',')} --> {_time(cue.end, ',')}\n{_plain(cue.text)}\n\n"
        for number, cue in enumerate(cues(sentences), start=1)
    )


def vtt(sentences: Sequence[Span]) -> str:
    """Writes WebVTT."""
    return "WEBVTT\n\n" + "".join(
        f"{_time(cue.start, '.')} --> {_time(cue.end, '.')}\n{escape(cue.text, quote=False)}\n\n"
        for cue in cues(sentences)
    )


def _cut(sentence: Span) -> Iterator[Span]:
    """Cuts where a reader would breathe, in time by the share of each piece in the sentence."""
    lines = [line.strip() for line in split_phrases(sentence.text, _LINE_SECONDS) if line.strip()]
    texts = ["\n".join(lines[at : at + _LINES]) for at in range(0, len(lines), _LINES)]
    ends = list(accumulate(map(estimate_seconds, texts), initial=0.0))
    pace = (sentence.end - sentence.start) / ends[-1]
    for text, (start, end) in zip(texts, pairwise(ends), strict=True):
        yield Span(text, sentence.start + pace * start, sentence.start + pace * end)


def _plain(text: str) -> str:
    """SRT has no escapes: a word joiner keeps players from reading marks in the text as theirs."""
    return (
        text.replace("-->", "\N{RIGHTWARDS ARROW}").replace("<", "<\u2060").replace("{", "{\u2060")
    )


def _time(seconds: float, point: str) -> str:
    whole, thousandths = divmod(round(1000 * seconds), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{thousandths:03}"

"""When the parts and sentences of a text are heard, told from what was made."""

import numpy as np
import pytest

from tests.synthesis.scripted import RATE, ScriptedEngine, segment, silence, tone
from voxcpm_space.engine import GenerationRequest
from voxcpm_space.errors import GpuLostError
from voxcpm_space.synthesis import Speaker, Synthesis
from voxcpm_space.synthesis.alignment import align_sentences
from voxcpm_space.text import Script

SENTENCES = "The train was late again.", "We have to wait here for quite a while, I am afraid."
TEXT = " ".join(SENTENCES)
TWO = Script(
    (segment(TEXT, 0.5, sentences=SENTENCES), segment("It will come.", 0)), lead_silence=1.0
)


def sounds(*lengths, pause=0.4):
    """Sounds with a silence of 0.2 s around them, and a pause between them."""
    parts = [part for length in lengths for part in (tone(length), silence(pause))]
    return np.concatenate([silence(0.2), *parts[:-1], silence(0.2)])


def spoken(engine, script=TWO, **options):
    made = Synthesis(engine, {"": Speaker(GenerationRequest("", 7, 2.0, 10))}, script, **options)
    audio = [event.audio for event in made.events()]
    return made, np.concatenate(audio)


def near(*seconds, within=0.03):
    return pytest.approx(seconds, abs=within)


@pytest.mark.parametrize("streamed", [False, True])
def test_parts_are_where_they_are_heard_in_the_whole(streamed):
    made, audio = spoken(ScriptedEngine(sounds(2, 3.5), sounds(1.2)), streamed=streamed)
    first, second = made.timeline.parts
    # A second of lead, 0.05 s before the sound, 2 + 0.4 + 3.5 s of it, the pause, 1.2 s.
    assert (first.text, second.text) == (TEXT, "It will come.")
    assert (first.start, first.end) == near(1.05, 6.95)
    assert (second.start, second.end) == near(7.45, 8.65)
    assert made.timeline.starts[-1] == len(audio)


@pytest.mark.parametrize("lengths", [(1.6, 3.9), (2, 3.5), (2.3, 3.2)])
def test_a_sentence_ends_at_the_pause_that_is_near_its_share_of_the_time(lengths):
    spans = align_sentences(sounds(*lengths), RATE, SENTENCES)
    assert [span.text for span in spans] == list(SENTENCES)
    assert spans[0][1:] == near(0.2, 0.2 + lengths[0])
    assert spans[1][1:] == near(0.6 + lengths[0], 6.1)


def test_without_a_pause_the_share_of_the_time_decides():
    first, second = align_sentences(sounds(6), RATE, SENTENCES)
    assert first.end == second.start == pytest.approx(2.2, abs=0.3)
    assert (first.start, second.end) == near(0.2, 6.2)


def test_sentences_never_overlap_however_short_they_are():
    said = ("No.", "Yes.", "I do.", "So it is!", "Well, then we go on and on with it.", "Oh?")
    spans = align_sentences(sounds(0.3, 0.4, 2, 0.3, pause=0.1), RATE, said)
    edges = [edge for span in spans for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert tuple(span.text for span in spans) == said


def test_what_was_not_said_any_more_has_no_time():
    (only,) = align_sentences(sounds(1), RATE, SENTENCES, is_cut=True)
    assert only.text == SENTENCES[0]
    assert only.end == pytest.approx(1.2, abs=0.03)


def test_a_silent_part_has_a_time_too():
    assert align_sentences(silence(2), RATE, SENTENCES) == ((TEXT, 0.0, 2.0),)


def test_a_stream_that_broke_off_tells_of_what_went_out():
    def lose_the_gpu():
        raise GpuLostError

    class Broken(ScriptedEngine):
        def stream(self, request, **options):
            for at, item in enumerate(super().stream(request, **options)):
                if len(self.requests) == 2 and at == 12:
                    lose_the_gpu()
                yield item

    made, audio = spoken(
        Broken(sounds(2, 3.5), sounds(3)), streamed=True, stop_requested=lambda: False
    )
    assert [segment.is_cut for segment in made.timeline.segments] == [False, True]
    assert made.timeline.starts[-1] == len(audio)

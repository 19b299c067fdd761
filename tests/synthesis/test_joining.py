import numpy as np
import pytest

from tests.synthesis.scripted import PATCH, RATE, silence, speech, tone
from voxcpm_space.synthesis.joining import LevelingJoiner, PassthroughJoiner
from voxcpm_space.synthesis.loudness import measure_loudness


def joined(*takes_and_pauses, patch=PATCH):
    joiner, out = LevelingJoiner(RATE), []
    for request, pause in takes_and_pauses:
        joiner.begin()
        out += [joiner.feed(request[at : at + patch]) for at in range(0, len(request), patch)]
        out.append(joiner.end(pause))
    return np.concatenate(out)


def gaps(samples):
    """Seconds of silence before, between and after the sounds."""
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    breaks = np.flatnonzero(np.diff(loud) > 0.02 * RATE)
    edges = [0, loud[0], *(loud[at] for one in breaks for at in (one, one + 1)), loud[-1]]
    edges.append(len(samples))
    return [(end - start) / RATE for start, end in zip(edges[::2], edges[1::2], strict=True)]


def level(samples):
    return 10 * np.log10(np.mean(samples.astype(np.float64) ** 2))


def test_between_two_segments_there_is_the_pause_and_not_their_own_silence_too():
    before, between, after = gaps(joined((speech(2, before=1, after=1), 0.8), (speech(2), 0)))
    assert before == pytest.approx(0.05, abs=0.02)
    assert between == pytest.approx(0.8, abs=0.02)
    assert after == pytest.approx(0.15, abs=0.02)


def test_segments_without_silence_of_their_own_get_the_pause_as_well():
    request = speech(2, before=0, after=0)
    assert gaps(joined((request, 0.8), (request, 0)))[1] == pytest.approx(0.8, abs=0.06)


def test_there_is_no_click_where_segments_meet():
    noisy = speech(2, before=0, after=0) + 0.001  # an offset would jump at a hard cut
    samples = joined((noisy, 0.3), (noisy, 0.3), (noisy, 0))
    steepest = np.abs(np.diff(tone(1))).max()
    assert np.abs(np.diff(samples)).max() < 1.1 * steepest
    assert abs(samples[0]) < 1e-3
    assert abs(samples[-1]) < 1e-3


@pytest.mark.parametrize("louder", [6, -6])
def test_a_step_in_level_is_evened_out_and_a_natural_difference_is_left(louder):
    def difference(decibels):
        other = speech(3, level=0.2 * 10 ** (decibels / 20))
        samples = joined((speech(3), 1.0), (other, 0))
        return level(samples[-2 * RATE : -RATE]) - level(samples[RATE : 2 * RATE])

    assert difference(louder) == pytest.approx(np.sign(louder) * 2, abs=0.3)
    assert difference(louder / 4) == pytest.approx(louder / 4, abs=0.1)


def test_what_is_made_louder_does_not_leave_full_scale():
    quiet_with_a_peak = speech(3, level=0.05)
    quiet_with_a_peak[RATE] = 0.99
    assert np.abs(joined((speech(3), 0.5), (quiet_with_a_peak, 0))).max() <= 1


def test_sound_flows_while_a_segment_is_made_and_only_silence_is_held_back():
    joiner = LevelingJoiner(RATE)
    out = [len(joiner.feed(patch)) for patch in np.split(speech(1.92, before=0.48, after=0), 15)]
    assert out[:3] == [0, 0, 0]  # it starts with silence
    assert sum(out[:4]) > 0.1 * RATE
    assert all(PATCH - RATE / 50 <= size <= PATCH + RATE / 50 for size in out[4:])
    assert len(joiner.feed(silence(0.16))) < 0.02 * RATE
    assert len(joiner.feed(tone(0.16))) > 0.3 * RATE  # it was a pause within the segment


def test_pieces_of_any_size_give_the_same_sound():
    requests = (speech(2), 0.5), (speech(2), 0.8), (speech(0.5), 0)
    whole = joined(*requests, patch=10**6)
    assert np.array_equal(joined(*requests), whole)
    assert np.array_equal(joined(*requests, patch=1000), whole)


def test_a_silent_segment_leaves_the_pause():
    assert len(joined((silence(3), 0.5))) == 0.5 * RATE


def test_a_segment_that_is_begun_again_leaves_nothing_behind():
    joiner = LevelingJoiner(RATE)
    joiner.begin()
    assert not len(joiner.feed(silence(1)))
    assert joiner.is_silent
    joiner.begin()
    again = np.concatenate([joiner.feed(speech(1)), joiner.end(0)])
    assert np.array_equal(again, joined((speech(1), 0)))
    assert not joiner.is_silent


def test_a_single_segment_comes_as_it_is_once_something_is_heard():
    joiner, request = PassthroughJoiner(RATE), speech(1)
    out = [joiner.feed(patch) for patch in np.split(request, 10)]
    assert not len(out[0])
    assert np.array_equal(np.concatenate([*out, joiner.end(0)]), request)


def test_hearing_counts_sound_and_no_silence():
    heard = measure_loudness(speech(2, before=0.3, after=0.4), RATE)
    assert (heard.start, heard.end) == (14_400, 110_400)
    assert heard.seconds == pytest.approx(2)
    assert (
        measure_loudness(silence(1), RATE).seconds
        == measure_loudness(silence(0), RATE).seconds
        == 0
    )

import pytest

from voxcpm_space.pace import Pace, prebuffer_seconds


def first_played(rtf, seconds, *, is_one_part=True):
    """Seconds in hand when playing starts, of a speech that is made at one pace throughout."""
    wanted = prebuffer_seconds(rtf, seconds, is_one_part=is_one_part)
    return min(wanted, seconds)


def waits(in_hand, rtf, seconds):
    """Seconds for which the player has nothing while the rest is made at that pace."""
    return max(0.0, (seconds - in_hand) * rtf - seconds)


@pytest.mark.parametrize("rtf", [0.05, 0.3, 0.6])
@pytest.mark.parametrize("seconds", [3, 60, 1200])
def test_what_is_made_fast_is_played_after_half_a_second_however_long_it_is(rtf, seconds):
    assert first_played(rtf, seconds) == 0.5


@pytest.mark.parametrize("rtf", [0.3, 0.7, 0.81, 0.9, 0.99])
@pytest.mark.parametrize("seconds", [3, 10, 60, 600])
def test_the_rest_may_take_a_quarter_longer_and_playing_never_catches_up(rtf, seconds):
    assert waits(first_played(rtf, seconds), 1.25 * rtf, seconds) == 0


def test_the_longer_what_hardly_keeps_up_is_the_more_is_in_hand():
    assert first_played(0.9, 10) < first_played(0.9, 60) / 3


def test_what_is_made_as_slowly_as_it_is_played_is_not_played_early():
    assert prebuffer_seconds(1.0, 10.0, is_one_part=True) is None
    assert prebuffer_seconds(9.0, 10.0, is_one_part=True) is None


def test_between_parts_there_is_enough_for_what_is_held_back():
    assert first_played(0.6, 60, is_one_part=False) >= 0.5 + 0.6 * 1.5


def test_after_a_speech_that_was_too_slow_takes_are_made_as_for_a_file():
    pace = Pace()
    assert pace.keeps_up
    pace.learn(10.0, 3.0)
    assert not pace.keeps_up
    pace.learn(10.0, 0.5)
    assert pace.keeps_up


def test_a_word_says_nothing_of_the_pace():
    pace = Pace()
    pace.learn(0.5, 3.0)
    pace.learn(10.0, None)
    assert pace.keeps_up

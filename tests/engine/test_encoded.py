from dataclasses import replace

import numpy as np
import pytest

from voxcpm_space.engine.encoded import EncodedReferences
from voxcpm_space.engine.take import EncodedReference, Take


def take(clip, transcript=""):
    return Take("Hello.", 1, 2.0, 10, reference=clip, transcript=transcript)


def encoded(megabytes=1):
    return EncodedReference(np.zeros((megabytes * 2**10, 4, 64), np.float32))


@pytest.fixture
def references():
    return EncodedReferences(keep_seconds=60)


def test_a_clip_is_known_again_by_its_sound(references, tone):
    kept = encoded()
    references.keep(take(tone(2)), kept)
    assert references.added_to(take(tone(2))).encoded is kept
    assert references.added_to(take(tone(2, hz=200))).encoded is None


def test_a_clip_to_go_on_from_is_another_whatever_is_said_in_it(references, tone):
    kept = encoded()
    references.keep(take(tone(2), "Yes."), kept)
    assert references.added_to(take(tone(2))).encoded is None
    assert references.added_to(take(tone(2), "No.")).encoded is kept


def test_a_take_without_a_reference_stays_as_it_is(references):
    plain = replace(take(None), reference=None)
    assert references.added_to(plain) is plain


def test_the_clip_that_was_used_least_recently_goes_when_there_are_too_many(references, tone):
    takes = [take(tone(2, hz=hz)) for hz in (100, 200, 300)]
    for one in takes[:2]:
        references.keep(one, encoded(megabytes=30))
    references.added_to(takes[0])
    references.keep(takes[2], encoded(megabytes=30))
    known = [references.added_to(one).encoded is not None for one in takes]
    assert known == [True, False, True]


def test_a_clip_is_forgotten_with_age(tone):
    references = EncodedReferences(keep_seconds=0)
    references.keep(take(tone(2)), encoded())
    assert references.added_to(take(tone(2))).encoded is None

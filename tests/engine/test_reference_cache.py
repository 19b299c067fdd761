from dataclasses import replace

import numpy as np
import pytest

from voxcpm_space.engine.reference_cache import EncodedReferenceCache
from voxcpm_space.engine.request import EncodedReference, GenerationRequest


def request(clip, transcript=""):
    return GenerationRequest("Hello.", 1, 2.0, 10, reference=clip, transcript=transcript)


def encoded(megabytes=1):
    return EncodedReference(np.zeros((megabytes * 2**10, 4, 64), np.float32))


@pytest.fixture
def references():
    return EncodedReferenceCache(keep_seconds=60)


def test_a_clip_is_known_again_by_its_sound(references, tone):
    kept = encoded()
    references.put(request(tone(2)), kept)
    assert references.attach(request(tone(2))).encoded is kept
    assert references.attach(request(tone(2, hz=200))).encoded is None


def test_a_clip_to_go_on_from_is_another_whatever_is_said_in_it(references, tone):
    kept = encoded()
    references.put(request(tone(2), "Yes."), kept)
    assert references.attach(request(tone(2))).encoded is None
    assert references.attach(request(tone(2), "No.")).encoded is kept


def test_a_request_without_a_reference_stays_as_it_is(references):
    plain = replace(request(None), reference=None)
    assert references.attach(plain) is plain


def test_the_clip_that_was_used_least_recently_goes_when_there_are_too_many(references, tone):
    requests = [request(tone(2, hz=hz)) for hz in (100, 200, 300)]
    for one in requests[:2]:
        references.put(one, encoded(megabytes=30))
    references.attach(requests[0])
    references.put(requests[2], encoded(megabytes=30))
    known = [references.attach(one).encoded is not None for one in requests]
    assert known == [True, False, True]


def test_a_clip_is_forgotten_with_age(tone):
    references = EncodedReferenceCache(keep_seconds=0)
    references.put(request(tone(2)), encoded())
    assert references.attach(request(tone(2))).encoded is None

import base64

import numpy as np
import pytest

from voxcpm_space.engine import EncodedReference
from voxcpm_space.errors import InputError
from voxcpm_space.voices import Voice
from voxcpm_space.voices.file import read_voice
from voxcpm_space.voices.own import MOST_VOICES, with_voice


def voice(name="Ann", patches=32):
    return Voice(EncodedReference(np.zeros((patches, 4, 64), np.float32)), "some-model", name=name)


def test_a_voice_comes_last_with_the_file_that_it_can_be_read_from():
    own = with_voice(with_voice([], voice("Ann")), voice("Ben"))
    assert [one["name"] for one in own] == ["Ann", "Ben"]
    content = base64.b64decode(own[-1]["file"].partition("base64,")[2])
    assert read_voice(content).name == "Ben"


def test_no_two_have_the_same_name():
    own = []
    for name in ("Ann", "Ann", "Ann", ""):
        own = with_voice(own, voice(name))
    assert [one["name"] for one in own] == ["Ann", "Ann (2)", "Ann (3)", "Voice"]


@pytest.mark.parametrize(("most", "patches"), [(MOST_VOICES, 32), (10, 128)])
def test_there_is_room_for_so_many(most, patches):
    own = []
    for _ in range(most):
        own = with_voice(own, voice(patches=patches))
    with pytest.raises(InputError, match="has no room for this one"):
        with_voice(own, voice(patches=patches))


@pytest.mark.parametrize(
    "own", [None, "x", 5, {}, [5], [{"name": 1, "file": "x"}], [{"name": "x"}], [None]]
)
def test_whatever_a_browser_sends_for_the_list_a_voice_can_be_kept(own):
    assert [one["name"] for one in with_voice(own, voice())] == ["Ann"]

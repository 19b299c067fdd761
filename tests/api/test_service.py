"""What is charged for a part of a speech that is made again."""

import pytest
from fastapi import Request

from voxcpm_space.api.access.access import Access, Caller
from voxcpm_space.api.service import SpeechService
from voxcpm_space.errors import UnknownCallerError
from voxcpm_space.settings import Settings
from voxcpm_space.studio import finished

TWO_PARTS = "A short sentence. A short sentence.\n\nAnother sentence. Another sentence."


class Counting(Access):
    """Keeps what is admitted and charged."""

    def __init__(self):
        super().__init__(Settings(rate_limit=""))
        self.admitted, self.charged = [], []

    def admit(self, caller, operation):
        super().admit(caller, operation)
        self.admitted.append(operation)

    def charge(self, caller, seconds):
        self.charged.append((caller.name, seconds))


def asked_by(caller):
    return Request({"type": "http", "headers": [], "state": {"caller": caller}})


@pytest.fixture
def access():
    return Counting()


@pytest.fixture
def service(studio, access):
    return SpeechService(studio, access)


def test_only_the_part_that_is_made_again_is_charged_and_what_is_stopped_is_not(
    service, access, upload, tone
):
    request = asked_by(Caller("ann"))
    fields = {"text": TWO_PARTS, "dit_steps": 1}
    speech = finished(service.speak(request, fields))
    clone = finished(service.clone(request, fields | {"reference_audio_url": upload(tone(2))}))
    access.charged.clear()
    remade = finished(service.regenerate(request, speech.id, 2))
    assert access.charged == [("ann", remade.new_seconds)]
    assert remade.new_seconds < remade.seconds / 1.5
    list(service.regenerate(request, clone.id, 1, stop_requested=lambda: True))
    assert len(access.charged) == 1
    assert access.admitted[2:] == ["text-to-speech", "voice-cloning"]


def test_strangers_get_nothing_of_a_finished_speech(service, access):
    speech = finished(service.speak(asked_by(Caller("ann")), {"text": "Hi.", "dit_steps": 1}))
    with pytest.raises(UnknownCallerError):
        service.export(asked_by(None), speech.id, "mp3")
    with pytest.raises(UnknownCallerError):
        finished(service.regenerate(asked_by(None), speech.id, 1))
    assert len(access.admitted) == 1

import re

import numpy as np
import pytest
from pocketsphinx import Decoder

from tests.reference import files
from tests.tiny_whisper import HEARD, build_tiny_whisper
from voxcpm_space.examples import clips
from voxcpm_space.messages import N_
from voxcpm_space.reference import ReferenceLoader, transcribe
from voxcpm_space.reference.transcribe import Recognizer
from voxcpm_space.settings import Settings


@pytest.fixture(scope="module")
def whisper(tmp_path_factory):
    return Recognizer(str(build_tiny_whisper(tmp_path_factory.mktemp("whisper"))))


@pytest.mark.parametrize("seconds", [2, 35])
def test_whisper_writes_what_it_hears(whisper, tone, seconds):
    assert set(whisper.transcribe(tone(seconds))) == {HEARD}


def test_off_is_off(tone):
    assert Recognizer("").transcribe(tone()) == ""


def test_a_recognizer_that_cannot_be_loaded_hears_nothing(tmp_path, tone):
    assert Recognizer(str(tmp_path)).transcribe(tone()) == ""


def test_one_that_must_be_downloaded_is_not_waited_for(monkeypatch, tone):
    waited = []
    monkeypatch.setattr(transcribe, "_WAIT_SECONDS", 30)
    recognizer = Recognizer("nobody/nothing")
    monkeypatch.setattr(recognizer, "_pipeline", _Missing(waited))
    assert recognizer.transcribe(tone()) == ""
    assert waited == [0]


class _Missing:
    def __init__(self, waited):
        self._waited = waited

    def get(self, seconds):
        self._waited.append(seconds)
        raise transcribe.MissingModelError(N_("It is not here."))


class _Says:
    """A recognizer's pipeline with an answer of its own."""

    def __init__(self, text):
        self.text = text
        self.times = 0

    def get(self, _seconds):
        return self

    def __call__(self, _clip, **_options):
        self.times += 1
        if isinstance(self.text, Exception):
            raise self.text
        return {"text": self.text}


@pytest.mark.parametrize(
    "text", ["", "  ", "la " * 100, "\ud800", "x" * 5000, RuntimeError("a fault of the model")]
)
def test_what_cannot_be_a_transcript_is_none(monkeypatch, tone, text):
    recognizer = Recognizer("nobody/nothing")
    monkeypatch.setattr(recognizer, "_pipeline", _Says(text))
    assert recognizer.transcribe(tone()) == ""


def test_a_clip_is_heard_once(monkeypatch, tone):
    recognizer, says = Recognizer("nobody/nothing"), _Says(" Good  morning. ")
    monkeypatch.setattr(recognizer, "_pipeline", says)
    for clip in (tone(), tone(), tone(hz=200), tone()):
        assert recognizer.transcribe(clip) == "Good morning."
    assert says.times == 2


def test_a_clip_is_not_heard_while_many_others_are(monkeypatch, tone):
    monkeypatch.setattr(transcribe, "_TURN_SECONDS", 0.01)
    recognizer, says = Recognizer("nobody/nothing"), _Says("Good morning.")
    monkeypatch.setattr(recognizer, "_pipeline", says)
    assert recognizer.transcribe(tone(hz=200)) == "Good morning."
    with recognizer._turns.taken(0):
        assert recognizer.transcribe(tone()) == ""
        assert recognizer.transcribe(tone(hz=200)) == "Good morning."  # known: no turn is needed
    assert recognizer.transcribe(tone()) == "Good morning."


class _Sphinx:
    """A real recognizer of English, small enough to be here, in place of Whisper."""

    def get(self, _seconds):
        return self

    def __call__(self, clip, **_options):
        assert clip["sampling_rate"] == 16_000
        decoder = Decoder(samprate=16_000, loglevel="FATAL")
        decoder.start_utt()
        decoder.process_raw((clip["raw"] * 32_767).astype("<i2").tobytes(), full_utt=True)
        decoder.end_utt()
        return {"text": decoder.hyp().hypstr}


def words(text):
    return set(re.findall(r"[a-z]+", text.lower()))


def test_the_words_survive_the_way_from_a_quiet_phone_video_to_the_transcript(monkeypatch, uploads):
    """Recorded too quietly, with silence around, at another rate, encoded with losses."""
    clip = next(clip for clip in clips() if clip.voice == "english-male-rms")
    samples = files.resampled(clip.path)
    quiet = np.pad(0.05 * samples, 3 * files.RATE)
    path = uploads / "video.mp4"
    path.write_bytes(files.made("mp4", quiet))
    recognizer = Recognizer("nobody/nothing")
    monkeypatch.setattr(recognizer, "_pipeline", _Sphinx())
    loader = ReferenceLoader(Settings(), recognizer=recognizer)
    reference = loader.load(str(path), transcribe=True)
    assert reference.origin == "recognized"
    expected = words(clip.transcript)
    assert len(words(reference.transcript) & expected) > 0.9 * len(expected)


@pytest.fixture
def loader(monkeypatch):
    recognizer = Recognizer("nobody/nothing")
    monkeypatch.setattr(recognizer, "_pipeline", _Says("Good morning."))
    return ReferenceLoader(Settings(), recognizer=recognizer)


def test_a_given_transcript_is_taken(loader, upload, tone):
    reference = loader.load(upload(tone()), transcript="Yes.", transcribe=True)
    assert (reference.transcript, reference.origin) == ("Yes.", "given")


def test_a_missing_transcript_is_recognized_where_that_is_wanted(loader, upload, tone):
    heard = loader.load(upload(tone()), transcribe=True)
    assert (heard.transcript, heard.origin) == ("Good morning.", "recognized")
    alone = loader.load(upload(tone()))
    assert (alone.transcript, alone.origin) == ("", "none")


def test_an_example_clip_knows_its_transcript(loader):
    reference = loader.load("english-male-rms", transcribe=True)
    assert reference.transcript.startswith("Good morning, and thank you for calling")


def test_the_transcript_of_a_whole_clip_is_not_that_of_its_part(loader, upload, tone):
    path = upload(tone(60))
    reference = loader.load(path, transcript="All of it.", transcribe=True)
    assert reference.transcript == "Good morning."
    assert "The transcript is not used" in reference.warnings[-1]
    chosen = loader.load(path, transcript="This part.", start=10)
    assert chosen.transcript == "This part."

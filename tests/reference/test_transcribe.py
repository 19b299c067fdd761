import logging
import re
from types import SimpleNamespace

import ctranslate2
import faster_whisper
import numpy as np
import pytest
from faster_whisper import WhisperModel

from tests.fake_hub import FakeHub
from tests.listening import read
from tests.reference import files
from tests.reference.loaded_model import loaded_model
from tests.whisper_base import whisper_base
from voxcpm_space.examples import clips
from voxcpm_space.reference import ReferenceLoader, transcribe
from voxcpm_space.reference.transcribe import Recognizer
from voxcpm_space.settings import Settings

pytestmark = pytest.mark.slow

LOADING = "The speech recognizer is still being loaded."
NOT_HERE = "The speech recognizer cannot be loaded here."
BUSY = "The speech recognizer is busy with the clips of others."
WITHOUT = " The clip was used without a transcript; with one the clone is better."


@pytest.fixture(scope="module")
def whisper():
    """Whisper base, the real one."""
    return Recognizer(str(whisper_base()))


def words(text):
    return set(re.findall(r"\w+", text.lower()))


def assert_heard(transcript, expected):
    """Whisper base writes digits for some numbers, and mishears a word now and then."""
    assert len(words(transcript) & words(expected)) > 0.8 * len(words(expected))


def test_whisper_writes_what_it_hears_in_its_language(whisper):
    clip = next(clip for clip in clips() if clip.voice == "italian-male-pc")
    transcript, missed = whisper.transcribe(read(clip.path)[0])
    assert_heard(transcript, clip.transcript)
    assert missed == ()


def test_it_writes_all_of_what_is_longer_than_it_hears_at_once(whisper):
    first, last = (read(clip.path)[0] for clip in clips()[:2])
    pause = np.zeros(16 * 16_000, np.float32)
    transcript, _ = whisper.transcribe(np.concatenate([first, pause, last]))
    assert "tomato" in transcript
    assert "museum" in transcript


def test_off_is_off(tone):
    assert Recognizer("").transcribe(tone()) == ("", ())


def test_one_that_cannot_be_loaded_says_so(tmp_path, tone):
    assert Recognizer(str(tmp_path)).transcribe(tone()) == ("", (NOT_HERE + WITHOUT,))


@pytest.fixture
def hub(tmp_path, monkeypatch):
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("config.json", "model.bin", "README.md"):
        (folder / name).write_text("{}")
    with FakeHub("Systran/faster-whisper-base", folder) as hub:
        hub.use(monkeypatch, tmp_path / "cache")
        yield hub


def loaded(recognizer):
    """Waits for the end of what was begun."""
    with pytest.raises(transcribe.MissingModelError):
        recognizer._whisper.get(30)


def test_one_that_must_be_downloaded_is_not_waited_for_and_then_kept(hub, tone, tmp_path):
    recognizer = Recognizer("base")
    assert recognizer.transcribe(tone()) == ("", (LOADING + WITHOUT,))
    loaded(recognizer)
    hub.stop()
    (weights,) = tmp_path.glob("cache/**/model.bin")
    assert weights.read_text() == "{}"
    assert not list(tmp_path.glob("cache/**/README.md"))
    assert recognizer._is_on_disk()


def test_without_the_hub_it_says_so(hub, tone):
    hub.stop()
    recognizer = Recognizer("base")
    recognizer.transcribe(tone())
    loaded(recognizer)
    assert recognizer.transcribe(tone()) == ("", (NOT_HERE + WITHOUT,))


class _Card:
    """Stands in for a CUDA card, which is not here."""

    def __init__(self, monkeypatch, error=None):
        self.asked = []
        self._error = error
        monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 2)
        monkeypatch.setattr(faster_whisper, "WhisperModel", self._model)

    def _model(self, model, device, device_index=0, compute_type="default", **options):
        self.asked.append((device, device_index, compute_type))
        if device == "cpu":
            return WhisperModel(model, device, compute_type=compute_type, **options)
        return self

    def detect_language(self, _samples):
        if self._error:
            raise self._error

    def transcribe(self, _samples, **_options):
        return [SimpleNamespace(text=" On the card.")], None


@pytest.mark.parametrize(
    ("device", "asked"), [("auto", ("cuda", 0)), ("cuda", ("cuda", 0)), ("cuda:1", ("cuda", 1))]
)
def test_on_a_card_it_computes_in_float16(monkeypatch, tone, tmp_path, device, asked):
    card = _Card(monkeypatch)
    recognizer = Recognizer(str(tmp_path), device=device)
    assert recognizer.transcribe(tone()) == ("On the card.", ())
    assert card.asked == [(*asked, "float16")]


def test_a_card_that_ctranslate2_cannot_use_is_left_for_the_cpu(monkeypatch, caplog):
    missing = RuntimeError("Library libcublas.so.12 is not found or cannot be loaded")
    card = _Card(monkeypatch, missing)
    with caplog.at_level(logging.WARNING):
        Recognizer(str(whisper_base()), device="auto")._load()
    assert [device for device, *_ in card.asked] == ["cuda", "cpu"]
    assert "runs on the CPU: Library libcublas.so.12" in caplog.text


@pytest.mark.parametrize("is_zero_gpu", [True, False])
def test_on_zerogpu_and_where_the_cpu_is_wanted_no_card_is_touched(
    monkeypatch, tmp_path, is_zero_gpu, tone
):
    card = _Card(monkeypatch)
    monkeypatch.setattr(transcribe, "is_zero_gpu", lambda: is_zero_gpu)
    Recognizer(str(tmp_path), device="auto" if is_zero_gpu else "cpu").transcribe(tone())
    assert card.asked == [("cpu", 0, "int8")]


class _Says:
    """A model with an answer of its own."""

    def __init__(self, text):
        self.text = text
        self.times = 0

    def transcribe(self, _samples, **_options):
        self.times += 1
        if isinstance(self.text, Exception):
            raise self.text
        return [SimpleNamespace(text=part) for part in re.split("(?= )", self.text)], None


@pytest.mark.parametrize(
    "text", ["", "  ", "la " * 100, "\ud800", "x" * 5000, RuntimeError("a fault of the model")]
)
def test_what_cannot_be_a_transcript_is_none(monkeypatch, tone, text):
    recognizer = Recognizer("nobody/nothing")
    monkeypatch.setattr(recognizer, "_whisper", loaded_model(_Says(text)))
    assert recognizer.transcribe(tone()) == ("", ())


def test_a_clip_is_heard_once(monkeypatch, tone):
    recognizer, says = Recognizer("nobody/nothing"), _Says(" Good  morning. ")
    monkeypatch.setattr(recognizer, "_whisper", loaded_model(says))
    for clip in (tone(), tone(), tone(hz=200), tone()):
        assert recognizer.transcribe(clip) == ("Good morning.", ())
    assert says.times == 2


def test_a_clip_is_not_heard_while_many_others_are(monkeypatch, tone):
    monkeypatch.setattr(transcribe, "_TURN_SECONDS", 0.01)
    recognizer, says = Recognizer("nobody/nothing"), _Says("Good morning.")
    monkeypatch.setattr(recognizer, "_whisper", loaded_model(says))
    assert recognizer.transcribe(tone(hz=200)) == ("Good morning.", ())
    with recognizer._whisper._turns.taken(0):
        assert recognizer.transcribe(tone()) == ("", (BUSY + WITHOUT,))
        assert recognizer.transcribe(tone(hz=200)) == ("Good morning.", ())  # known: no turn needed
    assert recognizer.transcribe(tone()) == ("Good morning.", ())


def test_the_words_survive_the_way_from_a_quiet_phone_video_to_the_transcript(whisper, uploads):
    """Recorded too quietly, with silence around, at another rate, encoded with losses."""
    clip = next(clip for clip in clips() if clip.voice == "english-male-rms")
    quiet = np.pad(0.05 * files.resampled(clip.path), 3 * files.RATE)
    path = uploads / "video.mp4"
    path.write_bytes(files.made("mp4", quiet))
    reference = ReferenceLoader(Settings(), recognizer=whisper).load(str(path), transcribe=True)
    assert reference.origin == "recognized"
    assert_heard(reference.transcript, clip.transcript)


def test_why_there_is_no_transcript_is_said_with_the_clip(tmp_path, upload, tone):
    loader = ReferenceLoader(Settings(), recognizer=Recognizer(str(tmp_path)))
    reference = loader.load(upload(tone(4)), transcribe=True)
    assert reference.warnings[-1] == NOT_HERE + WITHOUT
    assert reference.origin == "none"


@pytest.fixture
def loader(monkeypatch):
    recognizer = Recognizer("nobody/nothing")
    monkeypatch.setattr(recognizer, "_whisper", loaded_model(_Says("Good morning.")))
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

import numpy as np
import pytest
import torch

from tests.listening import level_dbfs
from tests.reference.loaded_model import loaded_model
from tests.tiny_zipenhancer import build_tiny_zipenhancer
from voxcpm_space.reference import ReferenceLoader, denoise
from voxcpm_space.reference.denoise import Denoiser
from voxcpm_space.settings import Settings

SETTINGS = Settings(asr_model="")
SEED = 2
"""Of the model's weights; with some others hardly anything comes out of it."""


@pytest.fixture(scope="module")
def denoiser(tmp_path_factory):
    denoiser = Denoiser(str(build_tiny_zipenhancer(tmp_path_factory.mktemp("zipenhancer"))))
    torch.manual_seed(SEED)
    denoiser._pipeline.get(60)
    return denoiser


def test_the_model_hears_the_clip_and_gives_one_of_the_same_length(denoiser, tone):
    clip = tone(1.3)
    cleaned, missed = denoiser.denoise(clip)
    assert missed == ()
    assert cleaned.dtype == np.float32
    assert cleaned.shape == clip.shape
    assert not np.array_equal(cleaned, clip)


def test_a_denoised_clip_is_prepared_like_any_other(denoiser, upload, tone):
    loader = ReferenceLoader(SETTINGS, denoiser)
    path = upload(tone(2))
    plain = loader.load(path)
    denoised = loader.load(path, denoise=True)
    assert denoised.samples.shape == plain.samples.shape
    assert not np.allclose(denoised.samples, plain.samples, atol=1e-3)
    assert np.abs(denoised.samples).max() <= 0.99
    assert level_dbfs(denoised.samples) < -20


def test_without_its_model_the_clip_is_used_as_it_is_and_says_so(tmp_path):
    loader = ReferenceLoader(SETTINGS, Denoiser(str(tmp_path)))
    reference = loader.load("english-male-rms", denoise=True)
    np.testing.assert_array_equal(reference.samples, loader.load("english-male-rms").samples)
    assert reference.warnings == (
        "The clip was used with its noise. The model that removes noise cannot be loaded here.",
    )


class _Says:
    """ZipEnhancer's pipeline with an answer of its own."""

    def __init__(self, pcm):
        self.pcm = pcm
        self.times = 0

    def __call__(self, _clip):
        self.times += 1
        if isinstance(self.pcm, Exception):
            raise self.pcm
        return {"output_pcm": self.pcm.tobytes()}


def denoising(monkeypatch, says):
    denoiser = Denoiser("nobody/nothing")
    monkeypatch.setattr(denoiser, "_pipeline", loaded_model(says))
    return ReferenceLoader(SETTINGS, denoiser)


def test_a_clip_is_cleaned_once(monkeypatch, upload, tone):
    says = _Says((tone(2) * 2**14).astype(np.int16))
    loader = denoising(monkeypatch, says)
    for _ in range(3):
        assert len(loader.load(upload(tone(2)), denoise=True).samples) == 32_000
    assert says.times == 1


@pytest.mark.parametrize(
    ("pcm", "sentence"),
    [
        (np.zeros(32_000, np.int16), "since nothing is left without it"),
        (RuntimeError("a fault of the model"), "could not be removed from this one"),
    ],
)
def test_a_clip_of_which_nothing_is_left_is_used_as_it_is(monkeypatch, upload, tone, pcm, sentence):
    reference = denoising(monkeypatch, _Says(pcm)).load(upload(tone(2)), denoise=True)
    assert level_dbfs(reference.samples) == pytest.approx(-24, abs=0.1)
    assert sentence in reference.warnings[0]


def test_who_would_wait_long_for_others_goes_on_with_the_noise(monkeypatch, upload, tone):
    monkeypatch.setattr(denoise, "_WAIT_SECONDS", 0.01)
    denoiser = Denoiser("nobody/nothing")
    monkeypatch.setattr(denoiser, "_pipeline", loaded_model(_Says(np.zeros(1, np.int16))))
    with denoiser._pipeline._turns.taken(0):
        reference = ReferenceLoader(SETTINGS, denoiser).load(upload(tone(2)), denoise=True)
    assert "Many others are having noise removed" in reference.warnings[0]

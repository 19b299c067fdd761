import numpy as np
import pytest

from tests.listening import level_dbfs
from tests.tiny_zipenhancer import build_tiny_zipenhancer
from voxcpm_space.reference import ReferenceLoader
from voxcpm_space.reference.denoise import Denoiser
from voxcpm_space.settings import Settings

SETTINGS = Settings(asr_model="")


@pytest.fixture(scope="module")
def denoiser(tmp_path_factory):
    return Denoiser(str(build_tiny_zipenhancer(tmp_path_factory.mktemp("zipenhancer"))))


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

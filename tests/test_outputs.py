import shutil

import numpy as np
import pytest
import soundfile

from voxcpm_space.errors import StorageError
from voxcpm_space.outputs import Outputs


def test_a_file_is_48_khz_mono_16_bit_wav_and_says_that_it_is_synthetic(tone):
    path = Outputs(60).save([tone(sample_rate=48_000)], 48_000, "Synthetic speech, seed 5")
    with soundfile.SoundFile(path) as file:
        assert (file.samplerate, file.channels, file.subtype) == (48_000, 1, "PCM_16")
        assert file.format == "WAV"
        assert file.comment == "Synthetic speech, seed 5"


def test_loud_audio_is_turned_down_instead_of_clipped(tone):
    path = Outputs(60).save([tone(), tone() * 10], 16_000, "synthetic")
    samples, _ = soundfile.read(path)
    quiet, loud = np.split(samples, 2)
    np.testing.assert_allclose(loud, tone() / np.abs(tone()).max(), atol=1e-3)
    np.testing.assert_allclose(quiet, loud / 10, atol=1e-3)  # in proportion


def test_names_cannot_be_guessed(tone):
    outputs = Outputs(60)
    names = {outputs.save([tone(0.1)], 16_000, "synthetic").stem for _ in range(10)}
    assert len(names) == 10
    assert all(len(name) >= 22 for name in names)  # 128 bits


def test_a_folder_that_was_deleted_is_made_again(tone, uploads):
    outputs = Outputs(60)
    shutil.rmtree(uploads)
    outputs.check_disk_space()
    shutil.rmtree(uploads)
    assert outputs.save([tone(0.1)], 16_000, "synthetic").exists()


def test_what_a_full_disk_cannot_hold_is_refused_and_leaves_no_half_file(
    small_disk, tone, monkeypatch
):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(small_disk))
    outputs = Outputs(60)
    fits, too_long = tone(1), tone(60 * 30)
    assert outputs.save([fits], 16_000, "synthetic").exists()
    with pytest.raises(StorageError, match="disk is full"):
        outputs.save([too_long], 16_000, "synthetic")
    assert len(list((small_disk / "speech").iterdir())) == 1
    assert outputs.save([fits], 16_000, "synthetic").exists()


def test_a_failed_write_leaves_no_half_file(made_files):
    stereo = np.zeros((100, 2), np.float32)
    with pytest.raises(ValueError, match="channels"):
        Outputs(60).save([stereo], 16_000, "synthetic")
    assert made_files() == []

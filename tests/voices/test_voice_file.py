import json
import random
from contextlib import suppress

import numpy as np
import pytest
from safetensors.numpy import save

from voxcpm_space.engine import EncodedReference
from voxcpm_space.errors import InputError
from voxcpm_space.voices import Voice, voice_file
from voxcpm_space.voices.file import MAX_BYTES, read_voice

LATENTS = np.random.default_rng(1).standard_normal((32, 4, 64)).astype(np.float32)
SAID = {
    "format": "voxcpm-voice",
    "version": "1",
    "model": "openbmb/VoxCPM2",
    "sample_rate": "16000",
    "transcript": "",
    "description": "",
    "name": "Ann",
    "consent": "",
}


def changed(**said):
    return save({"voice": LATENTS}, SAID | said)


def holding(**tensors):
    return save(tensors, SAID)


def test_a_voice_comes_back_as_it_was_kept():
    kept = Voice(
        EncodedReference(LATENTS, LATENTS[::-1]),
        "openbmb/VoxCPM2",
        transcript="Good morning.",
        description="An old man",
        name="Grandfather",
        consent="2026-01-31: it is mine",
    )
    read = read_voice(voice_file(kept))
    assert np.array_equal(read.encoded.voice, kept.encoded.voice)
    assert np.array_equal(read.encoded.start, kept.encoded.start)
    for name in ("model", "transcript", "description", "name", "consent"):
        assert getattr(read, name) == getattr(kept, name)


def test_five_seconds_of_a_designed_voice_take_some_30_kb():
    assert len(voice_file(Voice(EncodedReference(LATENTS), "openbmb/VoxCPM2"))) < 34_000


def test_what_was_read_can_be_changed_by_whoever_reads_it():
    voice = read_voice(changed()).encoded.voice  # torch warns of memory that is not its own
    voice[:] = 0


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not in the safetensors format"),
        (b"\x80\x04\x95" + bytes(100), "not in the safetensors format"),  # a pickle
        (b"\xff" * 8 + b"{}", "not in the safetensors format"),
        (changed()[:-1], "not in the safetensors format"),
        (changed() + b"x", "not in the safetensors format"),
        (bytes(MAX_BYTES + 1), "larger than 2 MB"),
        (save({"voice": LATENTS}), "it holds something else"),
        (save({"voice": LATENTS}, {"format": "pt"}), "it holds something else"),
        (changed(version="2"), "of another version than 1"),
        (changed(sample_rate="44100"), "another sample rate than 16000 Hz"),
        (
            save({"voice": LATENTS}, {key: SAID[key] for key in SAID if key != "consent"}),
            "it does not say consent",
        ),
        (changed(transcript="Yes."), "does not hold the tensors"),
        (changed(transcript="x" * 1001), "The transcript of the voice has 1,001 characters"),
        (changed(name="x" * 61), "The name of the voice has 61 characters"),
        (changed(name="\x00"), "The name of the voice holds the control character U+0000"),
        (changed(model="x" * 201), "The model of the voice has 201 characters"),
        (changed(consent="x" * 301), "The consent of the voice has 301 characters"),
        (changed(description="x" * 2_001), "The description of the voice has 2,001 characters"),
        (holding(), "does not hold the tensors"),
        (holding(speech=LATENTS), "does not hold the tensors"),
        (holding(voice=LATENTS, start=LATENTS), "does not hold the tensors"),
        (holding(voice=LATENTS, more=LATENTS), "does not hold the tensors"),
        (
            save({"voice": LATENTS, "start": LATENTS[1:]}, SAID | {"transcript": "Yes."}),
            "does not hold the tensors",
        ),
        (holding(voice=LATENTS.astype(np.float64)), "its numbers are not float32"),
        (holding(voice=LATENTS.astype(np.int32)), "its numbers are not float32"),
        (holding(voice=LATENTS * np.float32(np.nan)), "numbers that no voice has"),
        (holding(voice=LATENTS * np.float32(np.inf)), "numbers that no voice has"),
        (holding(voice=LATENTS * 1000), "numbers that no voice has"),
    ],
)
def test_a_lying_file_is_refused_with_the_reason(content, why):
    with pytest.raises(InputError) as refusal:
        read_voice(content)
    assert why in str(refusal.value)


def test_whatever_is_broken_in_a_file_it_is_a_refusal_or_a_voice():
    whole, dice = changed(), random.Random(1)
    header = 8 + int.from_bytes(whole[:8], "little")
    for _ in range(2000):
        broken = bytearray(whole)
        for _ in range(dice.randint(1, 3)):
            broken[dice.randrange(header)] = dice.randrange(256)
        with suppress(InputError):
            read_voice(bytes(broken))


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]},
        {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]},
        {"dtype": "F4", "shape": [8], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [2**62, 4], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]},
    ],
)
def test_a_strange_tensor_is_refused_or_left_to_the_check_of_shapes(entry):
    header = json.dumps({"__metadata__": SAID, "voice": entry}).encode()
    content = len(header).to_bytes(8, "little") + header + bytes(4)
    with suppress(InputError):
        assert read_voice(content).encoded.voice.shape == ()

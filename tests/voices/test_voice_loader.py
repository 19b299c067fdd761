import base64
from dataclasses import replace

import numpy as np
import pytest

from tests.reference.loopback import loopback
from voxcpm_space.engine import EncodedReference
from voxcpm_space.errors import InputError
from voxcpm_space.settings import Settings
from voxcpm_space.voices import Voice, VoiceLoader, voice_file


@pytest.fixture
def voice(engine):
    latents = np.random.default_rng(1).standard_normal((32, 4, 64)).astype(np.float32)
    return Voice(EncodedReference(latents), engine.status.model)


@pytest.fixture
def loader(engine):
    return VoiceLoader(Settings(), engine)


@pytest.fixture
def load(loader, uploads):
    """Loads a voice from its file, where Gradio puts uploads."""

    def put(voice):
        (uploads / "voice.safetensors").write_bytes(voice_file(voice))
        return loader.load(str(uploads / "voice.safetensors"))

    return put


def lasting(voice, patches):
    return replace(voice, encoded=EncodedReference(np.zeros((patches, 4, 64), np.float32)))


def test_a_voice_comes_in_every_way_that_a_clip_does(engine, uploads, voice):
    content = voice_file(voice)
    path = uploads / "voice.safetensors"
    path.write_bytes(content)
    with loopback() as server:
        server.raw = b"HTTP/1.1 200 OK\r\n\r\n" + content
        loader = VoiceLoader(Settings(reference_hosts=f"127.0.0.1:{server.port}"), engine)
        for source in (
            str(path),
            {"path": str(path), "meta": {"_type": "gradio.FileData"}},
            "data:;base64," + base64.b64encode(content).decode(),
            f"{server.url}/raw",
        ):
            assert np.array_equal(loader.load(source).encoded.voice, voice.encoded.voice)


@pytest.mark.parametrize(
    "source", ["/etc/passwd", {"path": "/etc/passwd"}, {}, 5, [], "english-male-rms", "file:///x"]
)
def test_nothing_else_is_read(loader, source):
    with pytest.raises(InputError, match=r"voice must be an http\(s\) or data: URL"):
        loader.load(source)


def test_another_model_s_voice_is_refused_with_both_names(load, voice, engine):
    with pytest.raises(InputError) as refusal:
        load(replace(voice, model="openbmb/VoxCPM2"))
    assert "made with the model openbmb/VoxCPM2" in str(refusal.value)
    assert f"means nothing to {engine.status.model}," in str(refusal.value)


@pytest.mark.parametrize("shape", [(), (32,), (32, 4), (32, 4, 32), (32, 2, 64), (32, 4, 64, 1)])
def test_latents_of_another_shape_are_refused(load, voice, shape):
    other = EncodedReference(np.zeros(shape, np.float32))
    with pytest.raises(InputError, match="another shape than those of the model"):
        load(replace(voice, encoded=other))


def test_a_voice_lasts_from_a_second_to_what_a_clip_may(load, voice):
    for patches in (6, 188):
        assert len(load(lasting(voice, patches)).encoded.voice) == patches
    for patches in (0, 5, 189):
        with pytest.raises(InputError, match="it does not last 1 to 30 s"):
            load(lasting(voice, patches))


def test_a_designed_voice_is_taken_where_clips_must_be_shorter(engine, uploads, voice):
    loader = VoiceLoader(Settings(max_reference_seconds=2), engine)
    path = uploads / "voice.safetensors"
    path.write_bytes(voice_file(lasting(voice, 75)))
    assert len(loader.load(str(path)).encoded.voice) == 75

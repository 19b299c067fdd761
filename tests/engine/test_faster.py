"""What is computed only once gives the samples that voxcpm gives."""

import logging

import numpy as np
import pytest
import torch
from voxcpm.model.voxcpm2 import VoxCPM2Model
from voxcpm.modules.audiovae import AudioVAEConfigV2, AudioVAEV2
from voxcpm.modules.audiovae.audio_vae_v2 import StreamingVAEDecoder
from voxcpm.modules.minicpm4.cache import StaticKVCache

from voxcpm_space.engine import Take
from voxcpm_space.engine.checkpoint import PREVIEW_FOLDER
from voxcpm_space.engine.faster import _decode_quickly, _fold_weight_norm
from voxcpm_space.engine.loading import load_voxcpm
from voxcpm_space.engine.model import Model

pytestmark = pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning")

TEXT = "The train was late again. We have to wait here for a while."
OTHER_ORDER_OF_ADDING = 5e-6
"""Of full scale, over a whole take."""


@pytest.fixture(params=["tiny", "preview"])
def checkpoint(request, tiny_checkpoint, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)  # all in float32
    return tiny_checkpoint if request.param == "tiny" else PREVIEW_FOLDER


def take(seed):
    return Take(TEXT, seed, cfg_value=2.0, dit_steps=10)


def samples_of(model, seed):
    return np.concatenate(
        [item for item in model.stream(take(seed)) if isinstance(item, np.ndarray)]
    )


def samples_of_voxcpm(model, seed):
    torch.manual_seed(seed)
    stream = model.generate_with_prompt_cache_streaming(TEXT, None, max_len=400, min_len=2)
    return np.concatenate([waveform[0].numpy() for waveform, _, _ in stream])


def test_every_sample_is_voxcpms_in_one_take_after_another(checkpoint):
    ours, voxcpms = Model(checkpoint, "cpu"), load_voxcpm(checkpoint, "cpu")
    assert type(voxcpms.base_lm.kv_cache) is StaticKVCache
    for seed in (1, 2):
        expected = samples_of_voxcpm(voxcpms, seed)
        np.testing.assert_allclose(samples_of(ours, seed), expected, atol=OTHER_ORDER_OF_ADDING)


def test_nothing_is_left_of_a_longer_take_before(checkpoint):
    model = Model(checkpoint, "cpu")
    expected = samples_of(model, 1)
    model._voxcpm.base_lm.kv_cache.kv_cache.fill_(torch.nan)
    model._voxcpm.residual_lm.kv_cache.kv_cache.fill_(torch.nan)
    assert np.array_equal(samples_of(model, 1), expected)


def test_the_audiovae_is_voxcpms_with_its_norms_multiplied_in(tiny_checkpoint):
    ours = Model(tiny_checkpoint, "cpu")._voxcpm.audio_vae
    voxcpms = VoxCPM2Model.from_local(str(tiny_checkpoint), optimize=False, device="cpu").audio_vae
    latents = torch.randn(1, 64, 8)
    with torch.inference_mode():
        assert torch.equal(ours.decode(latents), voxcpms.decode(latents))
    assert not [name for name, _ in ours.named_parameters() if name.endswith(("_g", "_v"))]


def test_a_cache_that_is_not_the_known_one_stays_and_the_log_says_so(
    tiny_checkpoint, monkeypatch, caplog
):
    def step(_cache, _number):
        """As it could be in another version."""

    monkeypatch.setattr(StaticKVCache, "step", step)
    with caplog.at_level(logging.WARNING):
        model = Model(tiny_checkpoint, "cpu")
    assert type(model._voxcpm.base_lm.kv_cache) is StaticKVCache
    assert "takes are slower" in caplog.text


def test_a_layer_that_torch_computes_slowly_is_voxcpms_at_its_real_size():
    config = AudioVAEConfigV2(encoder_dim=8, decoder_rates=[8, 6])
    vae = AudioVAEV2(config=config).eval()
    latents = torch.randn(3, 1, 64, 4).unbind()
    with torch.inference_mode():
        with vae.streaming_decode() as decoder:
            expected = [decoder.decode_chunk(patch) for patch in latents]
        _fold_weight_norm(vae)
        _decode_quickly(vae)
        with vae.streaming_decode() as decoder:
            quick = [decoder.decode_chunk(patch) for patch in latents]
        assert type(decoder) is not StreamingVAEDecoder
        whole = vae.decode(torch.cat(latents, -1))
    for ours, voxcpms in zip(quick, expected, strict=True):
        torch.testing.assert_close(ours, voxcpms, atol=OTHER_ORDER_OF_ADDING, rtol=0)
    torch.testing.assert_close(whole, torch.cat(expected, -1), atol=OTHER_ORDER_OF_ADDING, rtol=0)


def test_a_decoder_that_is_not_the_known_one_stays_and_the_log_says_so(
    tiny_checkpoint, monkeypatch, caplog
):
    def decode_chunk(_decoder, _latents, _more):
        """As it could be in another version."""

    monkeypatch.setattr(StreamingVAEDecoder, "decode_chunk", decode_chunk)
    with caplog.at_level(logging.WARNING):
        model = Model(tiny_checkpoint, "cpu")
    assert type(model._voxcpm.audio_vae.streaming_decode()) is StreamingVAEDecoder
    assert "decoder is not the one" in caplog.text

"""What is computed only once gives the samples that voxcpm gives."""

import logging

import numpy as np
import pytest
import torch
from voxcpm.modules.audiovae import AudioVAEConfigV2, AudioVAEV2
from voxcpm.modules.audiovae.audio_vae_v2 import StreamingVAEDecoder
from voxcpm.modules.locdit.local_dit_v2 import VoxCPMLocDiT
from voxcpm.modules.minicpm4.cache import StaticKVCache
from voxcpm.modules.minicpm4.model import MiniCPMDecoderLayer

from voxcpm_space.engine import GenerationRequest
from voxcpm_space.engine.checkpoint import PREVIEW_FOLDER
from voxcpm_space.engine.loading import load_voxcpm
from voxcpm_space.engine.model import Model
from voxcpm_space.engine.optimizations import _fold_weight_norm, _optimize_decoder

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning"),
]

TEXT = "The train was late again. We have to wait here for a while."
OTHER_ORDER_OF_ADDING = 5e-6
"""Of full scale, over a whole request."""


@pytest.fixture(params=["tiny", "preview"])
def checkpoint(request, tiny_checkpoint, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)  # all in float32
    return tiny_checkpoint if request.param == "tiny" else PREVIEW_FOLDER


def request(seed):
    return GenerationRequest(TEXT, seed, cfg_value=2.0, dit_steps=10)


def samples_of(model, seed):
    return np.concatenate(
        [item for item in model.stream(request(seed)) if isinstance(item, np.ndarray)]
    )


def samples_of_voxcpm(model, seed):
    torch.manual_seed(seed)
    stream = model.generate_with_prompt_cache_streaming(TEXT, None, max_len=400, min_len=2)
    return np.concatenate([waveform[0].numpy() for waveform, _, _ in stream])


def test_every_sample_is_voxcpms_in_one_request_after_another(checkpoint):
    ours, voxcpms = Model(checkpoint, "cpu"), load_voxcpm(checkpoint, "cpu")
    assert type(voxcpms.base_lm.kv_cache) is StaticKVCache
    for seed in (1, 2):
        expected = samples_of_voxcpm(voxcpms, seed)
        np.testing.assert_allclose(samples_of(ours, seed), expected, atol=OTHER_ORDER_OF_ADDING)


def test_nothing_is_left_of_a_longer_request_before(checkpoint):
    model = Model(checkpoint, "cpu")
    expected = samples_of(model, 1)
    model._voxcpm.base_lm.kv_cache.kv_cache.fill_(torch.nan)
    model._voxcpm.residual_lm.kv_cache.kv_cache.fill_(torch.nan)
    assert np.array_equal(samples_of(model, 1), expected)


def test_the_audiovae_is_voxcpms_with_its_norms_multiplied_in(tiny_checkpoint):
    vae = load_voxcpm(tiny_checkpoint, "cpu").audio_vae
    latents = torch.randn(1, 64, 8)
    with torch.inference_mode():
        expected = vae.decode(latents)
        _fold_weight_norm(vae)
        assert torch.equal(vae.decode(latents), expected)
    for folded in (vae, Model(tiny_checkpoint, "cpu")._voxcpm.audio_vae):
        assert not [name for name, _ in folded.named_parameters() if name.endswith(("_g", "_v"))]


@pytest.mark.parametrize(
    ("kind", "method"),
    [(StaticKVCache, "step"), (MiniCPMDecoderLayer, "forward"), (VoxCPMLocDiT, "forward")],
)
def test_transformers_that_are_not_the_known_ones_stay_and_the_log_says_so(
    tiny_checkpoint, monkeypatch, caplog, kind, method
):
    def otherwise(_self, _number):
        """As it could be in another version."""

    monkeypatch.setattr(kind, method, otherwise)
    with caplog.at_level(logging.WARNING):
        model = Model(tiny_checkpoint, "cpu")._voxcpm
    assert type(model.base_lm.kv_cache) is StaticKVCache
    assert type(model.base_lm.layers[0]) is MiniCPMDecoderLayer
    assert "generation is slower" in caplog.text


def test_a_decoder_is_voxcpms_at_its_real_size():
    config = AudioVAEConfigV2(encoder_dim=8, decoder_rates=[8, 6])
    vae, ours = (AudioVAEV2(config=config).eval() for _ in range(2))
    ours.load_state_dict(vae.state_dict())
    latents = torch.randn(3, 1, 64, 4).unbind()
    with torch.inference_mode():
        with vae.streaming_decode() as decoder:
            expected = [decoder.decode_chunk(patch) for patch in latents]
        _fold_weight_norm(ours)
        _optimize_decoder(ours)
        with ours.streaming_decode() as decoder:
            quick = [decoder.decode_chunk(patch) for patch in latents]
        assert type(decoder) is not StreamingVAEDecoder
        whole = ours.decode(torch.cat(latents, -1))
    for made, voxcpms in zip(quick, expected, strict=True):
        torch.testing.assert_close(made, voxcpms, atol=OTHER_ORDER_OF_ADDING, rtol=0)
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


def test_a_small_model_is_left_to_one_core(tiny_checkpoint):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        Model(tiny_checkpoint, "cpu")
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)

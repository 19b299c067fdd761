"""What is exchanged in a loaded voxcpm model, and that another voxcpm is left as it is."""

import logging

import numpy as np
import pytest
import torch
from voxcpm.model import voxcpm2
from voxcpm.model.voxcpm2 import VoxCPM2Model
from voxcpm.modules.audiovae import AudioVAEConfigV2, AudioVAEV2
from voxcpm.modules.audiovae.audio_vae_v2 import CausalTransposeConv1d, StreamingVAEDecoder
from voxcpm.modules.minicpm4.cache import StaticKVCache
from voxcpm.modules.minicpm4.model import MiniCPMDecoderLayer

from voxcpm_space.compat import voxcpm
from voxcpm_space.compat.voxcpm import ExtensibleStreamingDecoder, changed, digest
from voxcpm_space.engine import GenerationRequest
from voxcpm_space.engine.loading import load_voxcpm
from voxcpm_space.engine.model import Model

pytestmark = pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning")

ALL = (*voxcpm.TRANSFORMERS, *voxcpm.DECODER, *voxcpm.PREFILLED_DECODER, *voxcpm.LOADING)


@pytest.fixture
def otherwise(monkeypatch, caplog):
    """Makes a part be another than in 2.0.3, as after an update: `otherwise("StaticKVCache")`."""
    caplog.set_level(logging.WARNING)
    voxcpm.are_known.cache_clear()
    yield lambda name: monkeypatch.setitem(voxcpm._KNOWN, name, "of another body")
    voxcpm.are_known.cache_clear()


def test_the_installed_voxcpm_is_the_one_that_the_replacements_were_written_for():
    """Where this fails after an update: compare the parts with ours, then write their digests."""
    assert changed(ALL) == []


def test_a_changed_body_is_noticed_even_where_its_parameters_are_the_same(monkeypatch):
    def step(self) -> int:
        self.current_length += 2
        return self.current_length

    monkeypatch.setattr(StaticKVCache, "step", step)
    assert changed(voxcpm.TRANSFORMERS) == ["StaticKVCache"]


def test_what_has_no_source_is_not_known():
    assert digest(len) is None


def test_other_transformers_stay_as_they_are_which_the_log_says(otherwise, tiny_checkpoint, caplog):
    otherwise("apply_rotary_pos_emb")
    model = Model(tiny_checkpoint, "cpu", int8=True)._voxcpm
    assert type(model.base_lm.layers[0]) is MiniCPMDecoderLayer
    assert type(model.base_lm.kv_cache) is StaticKVCache
    assert "not the known ones (apply_rotary_pos_emb)" in caplog.text
    assert "not of 8 bits" in caplog.text


def test_another_decoder_stays_as_it_is_which_the_log_says(otherwise, tiny_checkpoint, caplog):
    otherwise("StreamingVAEDecoder")
    vae = Model(tiny_checkpoint, "cpu")._voxcpm.audio_vae
    assert type(vae.streaming_decode()) is StreamingVAEDecoder
    assert CausalTransposeConv1d in {type(layer) for layer in vae.decoder.modules()}
    assert "can be quickened (StreamingVAEDecoder)" in caplog.text


def test_another_voxcpm_loads_its_checkpoints_itself_which_the_log_says(
    otherwise, tiny_checkpoint, caplog
):
    expected = load_voxcpm(tiny_checkpoint, "cpu").state_dict()
    otherwise("VoxCPM2Model.from_local")
    loaded = load_voxcpm(tiny_checkpoint, "cpu").state_dict()
    assert "voxcpm's own way: in voxcpm VoxCPM2Model.from_local are not" in caplog.text
    assert all(torch.equal(loaded[name], tensor) for name, tensor in expected.items())


def spoken(model):
    clip = np.random.default_rng(0).normal(0, 0.1, 32_000).astype(np.float32)
    take = GenerationRequest("Hello there.", 1, 2.0, 4, clip, "One.")
    return np.concatenate([item for item in model.stream(take) if isinstance(item, np.ndarray)])


def test_another_streaming_starts_cold_once_with_a_line_in_the_log(
    otherwise, tiny_checkpoint, caplog
):
    model = Model(tiny_checkpoint, "cpu")
    prefilled = spoken(model)
    otherwise("VoxCPM2Model._generate_with_prompt_cache")
    voxcpm.are_known.cache_clear()
    cold = spoken(model)
    assert not np.array_equal(cold, prefilled)
    spoken(model)
    assert caplog.text.count("clones with a transcript start rough") == 1


def test_no_bar_is_shown_while_voxcpm_generates(tiny_checkpoint, capsys):
    spoken(Model(tiny_checkpoint, "cpu"))
    assert list(voxcpm2.tqdm(range(3))) == [0, 1, 2]
    assert "it/s" not in capsys.readouterr().err


def test_a_layer_streams_through_what_a_subclass_gives_it_and_is_itself_again_afterwards():
    vae = AudioVAEV2(config=AudioVAEConfigV2(encoder_dim=8, decoder_rates=[8, 6])).eval()
    latents, streamed = torch.randn(2, 1, 64, 4), []

    class Watching(ExtensibleStreamingDecoder):
        def streaming_forward(self, layer, context, trim):
            if layer.stride[0] != 8:
                return None  # voxcpm's own

            def forward(inputs):
                before = self.swap_context(layer, inputs, context)
                streamed.append(before is None)
                padded = torch.cat([before, inputs], -1) if before is not None else None
                padded = nn_pad(inputs, context) if padded is None else padded
                made = torch.nn.ConvTranspose1d.forward(layer, padded)
                return made[..., context * layer.stride[0] : made.size(-1) - trim]

            return forward

    def nn_pad(inputs, context):
        return torch.nn.functional.pad(inputs, (context, 0))

    forwards = {id(layer): layer.forward for layer in vae.decoder.modules()}
    with torch.inference_mode():
        with vae.streaming_decode() as decoder:
            expected = [decoder.decode_chunk(patch) for patch in latents]
        with Watching(vae) as decoder:
            made = [decoder.decode_chunk(patch) for patch in latents]
    assert all(torch.equal(*pair) for pair in zip(made, expected, strict=True))
    assert streamed == [True, False]
    assert all(layer.forward == forwards[id(layer)] for layer in vae.decoder.modules())


def test_where_compiling_fails_voxcpm_leaves_the_encoder_as_it_was(tiny_checkpoint, capsys):
    """Which is how `Model` knows: see `VoxCPM2Model.optimize`."""
    model = VoxCPM2Model.from_local(str(tiny_checkpoint), optimize=False, device="cpu")
    encoder = model.feat_encoder
    model.optimize()
    assert model.feat_encoder is encoder
    assert "torch.compile disabled" in capsys.readouterr().err

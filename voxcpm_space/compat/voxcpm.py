"""voxcpm 2.0.3: what of it is replaced, and how.

voxcpm has no way to be told of another layer, cache or decoder. So parts of a loaded model are
exchanged for ours, which were written from the source of 2.0.3. `changed` compares the source with
that: where it is another one, voxcpm's own part stays.
"""

import hashlib
import inspect
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache, partial
from typing import Any, TypeAlias

from torch import Tensor, nn
from voxcpm.model import voxcpm2
from voxcpm.model.voxcpm2 import VoxCPM2Model
from voxcpm.modules.audiovae import AudioVAEV2
from voxcpm.modules.audiovae.audio_vae_v2 import (
    CausalTransposeConv1d,
    Snake1d,
    StreamingVAEDecoder,
)
from voxcpm.modules.locdit.local_dit_v2 import (
    SinusoidalPosEmb,
    TimestepEmbedding,
    VoxCPMLocDiT,
)
from voxcpm.modules.locdit.unified_cfm import UnifiedCFM
from voxcpm.modules.locenc import VoxCPMLocEnc
from voxcpm.modules.minicpm4 import model as minicpm
from voxcpm.modules.minicpm4.cache import StaticKVCache

logger = logging.getLogger(__name__)

Part: TypeAlias = type | Callable[..., Any]
OpenDecoder: TypeAlias = Callable[[], AbstractContextManager[StreamingVAEDecoder]]

TRANSFORMERS: Sequence[Part] = (
    minicpm.rotate_half,
    minicpm.apply_rotary_pos_emb,
    minicpm.MiniCPMLongRoPE,
    minicpm.MiniCPMAttention,
    minicpm.MiniCPMMLP,
    minicpm.MiniCPMDecoderLayer,
    minicpm.MiniCPMModel,
    SinusoidalPosEmb,
    TimestepEmbedding,
    VoxCPMLocDiT,
    StaticKVCache,
)
CARD_LAYERS: Sequence[Part] = (*TRANSFORMERS, minicpm.MiniCPMRMSNorm)
FLOW: tuple[Part, ...] = (UnifiedCFM,)
DECODER: Sequence[Part] = (StreamingVAEDecoder, CausalTransposeConv1d, Snake1d)
GRAPHED: Sequence[Part] = (
    minicpm.MiniCPMModel,
    UnifiedCFM,
    VoxCPMLocDiT,
    VoxCPMLocEnc,
    AudioVAEV2.decode,
    StreamingVAEDecoder,
    Snake1d,
    VoxCPM2Model._inference,
)
PREFILLED_DECODER: tuple[Part, ...] = (
    StreamingVAEDecoder,
    AudioVAEV2.streaming_decode,
    VoxCPM2Model._generate_with_prompt_cache,
)
LOADING: Sequence[Part] = (
    VoxCPM2Model.__init__,
    VoxCPM2Model.from_local,
    minicpm.MiniCPMLongRoPE,
    StaticKVCache,
)

_KNOWN = {
    "AudioVAE.decode": "1eb1747856c3676697eb66d38421310d",
    "AudioVAE.streaming_decode": "8b719a865fb2f558101ad0f8c5264b0d",
    "CausalTransposeConv1d": "f42d35846d3761f75d6b43350f8c7c68",
    "MiniCPMAttention": "446dc75dd72867d9b2c019cc007c849a",
    "MiniCPMDecoderLayer": "5801c67726bec76f9e70b320a06daf02",
    "MiniCPMLongRoPE": "5b94234e670304bbc7b8e9f6107794a4",
    "MiniCPMMLP": "774495fc775c37d994f3a3980fb42fe2",
    "MiniCPMModel": "a1011b81f46e8160485d4e1e605c09d4",
    "MiniCPMRMSNorm": "d98ae7e9121fa7423bb1db66cfaef020",
    "SinusoidalPosEmb": "1a7a86c89b16a255b4e78cce6fbf1fbc",
    "Snake1d": "57e7131528b1617f8487fb8fca2f9097",
    "StaticKVCache": "22be1ff63ee93ede0e09d93b8c0d8546",
    "StreamingVAEDecoder": "5d7bb0387985aaceba28a497ca227551",
    "TimestepEmbedding": "a6bc8f464a6fc60e8ba24e5ce95e94cb",
    "UnifiedCFM": "51f56f753ae254d1829688cd6dc2eb2e",
    "VoxCPM2Model.__init__": "19847493c40a23f6768cfcba7bc56649",
    "VoxCPM2Model._generate_with_prompt_cache": "7f1616f3175514f65ce6b2703a86bc22",
    "VoxCPM2Model._inference": "b66d8d580401bc7e07571be20008a1b7",
    "VoxCPM2Model.from_local": "64cda7bfddc8815db82803be54fe6c6e",
    "VoxCPMLocDiT": "fd208fd65eb5a137547e802bc5276f1d",
    "VoxCPMLocEnc": "2b0d661de2f5d895930199f759575304",
    "apply_rotary_pos_emb": "5723551b3f91b556120590b601fa68c4",
    "rotate_half": "c916a135e7cd6059125b2dc50b35b9e0",
}
"""Digests by name; `python -m voxcpm_space.compat.voxcpm` prints those of the installed voxcpm."""


def changed(parts: Sequence[Part]) -> list[str]:
    """Gives the names of the parts whose source is not that of voxcpm 2.0.3, or not there."""
    return [part.__qualname__ for part in parts if digest(part) != _KNOWN[part.__qualname__]]


@cache
def are_known(parts: tuple[Part, ...], otherwise: str) -> bool:
    """Tells whether none of the parts is `changed`, for what asks at every request.

    Args:
        parts: What is to be replaced.
        otherwise: What happens where one is another, which the log says once.
    """
    names = changed(parts)
    if names:
        logger.warning("In voxcpm %s are not the known ones: %s", ", ".join(names), otherwise)
    return not names


def digest(part: Part) -> str | None:
    """Hashes the source of a function, or of all methods of a class; None where it has none."""
    functions = [part]
    if isinstance(part, type):
        functions = [
            member for _, member in sorted(vars(part).items()) if inspect.isfunction(member)
        ]
    try:
        sources = [inspect.getsource(inspect.unwrap(function)) for function in functions]
    except (OSError, TypeError):
        return None
    return hashlib.blake2b("\n".join(sources).encode(), digest_size=16).hexdigest()


def silence_progress_bar() -> None:
    """Shows no bar while voxcpm generates: it counts to a length that nothing reaches.

    voxcpm has no parameter for it. tqdm's own `TQDM_DISABLE` would also silence the download of the
    checkpoint, whose progress the page shows, where both are in one process (ZeroGPU).
    """
    if not isinstance(voxcpm2.tqdm, partial):
        voxcpm2.tqdm = partial(voxcpm2.tqdm, disable=True)


def turn_into(layer: nn.Module, kind: type[nn.Module]) -> None:
    """Makes a layer one of a subclass, with all that it has.

    `StreamingVAEDecoder` looks for layers by class and reads their padding under its mangled name,
    which no other layer has.
    """
    layer.__class__ = kind


def stream_through(vae: AudioVAEV2, open_decoder: OpenDecoder) -> None:
    """Lets a VAE decode its streams with another decoder.

    `VoxCPM2Model` calls `streaming_decode`, and can be given no decoder. A subclass of the VAE
    would do, but not where voxcpm itself builds the model.
    """
    vae.streaming_decode = open_decoder


@contextmanager
def streaming_through(vae: AudioVAEV2, open_decoder: OpenDecoder) -> Iterator[None]:
    """Does so inside, for the reason of `stream_through`."""
    before = vae.streaming_decode
    vae.streaming_decode = open_decoder
    try:
        yield
    finally:
        vae.streaming_decode = before


@contextmanager
def flow_solved_with(cfm: UnifiedCFM, solve: Callable[..., Tensor]) -> Iterator[None]:
    """Lets a flow be solved by another function inside.

    `VoxCPM2Model` calls the flow with a number of steps, and can say nothing of how; the `solver`
    of its configuration is not looked at.
    """
    cfm.solve_euler = solve
    try:
        yield
    finally:
        del cfm.solve_euler


def encode_patches_with(model: VoxCPM2Model, encoder: nn.Module) -> None:
    """Lets a model encode the patches that it makes with another encoder, one at a time.

    The patches of a reference, which come all at once, stay with its own. voxcpm tells the two
    apart only where it has compiled the model.
    """
    model._feat_encoder_raw = model.feat_encoder
    model.feat_encoder = encoder


def decoder_states(decoder: StreamingVAEDecoder) -> dict[int, Tensor]:
    """Gives what a streaming decoder remembers of a stream, which it has no name for."""
    states: dict[int, Tensor] = decoder._states
    return states


class ExtensibleStreamingDecoder(StreamingVAEDecoder):  # type: ignore[misc]  # voxcpm is untyped
    """A streaming decoder whose subclasses say how a transposed convolution streams.

    voxcpm decides that in private methods, which also hold the state.
    """

    def streaming_forward(
        self, layer: nn.ConvTranspose1d, context: int, trim: int
    ) -> Callable[[Tensor], Tensor] | None:
        """Gives what replaces a layer's forward while the decoder is open; None for voxcpm's.

        Args:
            layer: It takes (batch, channels, inputs).
            context: How many of the latest inputs it needs for the next ones.
            trim: Samples at the end of its output that it does not give.
        """
        raise NotImplementedError

    def swap_context(self, layer: nn.Module, inputs: Tensor, context: int) -> Tensor | None:
        """Keeps the last inputs of a layer, and gives those that were kept; None at the first."""
        before: Tensor | None = self._states.get(id(layer))
        self._states[id(layer)] = inputs[:, :, -context:]
        return before

    def _patch_transpose_conv(self, mod: nn.ConvTranspose1d, ctx: int, trim: int) -> None:
        forward = self.streaming_forward(mod, ctx, trim)
        if forward is None:
            super()._patch_transpose_conv(mod, ctx, trim)
            return
        self._originals.append((mod, mod.forward))
        mod.forward = forward  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    digests = {
        part.__qualname__: digest(part)
        for part in (*CARD_LAYERS, *DECODER, *GRAPHED, *PREFILLED_DECODER, *LOADING)
    }
    for name, known in sorted(digests.items()):
        print(f'    "{name}": "{known}",')  # noqa: T201

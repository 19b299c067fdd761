"""Train the language model with LocEnc and LocDiT: python -m preview_training.lm SPEECH RUN.

Beside VoxCPM2's own losses, some of its attention is guided: heads are told which token to look
at, since that is known. Other heads, which are thrown away at the end, must tell from the hidden
state what is said next. The past that the model hears is distorted, as its own speech will be.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F  # noqa: N812 - the usual name
from torch.nn.attention import SDPBackend, sdpa_kernel
from voxcpm.model.voxcpm2 import VoxCPM2Model, VoxCPMConfig
from voxcpm.modules.audiovae import AudioVAEV2
from voxcpm.modules.minicpm4.model import apply_rotary_pos_emb

from preview_training import latents, vocoder
from preview_training.examples import Batch, Examples, load_voices
from preview_training.model import EMBEDDING, HEADS, HIDDEN, config
from preview_training.phones import PHONES
from preview_training.spectra import Spectra
from preview_training.tokens import KINDS, Speaker, Token, save_tokenizer
from preview_training.training import Run, drawn_by

_PATCH_SIZE = (HIDDEN - latents.WORD_CODE) // latents.MOST_PATCHES  # numbers of a token's row
_PHONE_IDS = len(PHONES) + 1
_LONG_SHARE, _LONG_EVERY = 4, 8  # a batch of long examples has a fourth of them
_DRAWN_AT_ONCE = 4  # batches, among which examples are sorted by length
# LocDiT costs most: it learns from few patches until the model knows what to say when.
_ALIGNED_AFTER, _DIFFUSED = 1200, (0.2, 0.7)  # steps; share of patches before and after
_KEEP = 0.99  # of the moving average of the weights, each step
_SPECTRUM_NOISE, _SIGN_NOISE, _PITCH_NOISE = 0.8, 1.0, 0.4  # at most, of the past
_SIGN_SIZES = 0.6, 1.8  # of the past's signs: guidance makes them larger than they should be
_BLENDED = 0.3  # share of patches whose sound, but not whose place, is blended with another's


class TextEmbedding(nn.Module):
    """A token's vector: its code, one part for each of its patches, and what kind it is."""

    def __init__(self) -> None:
        super().__init__()
        self.phone = nn.Embedding(vocoder.PATCH * _PHONE_IDS, _PATCH_SIZE)
        self.kind = nn.Embedding(len(KINDS), HIDDEN)
        self.spectrum = nn.Linear(vocoder.PATCH * latents.SPECTRUM.stop, _PATCH_SIZE, bias=False)
        nn.init.normal_(self.phone.weight, std=0.5)
        nn.init.normal_(self.kind.weight, std=0.2)
        first = torch.arange(vocoder.PATCH) * _PHONE_IDS
        self.register_buffer("first", first.repeat(latents.MOST_PATCHES), persistent=False)

    def forward(
        self, slots: torch.Tensor, spectra: torch.Tensor, code: torch.Tensor, kind: torch.Tensor
    ) -> torch.Tensor:
        phones = self.phone(slots + self.first) * (slots > 0)[..., None]
        patches = phones.unflatten(-2, (latents.MOST_PATCHES, vocoder.PATCH)).sum(-2)
        patches = patches + self.spectrum(spectra)
        return torch.cat((code, patches.flatten(-2)), -1) + self.kind(kind)

    def of(self, batch: Batch) -> torch.Tensor:
        return self(batch.slots, batch.spectra, batch.code, batch.kind)


class ExportedRows(nn.Module):
    """The vectors of an exported checkpoint's tokens, which stay as they are."""

    def __init__(self, table: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("table", table.float(), persistent=False)

    def of(self, batch: Batch) -> torch.Tensor:
        return self.table[batch.number]


class Attention:
    """The attention of a layer, as far as it has to be looked at."""

    def __init__(self, layer: nn.Module) -> None:
        self._queries, self._keys = torch.empty(0), torch.empty(0)
        layer.self_attn.q_proj.register_forward_hook(self._keep_queries)
        layer.self_attn.k_proj.register_forward_hook(self._keep_keys)

    def _keep_queries(self, _module: nn.Module, _inputs: object, made: torch.Tensor) -> None:
        self._queries = made

    def _keep_keys(self, _module: nn.Module, _inputs: object, made: torch.Tensor) -> None:
        self._keys = made

    def logits(self, rope: nn.Module) -> torch.Tensor:
        """Of each row: (batch, heads, queries, keys), not yet masked."""
        q, k = (
            x.float().unflatten(-1, (HEADS, -1)).transpose(1, 2)
            for x in (self._queries, self._keys)
        )
        q, k = apply_rotary_pos_emb(q, k, *rope(torch.arange(q.shape[2])))
        return q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5


class _NoTokenizer:
    vocab: dict[str, int] = {}  # noqa: RUF012 - voxcpm reads it once


def importance(spectrum: latents.Spectrum) -> torch.Tensor:
    """How much an error of each of the SIZE numbers of a frame weighs in the losses."""
    weights = torch.empty(latents.SIZE)
    weights[latents.SPECTRUM] = torch.from_numpy(spectrum.importance)
    weights[latents.PHONE] = 0.6
    weights[latents.PLACE] = weights[latents.PITCH] = 0.4
    return weights


class Trainee(nn.Module):
    """VoxCPM2's modules, the composed text embedding and the heads for training only."""

    def __init__(self) -> None:
        super().__init__()
        settings = VoxCPMConfig.model_validate(config(vocabulary_size=512))
        vae = AudioVAEV2(config=settings.audio_vae_config)
        model = VoxCPM2Model(settings, _NoTokenizer(), vae, device="cpu")
        del model.audio_vae
        model.base_lm.embed_tokens = nn.Identity()
        self.model = model
        self.text: TextEmbedding | ExportedRows = TextEmbedding()
        self.phones = nn.Linear(HIDDEN, vocoder.PATCH * _PHONE_IDS)
        self.sound = nn.Linear(2 * settings.dit_config.hidden_dim, vocoder.PATCH * latents.SIZE)
        self.attentions = [Attention(layer) for layer in model.base_lm.layers]
        self.frame_attention = Attention(model.feat_encoder.encoder.layers[0])

    def hidden(self, batch: Batch, past: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Of each spoken patch: LM state and LocDiT's conditioning."""
        model, audio = self.model, batch.is_audio.bool()
        patches = model.enc_to_lm_proj(model.feat_encoder(past[audio][None]))[0]
        heard = patches.new_zeros(*audio.shape, HIDDEN)
        heard[audio] = patches
        is_text, is_audio = batch.is_text[..., None], batch.is_audio[..., None]
        inputs = self.text.of(batch) * is_text + heard
        state, _ = model.base_lm(inputs_embeds=inputs, is_causal=True)
        state = model.fsq_layer(state) * is_audio + state * is_text
        rest, _ = model.residual_lm(
            inputs_embeds=model.fusion_concat_proj(torch.cat((state, heard), -1)), is_causal=True
        )
        before = [F.pad(x[:, :-1], (0, 0, 1, 0))[batch.spoken] for x in (state, rest)]
        given = torch.cat((model.lm_to_dit_proj(before[0]), model.res_to_dit_proj(before[1])), -1)
        return before[0], given

    def losses(
        self, batch: Batch, weights: torch.Tensor, *, aligned: bool
    ) -> dict[str, torch.Tensor]:
        """Each by its name; weights (SIZE,) as importance() gives them."""
        model, spoken = self.model, batch.spoken
        past = distort(batch)
        state, given = self.hidden(batch, past)
        wanted = batch.audio[spoken]
        before = F.pad(past[:, :-1], (0, 0, 0, 0, 1, 0))[spoken]
        some = torch.rand(len(wanted)) < _DIFFUSED[aligned]
        diffusion = self._diffusion(wanted[some], given[some], before[some])
        stop = model.stop_head(model.stop_actn(model.stop_proj(state)))
        phones, told = batch.phones[spoken].flatten(), self.phones(state).view(-1, _PHONE_IDS)
        sound = self.sound(given).view_as(wanted)
        place, wanted_place = sound[..., latents.PLACE], wanted[..., latents.PLACE]
        return {
            "diffusion": (diffusion * weights).mean(),
            "stop": F.cross_entropy(stop, batch.last[spoken]),
            "phones": F.cross_entropy(told, phones),
            "sound": ((sound - wanted).square() * weights).mean(),
            "place": F.mse_loss(place, wanted_place),
            **self._guidance(batch),
            "wrong": (told.argmax(-1) != phones).float().mean(),
            "lost": ((place > 0) != (wanted_place > 0)).float().mean(),
        }

    def _diffusion(
        self, wanted: torch.Tensor, given: torch.Tensor, before: torch.Tensor
    ) -> torch.Tensor:
        """Squared errors (patches, PATCH, SIZE) of LocDiT's velocity, as voxcpm trains it."""
        decoder = self.model.feat_decoder
        given = given * (torch.rand(len(given), 1) > decoder.training_cfg_rate)
        times = torch.sigmoid(0.2 + 1.1 * torch.randn(len(wanted)))
        noise = torch.randn_like(wanted)
        mixed = torch.lerp(wanted, noise, times[:, None, None])
        velocity = decoder.estimator(
            mixed.transpose(1, 2), given, times, before.transpose(1, 2), torch.zeros_like(times)
        )
        errors: torch.Tensor = (velocity.transpose(1, 2) - (noise - wanted)).square()
        return errors

    def _guidance(self, batch: Batch) -> dict[str, torch.Tensor]:
        """How far the guided heads are from looking at what they should."""
        rope = self.model.base_lm.rope_emb
        links, pointers, contents = (attention.logits(rope) for attention in self.attentions)
        row, column = torch.nonzero(batch.linked, as_tuple=True)
        before = batch.before[row, column].repeat_interleave(2, 1)  # two heads for each
        linked = _causal(links)[row, : before.shape[1], column]
        row, column = torch.nonzero(batch.spoken, as_tuple=True)
        target, number, following = batch.targets[row, column].unbind(1)
        own_patch = torch.arange(HEADS) == number[:, None]
        where = torch.where(own_patch, target[:, None], batch.end_of_text[row, None])
        content = torch.stack((target, target, target, following, following), 1)
        frames = self.frame_attention.logits(self.model.feat_encoder.encoder.rope_emb)[:, :, 0]
        wanted_frame = (1 + torch.arange(HEADS) * vocoder.PATCH // HEADS).expand(len(frames), -1)
        return {
            "links": _miss(linked, before),
            "pointer": _miss(_causal(pointers)[row, :, column - 1], where),
            "content": _miss(_causal(contents)[row, :5, column - 1], content),
            "frames": _miss(frames, wanted_frame),
        }


def _causal(logits: torch.Tensor) -> torch.Tensor:
    future = torch.ones(logits.shape[-2:], dtype=torch.bool).triu(1)
    return logits.masked_fill(future, float("-inf"))


def _miss(logits: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    return F.cross_entropy(logits.flatten(0, 1), wanted.flatten())


WEIGHTS = {
    "diffusion": 1.0,
    "stop": 0.1,
    "phones": 0.2,
    "sound": 1.0,
    "place": 1.0,
    "links": 0.1,
    "pointer": 0.1,
    "content": 0.1,
    "frames": 0.02,
}
WEIGHTS_GOING_ON = {k: v for k, v in WEIGHTS.items() if k not in {"phones", "sound", "place"}}
"""From an exported checkpoint, which has no heads for training."""


def distort(batch: Batch) -> torch.Tensor:
    """The audio (batch, positions, PATCH, SIZE) as the model's own might be."""
    audio, heard = batch.audio, batch.is_audio.bool()
    rows = len(audio)
    past = audio.clone()
    blended = batch.spoken & (torch.rand(batch.spoken.shape) < _BLENDED * torch.rand(rows, 1))
    others = audio[heard][torch.randint(int(heard.sum()), (int(blended.sum()),))]
    mixed = torch.lerp(past[blended], others, torch.rand(len(others), 1, 1))
    mixed[..., latents.PLACE.start :] = past[blended][..., latents.PLACE.start :]
    past[blended] = mixed
    sizes = torch.empty(rows, audio.shape[1], 1, 1).uniform_(*_SIGN_SIZES)
    past[..., latents.PHONE.start : latents.PLACE.stop] *= sizes
    noise = torch.randn_like(audio) * batch.is_audio[..., None, None]
    signs = slice(latents.PHONE.start, latents.PLACE.stop)
    for part, most in (
        (latents.SPECTRUM, _SPECTRUM_NOISE),
        (signs, _SIGN_NOISE),
        (latents.PITCH, _PITCH_NOISE),
    ):
        noise[..., part] *= most * torch.rand(rows, 1, 1, 1)
    return past + noise


class Average:
    """Moving average of the weights, which speaks better than the last ones."""

    def __init__(self, module: nn.Module, path: Path) -> None:
        self._module, self._path = module, path
        self.weights = {name: p.detach().clone() for name, p in module.named_parameters()}
        if path.exists():
            device = next(module.parameters()).device
            self.weights = torch.load(path, weights_only=True, map_location=device)

    @torch.no_grad()
    def follow(self, step: int) -> None:
        keep = min(_KEEP, (step + 1) / (step + 20))
        parameters = dict(self._module.named_parameters())
        averages = [self.weights[name] for name in parameters]
        torch._foreach_lerp_(averages, list(parameters.values()), 1 - keep)
        if step % 200 == 0:
            self.save()

    def save(self) -> None:
        torch.save(self.weights, self._path)


def batches(
    seed: int, *, examples: Callable[[int], Examples], numbers: Mapping[Token, int], size: int
) -> Iterator[Batch]:
    """Batches of examples of like length; now and then one of long examples."""
    draws = examples(seed)
    step = 0
    while True:
        drawn = [draws.draw(long=False) for _ in range(_DRAWN_AT_ONCE * size)]
        drawn.sort(key=lambda example: len(example.tokens))
        for first in range(0, len(drawn), size):
            yield Batch.of(drawn[first : first + size], draws.spectra, numbers)
            step += 1
            if step % _LONG_EVERY == 0:
                drawn_long = [draws.draw(long=True) for _ in range(size // _LONG_SHARE)]
                yield Batch.of(drawn_long, draws.spectra, numbers)


def start_from(checkpoint: Path, trainee: Trainee, by_id: list[Token]) -> dict[Token, int]:
    """Take an exported language model over, its rows as they are; gives the numbers of tokens.

    Of tokens that sound alike the first one's.
    """
    weights = load_file(checkpoint / "model.safetensors")
    trainee.text = ExportedRows(weights.pop(EMBEDDING))
    if len(trainee.text.table) != len(by_id):
        raise ValueError(f"{checkpoint} has other tokens than this SPEECH makes.")
    trainee.model.load_state_dict({name: part.float() for name, part in weights.items()})
    for head in (trainee.phones, trainee.sound):
        head.requires_grad_(requires_grad=False)
    return {token: number for number, token in reversed(list(enumerate(by_id)))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speech", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--minutes", type=float, default=70)
    parser.add_argument("--start", type=Path, help="folder of a checkpoint to go on from")
    parser.add_argument("--device", type=torch.device, default="cpu")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--workers", type=int, default=0, help="processes that draw examples")
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_float32_matmul_precision("high")
    torch.manual_seed(2)
    trainee = Trainee()
    speaker, wanted, numbers = Speaker.load(given.speech), WEIGHTS, {}
    if given.start:
        numbers = start_from(given.start, trainee, save_tokenizer(speaker, given.run))
        wanted = WEIGHTS_GOING_ON
    trainee.to(given.device)
    rate = 4e-4 if given.start else 1.5e-3
    run = Run(given.run / "lm.pt", trainee, minutes=given.minutes, rate=rate)
    average = Average(trainee, given.run / "lm-average.pt")
    weights = importance(latents.spectrum()).to(given.device)
    voices = load_voices(given.speech, given.run, given.start)
    examples = partial(Examples, speaker, Spectra.load(given.speech), voices)
    draw = partial(batches, examples=examples, numbers=numbers, size=given.batch)
    queue = drawn_by(given.workers, draw, seed=run.step)
    next_batch = next(queue)  # so that its workers have started on the CPU
    torch.set_default_device(given.device)
    while run.goes_on():
        batch, next_batch = next_batch.to(given.device), next(queue)
        # Plain attention is the fastest for very many sequences of five to eleven positions.
        plain = sdpa_kernel(SDPBackend.MATH) if given.device.type == "cpu" else nullcontext()
        with torch.autocast(given.device.type, torch.bfloat16), plain:
            aligned = given.start is not None or run.step >= _ALIGNED_AFTER
            losses = trainee.losses(batch, weights, aligned=aligned)
        loss = torch.stack([weight * losses[name].float() for name, weight in wanted.items()]).sum()
        run.learn(loss, **{name: part.detach() for name, part in losses.items()})
        average.follow(run.step)
    average.save()


if __name__ == "__main__":
    main()

"""Train the language model with LocEnc and LocDiT: python -m preview_training.lm SPEECH RUN.

Beside VoxCPM2's own losses, heads that are thrown away at the end must tell from the hidden state
which phone each frame is of and how it sounds. The past that the model hears is distorted, as its
own speech will be.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - the usual name
from voxcpm.model.voxcpm2 import VoxCPM2Model, VoxCPMConfig
from voxcpm.modules.audiovae import AudioVAEV2

from preview_training import latents
from preview_training.examples import Batch, Examples, load_voices
from preview_training.model import HIDDEN, config
from preview_training.phones import MAX_WORD_PHONES, PHONES, Lexicon
from preview_training.tokens import KINDS
from preview_training.training import Run

_SLOT_SIZE = HIDDEN // MAX_WORD_PHONES
_PHONE_IDS = len(PHONES) + 1
_FRAME_CLASSES = 4 * _PHONE_IDS
_BATCH, _LONG_BATCH, _LONG_EVERY = 10, 3, 10
_DRAWN_AT_ONCE = 4  # batches, among which examples are sorted by length
# LocDiT costs most: it learns from few patches until the model knows what to say when.
_ALIGNED_AFTER, _DIFFUSED = 1000, (0.3, 0.8)  # steps; share of patches before and after
_KEEP = 0.998  # of the moving average of the weights, each step
_SPECTRUM_NOISE, _CODE_NOISE = 0.8, 0.4  # at most, of the past
# In most sequences the past does not say what comes next: else the model would go by that and
# never look at the text.
_UNTOLD = 0.7
_WRONG_PAST = 0.35  # share of patches blended with others, in half of the sequences


class TextEmbedding(nn.Module):
    """A token's vector: one part for each phone, and one for what it is beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.slot = nn.Embedding(MAX_WORD_PHONES * _PHONE_IDS, _SLOT_SIZE)
        self.kind = nn.Embedding(len(KINDS), HIDDEN)
        nn.init.normal_(self.slot.weight, std=0.6)
        nn.init.normal_(self.kind.weight, std=0.4)
        self.register_buffer("first", torch.arange(MAX_WORD_PHONES) * _PHONE_IDS, persistent=False)

    def forward(self, slots: torch.Tensor, kind: torch.Tensor) -> torch.Tensor:
        phones = self.slot(slots + self.first).flatten(-2)
        return phones * (slots.sum(-1, keepdim=True) > 0) + self.kind(kind)


class _NoTokenizer:
    vocab: dict[str, int] = {}  # noqa: RUF012 - voxcpm reads it once


def log_normal_times(batch: torch.Tensor, **_: float) -> tuple[torch.Tensor, torch.Tensor]:
    times = torch.sigmoid(0.2 + 1.1 * torch.randn(len(batch)))
    return times, times


class Trainee(nn.Module):
    """VoxCPM2's modules, the composed text embedding and the heads for training only."""

    def __init__(self) -> None:
        super().__init__()
        settings = VoxCPMConfig.model_validate(config(vocabulary_size=512))
        vae = AudioVAEV2(config=settings.audio_vae_config)
        model = VoxCPM2Model(settings, _NoTokenizer(), vae, device="cpu")
        del model.audio_vae
        model.base_lm.embed_tokens = nn.Identity()
        model.feat_decoder.sample_r_t = log_normal_times
        self.model = model
        self.text = TextEmbedding()
        frames = latents.PATCH
        self.phones = nn.Linear(HIDDEN, frames * _FRAME_CLASSES)
        self.places = nn.Linear(HIDDEN, frames * MAX_WORD_PHONES)
        self.heard = nn.Linear(HIDDEN, frames * _FRAME_CLASSES)
        self.sound = nn.Linear(2 * settings.dit_config.hidden_dim, frames * latents.SIZE)

    def hidden(self, batch: Batch, past: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Of each spoken patch: LM state, LocDiT's conditioning, LocEnc's view of the patch."""
        model, audio = self.model, batch.is_audio.bool()
        patches = model.enc_to_lm_proj(model.feat_encoder(past[audio][None]))[0]
        heard = patches.new_zeros(*audio.shape, HIDDEN)
        heard[audio] = patches
        is_text, is_audio = batch.is_text[..., None], batch.is_audio[..., None]
        inputs = self.text(batch.slots, batch.kind) * is_text + heard
        state, _ = model.base_lm(inputs_embeds=inputs, is_causal=True)
        state = model.fsq_layer(state) * is_audio + state * is_text
        rest, _ = model.residual_lm(
            inputs_embeds=model.fusion_concat_proj(torch.cat((state, heard), -1)), is_causal=True
        )
        before = [F.pad(x[:, :-1], (0, 0, 1, 0))[batch.spoken] for x in (state, rest)]
        given = torch.cat((model.lm_to_dit_proj(before[0]), model.res_to_dit_proj(before[1])), -1)
        return before[0], given, heard[batch.spoken]

    def losses(self, batch: Batch, *, aligned: bool) -> dict[str, torch.Tensor]:
        model, spoken = self.model, batch.spoken
        past = distort(batch)
        state, given, heard = self.hidden(batch, past)
        wanted, phones = batch.audio[spoken], batch.phones[spoken].flatten()
        before = F.pad(past[:, :-1], (0, 0, 0, 0, 1, 0))[spoken]
        some = torch.rand(len(wanted)) < _DIFFUSED[aligned]
        diffusion = model.feat_decoder.compute_loss(
            wanted[some].transpose(1, 2), given[some], cond=before[some].transpose(1, 2)
        )
        stop = model.stop_head(model.stop_actn(model.stop_proj(state)))
        told = self.phones(state).view(-1, _FRAME_CLASSES)
        places = self.places(state).view(-1, MAX_WORD_PHONES)
        return {
            "diffusion": diffusion,
            "stop": F.cross_entropy(stop, batch.last[spoken]),
            "phones": F.cross_entropy(told, phones),
            "places": F.cross_entropy(places, batch.places[spoken].flatten()),
            "heard": F.cross_entropy(self.heard(heard).view(-1, _FRAME_CLASSES), phones),
            "sound": F.mse_loss(self.sound(given).view_as(wanted), wanted),
            "wrong": (told.argmax(-1) != phones).float().mean(),
        }


WEIGHTS = {"diffusion": 1.0, "stop": 0.1, "phones": 0.3, "places": 0.1, "heard": 0.1, "sound": 0.5}


def distort(batch: Batch) -> torch.Tensor:
    """The audio (batch, positions, PATCH, SIZE) as the model's own might be."""
    audio, heard = batch.audio, batch.is_audio.bool()
    rows = len(audio)
    noise = torch.randn_like(audio)
    noise[..., latents.SPECTRUM] *= _SPECTRUM_NOISE * torch.rand(rows, 1, 1, 1)
    noise[..., latents.SPECTRUM.stop :] *= _CODE_NOISE * torch.rand(rows, 1, 1, 1)
    past = audio + noise * batch.is_audio[..., None, None]
    odds = 2 * _WRONG_PAST * torch.rand(rows, 1) * (torch.rand(rows, 1) < 0.5)
    wrong = batch.spoken & (torch.rand(batch.spoken.shape) < odds)
    others = audio[heard][torch.randint(int(heard.sum()), (int(wrong.sum()),))]
    share = torch.rand(len(others), 1, 1)
    past[wrong] = past[wrong] * (1 - share) + others * share
    told = torch.rand(rows, 1, 1, 1) > _UNTOLD
    past[..., latents.PLACE.start : latents.NEXT_PHONE.stop] *= told
    return past


class Average:
    """Moving average of the weights, which speaks better than the last ones."""

    def __init__(self, module: nn.Module, path: Path) -> None:
        self._module, self._path = module, path
        self.weights = {name: p.detach().clone() for name, p in module.named_parameters()}
        if path.exists():
            self.weights = torch.load(path, weights_only=True)

    @torch.no_grad()
    def follow(self, step: int) -> None:
        keep = min(_KEEP, (step + 1) / (step + 20))
        for name, parameter in self._module.named_parameters():
            self.weights[name].lerp_(parameter, 1 - keep)
        if step % 200 == 0:
            self.save()

    def save(self) -> None:
        torch.save(self.weights, self._path)


def batches(examples: Examples) -> Iterator[Batch]:
    """Batches of examples of like length; now and then one of long examples."""
    step = 0
    while True:
        drawn = [examples.draw(long=False) for _ in range(_DRAWN_AT_ONCE * _BATCH)]
        drawn.sort(key=lambda example: len(example.tokens))
        for first in range(0, len(drawn), _BATCH):
            yield Batch.of(drawn[first : first + _BATCH])
            step += 1
            if step % _LONG_EVERY == 0:
                yield Batch.of([examples.draw(long=True) for _ in range(_LONG_BATCH)])


def prepare(folder: Path, run_folder: Path, seed: int) -> Examples:
    speech = latents.load_frames(folder)
    lexicon = Lexicon.load(folder / "lexicon.json")
    return Examples(speech, lexicon, load_voices(folder, run_folder), seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speech", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--minutes", type=float, default=70)
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(2)
    trainee = Trainee()
    run = Run(given.run / "lm.pt", trainee, minutes=given.minutes, rate=1.5e-3)
    average = Average(trainee, given.run / "lm-average.pt")
    examples = prepare(given.speech, given.run, seed=run.step)
    queue = batches(examples)
    while run.goes_on():
        with torch.autocast("cpu", torch.bfloat16):
            losses = trainee.losses(next(queue), aligned=run.step >= _ALIGNED_AFTER)
        loss = torch.stack(
            [weight * losses[name].float() for name, weight in WEIGHTS.items()]
        ).sum()
        run.learn(loss, **{name: part.detach() for name, part in losses.items()})
        average.follow(run.step)
    average.save()


if __name__ == "__main__":
    main()

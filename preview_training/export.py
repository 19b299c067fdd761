"""Write the checkpoint: python -m preview_training.export SPEECH RUN FOLDER."""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from preview_training import tokens
from preview_training.lm import Trainee
from preview_training.model import EMBEDDING, config, new_audio_vae, part_of_vae
from preview_training.spectra import Spectra

_DTYPE = torch.bfloat16
_TABLE_DTYPE = torch.float8_e4m3fn  # loaded into the model's dtype; half of it is signs anyway
_VAE_DTYPE = torch.float16


def language_model(
    run: Path, by_id: list[tokens.Token], spectra: Spectra, start: Path | None
) -> dict[str, torch.Tensor]:
    """Weights by the names that voxcpm uses, without what only training needs."""
    trainee = Trainee()
    learned = torch.load(run / "lm-average.pt", weights_only=True, map_location="cpu")
    trainee.load_state_dict(learned, strict=False)
    if start:
        table = load_file(start / "model.safetensors")[EMBEDDING]
    else:
        table = _composed(trainee, by_id, spectra)
    weights = dict(trainee.model.state_dict())
    stored = {name: weight.to(_DTYPE).contiguous() for name, weight in weights.items()}
    return stored | {EMBEDDING: table.to(_TABLE_DTYPE).contiguous()}


@torch.no_grad()
def _composed(trainee: Trainee, by_id: list[tokens.Token], spectra: Spectra) -> torch.Tensor:
    slots = torch.tensor([token.slots for token in by_id])
    alone = torch.from_numpy(np.stack([spectra.of_token(token) for token in by_id]))
    codes = torch.from_numpy(np.stack([token.code for token in by_id]))
    kinds = torch.tensor([tokens.KIND[token.kind] for token in by_id])
    table: torch.Tensor = trainee.text(slots, alone, codes, kinds)
    return table


def audio_vae(run: Path, start: Path | None) -> dict[str, torch.Tensor]:
    """Weights of what the run has learned, else of the checkpoint it started from."""
    vae = new_audio_vae()
    for name in ("encoder", "decoder"):
        learned = run / f"{name}.pt"
        if start and not learned.exists():
            state = part_of_vae(start, name)
        else:
            state = torch.load(learned, weights_only=True, map_location="cpu")["module"]
        getattr(vae, name).load_state_dict(state)
    return {
        name: (weight.to(_VAE_DTYPE) if weight.is_floating_point() else weight).contiguous()
        for name, weight in vae.state_dict().items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speech", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--start", type=Path, help="as given to preview_training.lm")
    given = parser.parse_args()
    by_id = tokens.save_tokenizer(tokens.Speaker.load(given.speech), given.folder)
    settings = json.dumps(config(len(by_id)), indent=1)
    (given.folder / "config.json").write_text(settings + "\n", "utf-8")
    save_file(
        language_model(given.run, by_id, Spectra.load(given.speech), given.start),
        given.folder / "model.safetensors",
    )
    save_file(audio_vae(given.run, given.start), given.folder / "audiovae.safetensors")
    for path in sorted(given.folder.iterdir()):
        print(f"{path.stat().st_size / 1e6:6.2f} MB  {path.name}")


if __name__ == "__main__":
    main()

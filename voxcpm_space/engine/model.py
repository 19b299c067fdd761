"""VoxCPM2 itself: loaded from a checkpoint folder, and streaming one request at a time."""

import warnings
from collections.abc import Generator, Mapping
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from voxcpm.model.voxcpm2 import VoxCPM2Model

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.compat.spaces import is_zero_gpu
from voxcpm_space.compat.voxcpm import silence_progress_bar
from voxcpm_space.engine.checkpoint import PREVIEW_FOLDER
from voxcpm_space.engine.cpu.weights_cache import weights_cache
from voxcpm_space.engine.cuda.faster import capture_graphs, fuse_layers
from voxcpm_space.engine.decoder_prefill import CONTEXT_PATCHES, prefilled_decoder
from voxcpm_space.engine.flow_solver import solver_of
from voxcpm_space.engine.loading import ReplaceModule, load_voxcpm
from voxcpm_space.engine.lora import LoRASwitch
from voxcpm_space.engine.lora_files import NO_LORAS
from voxcpm_space.engine.memory import Memory, measure
from voxcpm_space.engine.optimizations import cpu_optimizations, optimize_vae
from voxcpm_space.engine.request import (
    EncodedReference,
    GenerationRequest,
    GenerationResult,
    Latents,
    ModelOutput,
)
from voxcpm_space.errors import InputError, StartError
from voxcpm_space.messages import N_

silence_progress_bar()

_MIN_FREE_PATCHES = 25
"""4 s of speech: with less room in the context there is no use in starting."""
_WARM_UP_PATCHES, _WARM_UP_STEPS, _WARM_UP_CFG = 4, 10, 2.0
_WIDE_ENOUGH_FOR_THREADS = 1024
"""Below, to wake another core takes longer than what it would take over: the preview is spoken 1.3
times as fast by one as by two."""
_MARKS = 3
"""Tokens around a reference and before the audio, beside those of text and clip."""
_PATCHES_PER_TOKEN, _MORE_PATCHES = 6, 10
"""voxcpm's own bound: `retry_badcase_ratio_threshold`, and what it adds for short texts."""


class Model:
    """A loaded VoxCPM2. Its caches and torch's random numbers serve one request at a time."""

    def __init__(  # noqa: PLR0913  (as many as there are settings)
        self,
        folder: Path,
        device: str,
        *,
        optimized: bool = False,
        int8: bool = False,
        cuda_graphs: bool = False,
        loras: Mapping[str, Path] = NO_LORAS,
        cache: Path | None = None,
    ) -> None:
        """Loads the checkpoint.

        Args:
            folder: A VoxCPM2 checkpoint.
            device: `auto`, `cpu`, `mps`, `cuda` or `cuda:N`.
            optimized: Whether it is compiled into CUDA graphs, which belong to the thread that
                calls this: a process's main thread, which torch prepares for them.
            int8: Whether a CPU computes with weights of 8 bits; elsewhere it changes nothing.
            cuda_graphs: Whether a CUDA device replays graphs of our own, captured in this thread,
                too; elsewhere it changes nothing.
            loras: Folders of the LoRAs that requests can name, as `find_loras` gives them.
            cache: Where weights of 8 bits are kept for the next time; None for in `folder`.

        Raises:
            StartError: The device is not there or not for compiling, or the files are damaged.
        """
        self._loras = LoRASwitch(loras)
        weights = weights_cache(folder, cache) if int8 else None
        replace_module = cpu_optimizations(int8=int8, cache=weights)
        model = _loaded(folder, device, replace_module, self._loras, in_float32=int8)
        optimize_vae(model)
        if not optimized and _has_card_of_its_own(model) and fuse_layers(model) and cuda_graphs:
            capture_graphs(model)
        if optimized and not _compiled(model):
            raise StartError(
                f"VOXCPM_COMPILE is set, but the device is {model.device!r}: VoxCPM2 can be "
                "compiled only on the device 'cuda', with triton installed (it comes with torch "
                "for CUDA). Unset VOXCPM_COMPILE, or choose another card with CUDA_VISIBLE_DEVICES."
            )
        self._voxcpm = model
        # The preview hears no words in a clip, so it cannot tell where in the text the transcript
        # ends, and would read a part of it aloud.
        self._continues_clips = folder != PREVIEW_FOLDER
        self.sample_rate: int = model.sample_rate

    def memory(self) -> Memory:
        """What it takes where it runs, and what is left there."""
        return measure(self._voxcpm.device)

    def warm_up(self) -> None:
        """Generates two beginnings, so that no visitor waits for what is done only once."""
        silence = np.zeros(ENCODER_SAMPLE_RATE, np.float32)
        for reference in (None, silence):
            request = GenerationRequest("Hello.", 0, _WARM_UP_CFG, _WARM_UP_STEPS, reference)
            with closing(self.stream(request)) as outputs:
                list(islice(outputs, _WARM_UP_PATCHES))

    @torch.inference_mode()
    def stream(self, request: GenerationRequest) -> Generator[ModelOutput, None, None]:
        """Generates.

        Yields:
            First the encoded reference, where the request has one that is not encoded yet; then
            one patch (0.16 s) after the other, each mono with shape (samples,); then the result.
        """
        self._loras.use(request.lora)
        encoded = request.encoded
        if request.reference is not None and encoded is None:
            encoded = self._encode_reference(request.reference, request.transcript)
            yield encoded
        prompt = None if encoded is None else self._prompt(encoded, request.transcript)
        torch.manual_seed(request.seed)
        patches = self._voxcpm.generate_with_prompt_cache_streaming(
            target_text=request.text,
            prompt_cache=prompt,
            max_len=self._free_context(request, request.text),
            inference_timesteps=request.dit_steps,
            cfg_value=request.cfg_value,
            retry_badcase=False,
        )
        start = prompt.get("audio_feat") if prompt else None
        before = None if start is None else start[-CONTEXT_PATCHES:]
        latents = []
        flow = solver_of(self._voxcpm.feat_decoder, request.solver)
        with flow, prefilled_decoder(self._voxcpm, before), closing(patches):
            for waveform, _, last_latents in patches:
                latents.append(last_latents[-1])
                yield waveform.squeeze(0).numpy()
        as_array = torch.cat(latents, dim=1)[0].to("cpu", torch.float32).numpy()
        is_capped = len(latents) >= self._max_patches(request)
        yield GenerationResult("length" if is_capped else "stop", as_array)

    def check_context_length(self, request: GenerationRequest, longest_text: str = "") -> None:
        """Returns if text and reference leave the model room to answer.

        Args:
            request: To generate.
            longest_text: Must fit in place of the request's own text, too.

        Raises:
            InputError: They do not.
        """
        longest = max(request.text, longest_text, key=len)
        if self._free_context(request, longest) < _MIN_FREE_PATCHES:
            raise InputError(
                N_(
                    "Text, transcript and reference clip together are too long for the model. "
                    "Please shorten one of them."
                )
            )

    def _free_context(self, request: GenerationRequest, text: str) -> int:
        """Patches that fit into the model's context after a text and the request's reference."""
        tokens = self._voxcpm.text_tokenizer(text + request.transcript)
        used = len(tokens) + _MARKS
        if request.encoded is not None:
            used += request.encoded.patches
        elif request.reference is not None:
            clip = -(-len(request.reference) // self._patch_samples)
            used += clip * (2 if request.transcript else 1)
        return int(self._voxcpm.config.max_length - used)

    def _max_patches(self, request: GenerationRequest) -> int:
        """Patches after which voxcpm ends a generation that does not end itself."""
        tokens = self._voxcpm.text_tokenizer(request.text)
        longest = _PATCHES_PER_TOKEN * len(tokens) + _MORE_PATCHES
        return min(longest, self._free_context(request, request.text))

    @property
    def _patch_samples(self) -> int:
        """Samples of reference, at the encoder's rate, that become one patch of latents."""
        return int(self._voxcpm.patch_size * self._voxcpm.chunk_size)

    def _prompt(self, encoded: EncodedReference, transcript: str) -> dict[str, Any]:
        """What `VoxCPM2Model.build_prompt_cache` gives."""
        prompt = {"mode": "reference", "ref_audio_feat": torch.from_numpy(encoded.voice)}
        if encoded.start is not None and self._continues_clips:
            prompt |= {
                "mode": "ref_continuation",
                "prompt_text": transcript,
                "audio_feat": torch.from_numpy(encoded.start),
            }
        return prompt

    def _encode_reference(self, clip: Waveform, transcript: str) -> EncodedReference:
        """Encodes a waveform in memory as `VoxCPM2Model.build_prompt_cache` does files."""
        padding = -len(clip) % self._patch_samples
        voice = self._encode(np.pad(clip, (0, padding)))
        # The clip to go on from must end where speech ends, so it is padded at its start.
        start = self._encode(np.pad(clip, (padding, 0))) if transcript else None
        return EncodedReference(voice, start)

    def _encode(self, waveform: Waveform) -> Latents:
        vae = self._voxcpm.audio_vae
        samples = torch.from_numpy(waveform)[None].to(self._voxcpm.device)
        latents: torch.Tensor = vae.encode(samples, vae.sample_rate).cpu()
        patches = latents.view(vae.latent_dim, -1, self._voxcpm.patch_size).permute(1, 2, 0)
        as_array: Latents = patches.numpy()
        return as_array


def _loaded(
    folder: Path,
    device: str,
    replace_module: ReplaceModule | None,
    loras: LoRASwitch,
    *,
    in_float32: bool,
) -> VoxCPM2Model:
    try:
        with warnings.catch_warnings():
            # The AudioVAE is built with a function that torch has deprecated.
            warnings.filterwarnings("ignore", ".*weight_norm", FutureWarning)
            model = load_voxcpm(folder, device, replace_module, in_float32=in_float32, loras=loras)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        message = f"The model in {folder} could not be loaded on device {device!r}: {error}"
        raise StartError(message) from error
    if model.device == "cpu" and model.config.lm_config.hidden_size < _WIDE_ENOUGH_FOR_THREADS:
        torch.set_num_threads(1)
    return model


def _has_card_of_its_own(model: VoxCPM2Model) -> bool:
    """Not on ZeroGPU, where the weights are no more than promised until a worker runs."""
    return torch.device(model.device).type == "cuda" and not is_zero_gpu()


def _compiled(model: VoxCPM2Model) -> bool:
    """Compiles it, and tells whether that was done: where it cannot, voxcpm only prints why."""
    encoder = model.feat_encoder
    model.optimize()
    return model.feat_encoder is not encoder

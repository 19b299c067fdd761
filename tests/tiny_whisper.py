"""Builds a Whisper with random weights: the real classes and files, in 200 KB."""

from pathlib import Path

import torch
from tokenizers import pre_tokenizers
from transformers import (
    GenerationConfig,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
    WhisperProcessor,
    WhisperTokenizer,
)

HEARD = "o"
"""The letter that it writes again and again."""

_END, _START, _ENGLISH = "<|endoftext|>", "<|startoftranscript|>", "<|en|>"
_TRANSCRIBE, _TRANSLATE, _NO_TIMES = "<|transcribe|>", "<|translate|>", "<|notimestamps|>"
_OTHERS = ["<|startoflm|>", "<|startofprev|>", "<|nospeech|>"]
_TIMES = [f"<|{step * 0.02:.2f}|>" for step in range(1501)]
_SIZE, _LAYERS, _HEADS = 16, 1, 2


def build_tiny_whisper(folder: Path) -> Path:
    """Writes a model into `folder` and gives it back."""
    tokenizer = _tokenizer()
    end, start, english, transcribe, translate, no_times = tokenizer.convert_tokens_to_ids(
        [_END, _START, _ENGLISH, _TRANSCRIBE, _TRANSLATE, _NO_TIMES]
    )
    ends = {"bos_token_id": end, "eos_token_id": end, "pad_token_id": end}
    config = WhisperConfig(
        vocab_size=len(tokenizer),
        d_model=_SIZE,
        encoder_layers=_LAYERS,
        decoder_layers=_LAYERS,
        encoder_attention_heads=_HEADS,
        decoder_attention_heads=_HEADS,
        encoder_ffn_dim=_SIZE,
        decoder_ffn_dim=_SIZE,
        max_target_positions=32,
        decoder_start_token_id=start,
        suppress_tokens=None,
        begin_suppress_tokens=None,
        **ends,
    )
    torch.manual_seed(0)
    model = WhisperForConditionalGeneration(config)
    with torch.no_grad():  # whatever it hears, the last layer says the same letter
        letter = model.model.decoder.embed_tokens.weight[tokenizer.convert_tokens_to_ids(HEARD)]
        model.model.decoder.layer_norm.weight.zero_()
        model.model.decoder.layer_norm.bias.copy_(50 * letter)
    model.generation_config = GenerationConfig(
        decoder_start_token_id=start,
        max_length=24,
        is_multilingual=True,
        lang_to_id={_ENGLISH: english},
        task_to_id={"transcribe": transcribe, "translate": translate},
        no_timestamps_token_id=no_times,
        **ends,
    )
    model.save_pretrained(folder)
    WhisperProcessor(WhisperFeatureExtractor(), tokenizer).save_pretrained(folder)
    return folder


def _tokenizer() -> WhisperTokenizer:
    letters = [*sorted(pre_tokenizers.ByteLevel.alphabet()), _END]
    vocabulary = {letter: number for number, letter in enumerate(letters)}
    tokenizer = WhisperTokenizer(vocab=vocabulary, merges=[], unk_token=_END)
    marks = [_START, _ENGLISH, _TRANSLATE, _TRANSCRIBE, *_OTHERS, _NO_TIMES]
    tokenizer.add_special_tokens({"additional_special_tokens": marks})
    tokenizer.add_tokens(_TIMES)
    return tokenizer

"""The application on ZeroGPU's own runtime, without a GPU.

Its log says when a clip is encoded, in whichever process, and a text with "Fill the memory" fails
as it does on a GPU whose memory is full.
"""

import logging
import runpy
import sys

from tests.zerogpu import cpu_shim  # isort: skip  (as the application: ZeroGPU before all others)

import torch
from voxcpm.model.voxcpm2 import VoxCPM2Model
from voxcpm.modules.audiovae import AudioVAEV2

logger = logging.getLogger(__name__)
encode = AudioVAEV2.encode
generate = VoxCPM2Model.generate_with_prompt_cache_streaming


def encode_and_tell(*arguments):
    logger.info("A clip is encoded.")
    return encode(*arguments)


def generate_or_fail(*arguments, target_text, **options):
    if "Fill the memory" in target_text:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")
    return generate(*arguments, target_text=target_text, **options)


AudioVAEV2.encode = encode_and_tell
VoxCPM2Model.generate_with_prompt_cache_streaming = generate_or_fail
cpu_shim.INSTALL[sys.argv[1]]()
runpy.run_path("app.py", run_name="__main__")

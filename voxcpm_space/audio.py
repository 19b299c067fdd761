"""Words that every part uses for sound."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Waveform: TypeAlias = NDArray[np.float32]
"""Mono samples, shape (samples,), full scale -1 to 1."""

ENCODER_SAMPLE_RATE = 16_000
"""Hz at which VoxCPM2's AudioVAE hears a reference clip (its `sample_rate`)."""

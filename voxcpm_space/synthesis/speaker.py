"""Who speaks: one voice from its first segment to its last."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.engine import (
    PATCHES_PER_SECOND,
    EncodedReference,
    GenerationRequest,
    GenerationResult,
    Latents,
)
from voxcpm_space.text import TextSegment, with_description

MAX_OWN_SECONDS = 12.0
"""Of its segments that become the voice of those after them."""

_ENOUGH_SECONDS = 5.0
"""A voice can be taken from that much, as from a reference clip."""
_ENOUGH_PATCHES = int(_ENOUGH_SECONDS * PATCHES_PER_SECOND)
_ENOUGH_SAMPLES = int(_ENOUGH_SECONDS * ENCODER_SAMPLE_RATE)
_MOST_PATCHES = int(MAX_OWN_SECONDS * PATCHES_PER_SECOND)
_MOST_SAMPLES = int(MAX_OWN_SECONDS * ENCODER_SAMPLE_RATE)


Speakers: TypeAlias = Mapping[str, "Speaker"]
"""Who speaks, by the names in the script; where nobody is named, by the empty one."""


@dataclass
class Speaker:
    """Makes the generation requests of one voice.

    Attributes:
        base_request: What all have in common, all but their text; its seed is the first one's.
        description: Voice description, or style of a reference clip.
    """

    base_request: GenerationRequest
    description: str = ""
    _voice: Latents | None = None
    _clip: Waveform | None = None

    def request(self, segment: TextSegment, index: int, attempt: int) -> GenerationRequest:
        """Makes the request for a segment.

        Args:
            segment: What to say.
            index: Which one of those that the voice speaks, from 0.
            attempt: Which try of it, from 0.
        """
        # Once there is a voice it says more than its description, which would change it again.
        description = "" if self._has_voice else self.description
        return replace(
            self.base_request,
            text=with_description(description, segment.spoken),
            seed=_attempt_seed(self.base_request.seed, index, attempt),
            reference=self.base_request.reference if self._clip is None else self._clip,
            encoded=self.voice,
        )

    def remember(self, result: GenerationResult) -> None:
        """Takes the voice for the next segments from one that was made, where no clip gives it."""
        if self._is_given_one or self._has_voice:
            return
        if result.latents is not None:
            known = [] if self._voice is None else [self._voice]
            self._voice = np.concatenate([*known, result.latents])[:_MOST_PATCHES]
        elif result.clip is not None:
            heard = [] if self._clip is None else [self._clip]
            self._clip = np.concatenate([*heard, result.clip])[:_MOST_SAMPLES]

    @property
    def voice(self) -> EncodedReference | None:
        """The encoded voice: the given one, or that of the first segments; None for a clip's."""
        if self._voice is None:
            return self.base_request.encoded
        return EncodedReference(self._voice)

    @property
    def _is_given_one(self) -> bool:
        return self.base_request.reference is not None or self.base_request.encoded is not None

    @property
    def _has_voice(self) -> bool:
        if self._clip is not None:
            return len(self._clip) >= _ENOUGH_SAMPLES
        return self._voice is not None and len(self._voice) >= _ENOUGH_PATCHES


def speaker_seed(seed: int, name: str) -> int:
    """Gives the seed of a voice in a dialogue, 0 to 2**32 - 1; the unnamed one's is the request's.

    It follows from the name alone, so that other lines, and more of them, leave a voice as it is.

    Args:
        seed: The request's.
        name: Of who speaks; what is the same name must be the same here.
    """
    return _derived_seed(seed, *name.encode()) if name else seed


def _attempt_seed(seed: int, index: int, attempt: int) -> int:
    return _derived_seed(seed, index, attempt) if index or attempt else seed


def _derived_seed(*entropy: int) -> int:
    return int(np.random.SeedSequence(entropy).generate_state(1)[0])

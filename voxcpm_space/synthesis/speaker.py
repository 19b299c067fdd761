"""Who speaks: one voice from its first take to its last."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from voxcpm_space.engine import (
    PATCHES_PER_SECOND,
    EncodedReference,
    GenerationRequest,
    GenerationResult,
    Latents,
)
from voxcpm_space.synthesis.seeds import segment_seed
from voxcpm_space.text import spell_out, with_description

MAX_OWN_SECONDS = 12.0
"""Of its takes that become the voice of those after them."""

_ENOUGH_PATCHES = int(5 * PATCHES_PER_SECOND)
"""A voice can be taken from that much, as from a reference clip."""
_MOST_PATCHES = int(MAX_OWN_SECONDS * PATCHES_PER_SECOND)


Speakers: TypeAlias = Mapping[str, "Speaker"]
"""Who speaks, by the names in the script; where nobody is named, by the empty one."""


@dataclass
class Speaker:
    """Makes the takes of one voice.

    Attributes:
        pattern: What all takes have in common: all but their text; the seed is the first one's.
        description: Voice description, or style of a reference clip.
        normalize: Whether numbers, dates and symbols are written out as words.
    """

    pattern: GenerationRequest
    description: str = ""
    normalize: bool = False
    _voice: Latents | None = None

    def request(self, text: str, chunk: int, attempt: int) -> GenerationRequest:
        """Makes a take.

        Args:
            text: What it says.
            chunk: Which one of those that the voice speaks, from 0.
            attempt: Which try of it, from 0.
        """
        spoken = spell_out(text) if self.normalize else text
        # Once there is a voice it says more than its description, which would change it again.
        description = "" if self._has_voice else self.description
        return replace(
            self.pattern,
            text=with_description(description, spoken),
            seed=segment_seed(self.pattern.seed, chunk, attempt),
            encoded=self.voice,
            tells_ending=True,
        )

    def remember(self, ending: GenerationResult) -> None:
        """Takes the voice for the next takes from one that was made, where no clip gives it."""
        if self._is_given_one or self._has_voice:
            return
        known = [] if self._voice is None else [self._voice]
        self._voice = np.concatenate([*known, ending.latents])[:_MOST_PATCHES]

    @property
    def voice(self) -> EncodedReference | None:
        """The encoded voice: the given one, or that of the first takes; None for a clip's."""
        return self.pattern.encoded if self._voice is None else EncodedReference(self._voice)

    @property
    def _is_given_one(self) -> bool:
        return self.pattern.reference is not None or self.pattern.encoded is not None

    @property
    def _has_voice(self) -> bool:
        return self._voice is not None and len(self._voice) >= _ENOUGH_PATCHES

"""An engine whose audio is known beforehand, since no model goes wrong when a test wants it."""

import numpy as np

from voxcpm_space.engine import GenerationResult, QueuePosition
from voxcpm_space.text import TextSegment

RATE = 48_000
PATCH = 7_680


def tone(seconds, level=0.2, hz=200.0):
    at = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sqrt(2) * np.sin(2 * np.pi * hz * at)).astype(np.float32)


def silence(seconds):
    return np.zeros(round(seconds * RATE), np.float32)


def speech(seconds, level=0.2, before=0.3, after=0.4):
    return np.concatenate([silence(before), tone(seconds, level), silence(after)])


def segment(text, pause, speaker="", sentences=()):
    return TextSegment(text, sentences or (text,), pause, speaker)


class ScriptedEngine:
    """Speaks the given sounds, one a request; a function in their place is called, to fail."""

    sample_rate = RATE

    def __init__(self, *sounds, capped=()):
        self._sounds = sounds
        self._capped = capped
        self.requests = []
        self.longest_texts = []
        self.although_full = []

    def stream(self, request, *, longest_text="", although_full=False):
        sound = self._sounds[len(self.requests)]
        self.requests.append(request)
        self.longest_texts.append(longest_text)
        self.although_full.append(although_full)
        if callable(sound):
            sound()
        yield QueuePosition(1, 2.0)
        for start in range(0, len(sound), PATCH):
            yield sound[start : start + PATCH]
        patches = -(-len(sound) // PATCH)
        latents = np.full((patches, 4, 64), len(self.requests), np.float32)
        is_capped = len(self.requests) in self._capped
        yield GenerationResult("length" if is_capped else "stop", latents)

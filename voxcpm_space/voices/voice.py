"""A voice that can be used again."""

from dataclasses import dataclass

from voxcpm_space.engine import EncodedReference


@dataclass(frozen=True, eq=False)
class Voice:
    """A cloned or designed voice.

    Attributes:
        encoded: What the model takes it from.
        model: Name of the model whose latents these are; they mean nothing to another.
        transcript: What is said in the start of `encoded`; empty where there is none.
        description: The voice description that it was designed with.
        name: What its owner calls it.
        consent: What was confirmed of a cloned voice, and on which day.
    """

    encoded: EncodedReference
    model: str
    transcript: str = ""
    description: str = ""
    name: str = ""
    consent: str = ""

"""Whether parts of voxcpm are those that the parts in this package stand in for (2.0.3's)."""

import inspect
from collections.abc import Mapping

Methods = Mapping[str, list[str]]
"""The names of parameters by the name of the method."""


def has_methods(kind: type, methods: Methods) -> bool:
    """Whether a class has these methods, with these parameters and no others."""
    return all(
        list(inspect.signature(getattr(kind, name)).parameters) == ["self", *parameters]
        for name, parameters in methods.items()
    )

"""Costly things that files of tests share: each ends once no test that comes next needs it.

A session's fixtures would all live until the very end: twenty servers with their models.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any

import pytest

_names: list[str] = []
_living: dict[str, tuple[Any, ExitStack]] = {}
_needed: dict[str, set[str]] = {}


def shared(make: Callable[..., Iterator[Any]]):
    """Makes a fixture of a generator, as `pytest.fixture` does; files of tests share its value."""
    name = make.__name__
    _names.append(name)

    @pytest.fixture(name=name)
    @wraps(make)
    def fixture(**needed):
        if name not in _living:
            stack = ExitStack()
            _living[name] = (stack.enter_context(contextmanager(make)(**needed)), stack)
        return _living[name][0]

    return fixture


def bring_together(items: list[pytest.Item]) -> None:
    """Sorts tests so that those with the same needs follow each other, the costly ones first.

    Before these come the files that start processes of their own, and last the quick ones: the
    last file is waited for by all. Of files that are alike the one with most tests comes first.
    """
    sizes: dict[str, int] = {}
    for item in items:
        sizes[_unit(item)] = sizes.get(_unit(item), 0) + 1
        _needed.setdefault(_unit(item), set()).update(_needs(item))

    def place(item: pytest.Item) -> tuple[int, list[int], int, str]:
        needed = sorted((_names.index(name) for name in _needed[_unit(item)]), reverse=True)
        alone = -len(_names) if item.get_closest_marker("server") else 1
        # What needs two stands between what needs the first and what needs the second.
        costliest, others = (-needed[0], needed[1:]) if needed else (alone, [])
        return costliest, others, -sizes[_unit(item)], _unit(item)

    items.sort(key=place)


def end_what_is_not_needed(item: pytest.Item, next_item: pytest.Item | None) -> None:
    """Ends what the test that comes next does not share, the last that was made first."""
    if next_item is None or _unit(item) != _unit(next_item):
        needed = _needed[_unit(next_item)] if next_item else set()
        for name in [name for name in reversed(_living) if name not in needed]:
            _living.pop(name)[1].close()


def _needs(item: pytest.Item) -> set[str]:
    return {name for name in (*item.fixturenames, *_chosen(item)) if name in _names}


def _chosen(item: pytest.Item) -> list[str]:
    """Gives what the parameters of a test choose."""
    callspec = getattr(item, "callspec", None)
    values = callspec.params.values() if callspec else ()
    return [value for value in values if isinstance(value, str) and value in _names]


def _unit(item: pytest.Item) -> str:
    """Gives the tests of a file that belong together: all, or those that choose the same."""
    return "::".join([str(item.path), *_chosen(item)])

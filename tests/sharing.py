"""Costly things that files of tests share: each ends once no file that comes next needs it.

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
    """Sorts tests so that files with the same needs follow each other, the costly ones first.

    Within these the files with most tests come first, since the last file is waited for by all.
    """
    sizes: dict[str, int] = {}
    for item in items:
        sizes[_file(item)] = sizes.get(_file(item), 0) + 1
        _needed.setdefault(_file(item), set()).update(_needs(item))

    def place(item: pytest.Item) -> tuple[list[int], int, str]:
        needed = sorted((_names.index(name) for name in _needed[_file(item)]), reverse=True)
        return [-index for index in needed] or [1], -sizes[_file(item)], _file(item)

    items.sort(key=place)


def end_what_is_not_needed(item: pytest.Item, next_item: pytest.Item | None) -> None:
    """Ends what the test that comes next does not share, the last that was made first."""
    if next_item is None or _file(item) != _file(next_item):
        needed = _needed[_file(next_item)] if next_item else set()
        for name in [name for name in reversed(_living) if name not in needed]:
            _living.pop(name)[1].close()


def _needs(item: pytest.Item) -> set[str]:
    chosen = getattr(item, "callspec", None)
    values = chosen.params.values() if chosen else ()
    return {name for name in (*item.fixturenames, *map(str, values)) if name in _names}


def _file(item: pytest.Item) -> str:
    return str(item.path)

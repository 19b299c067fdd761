"""Only voxcpm_space.compat touches what is private to a library."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [
    ROOT / "app.py",
    *(
        file
        for file in sorted((ROOT / "voxcpm_space").rglob("*.py"))
        if "compat" not in file.relative_to(ROOT).parts
    ),
]


def assigned(tree):
    """What is assigned to, as nodes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            yield from node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            yield node.target


def imported(tree):
    """Names that are imported, by what they stand for here."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)


def foreign_changes(source):
    """Assignments to `__class__` and to attributes of what was imported."""
    tree = ast.parse(source)
    names = set(imported(tree))
    for target in assigned(tree):
        if isinstance(target, ast.Attribute) and (
            target.attr == "__class__"
            or (isinstance(target.value, ast.Name) and target.value.id in names)
        ):
            yield ast.unparse(target)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_other_module_changes_a_library(file):
    assert list(foreign_changes(file.read_text("utf-8"))) == []


def test_such_changes_are_found():
    source = "from voxcpm import model\nmodel.tqdm = None\nlayer.__class__ = Other\nself.x = 1"
    assert list(foreign_changes(source)) == ["model.tqdm", "layer.__class__"]


def test_no_other_module_is_excused_from_the_rules_that_hold_it():
    """`request_queue.py` has a class whose slots use their own queue's."""
    excused = [
        str(file.relative_to(ROOT))
        for file in FILES
        if "SLF001" in (text := file.read_text("utf-8")) or "TID251" in text
    ]
    assert excused in ([], ["voxcpm_space/engine/request_queue.py"])

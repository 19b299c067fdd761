"""The documentation names links, files, code, commands and settings that are there."""

import ast
import re
from functools import cache
from pathlib import Path

import gradio
import pytest
import tomlkit
from prometheus_client import REGISTRY

from voxcpm_space import monitoring
from voxcpm_space.settings import Settings

ROOT = Path(__file__).parents[1]
CODE = ROOT / "voxcpm_space"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
ABOUT_CODE = [ARCHITECTURE, CONTRIBUTING]
FOLDERS = [ROOT, ROOT / "docs", ROOT / "examples", ROOT / "preview_training", CODE / "preview"]
DOCUMENTS = [document for folder in FOLDERS for document in sorted(folder.glob("*.md"))]

SUFFIXES = "py|js|html|md|toml|txt|json|csv|po|wav|png|gif|sqlite3|safetensors"
FILE_NAME = re.compile(rf"[\w.-]+(/[\w.-]+)*\.({SUFFIXES})")
PATH = re.compile(rf"{FILE_NAME.pattern}|([\w.-]+/)+([\w.-]+)?")
MADE_IN_USE = {
    *("accounts.sqlite3", "accounts.toml", "alloy.txt", "alloy.wav", "settings.csv"),
    *("lora_config.json", "lora_weights.safetensors"),
}
NAME = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(\(.*\))?")
NAME_OF_FILE = re.compile(r"`([A-Za-z_][\w.]*)` (?:in |of |\()`([\w/]+\.py)`")
CALL = re.compile(r"^ *([\w/]+\.py) +([\w.]+)", re.MULTILINE)
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def text_of(document):
    return document.read_text("utf-8")


def prose(document):
    return FENCED.sub("", text_of(document))


def in_backticks(document):
    return re.findall(r"`([^`\n]+)`", prose(document))


def blocks(document, language):
    return "\n".join(code for kind, code in FENCED.findall(text_of(document)) if kind == language)


def is_there(name, document):
    return any((folder / name).exists() for folder in (document.parent, ROOT, CODE))


def anchors(document):
    """GitHub's, of the headings."""
    headings = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


@cache
def names_in(file):
    """What a module defines: functions, classes and their members, variables, each by its path."""
    names = set()

    def collect(node, path):
        for child in ast.iter_child_nodes(node):
            inner = path
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inner = (*path, child.name)
                names.add(".".join(inner))
            elif isinstance(child, ast.Name | ast.Attribute) and isinstance(child.ctx, ast.Store):
                name = child.id if isinstance(child, ast.Name) else child.attr
                names.add(".".join((*path[:1], name)))
            collect(child, inner)

    collect(ast.parse(file.read_text("utf-8")), ())
    return names


@cache
def names_anywhere():
    """The same of the whole project, and with the module before each, as `worker.serve`."""
    names = set(dir(gradio)) | {"Blocks.close"}
    for file in [*CODE.rglob("*.py"), *ROOT.glob("tests/**/*.py")]:
        names |= names_in(file) | {f"{file.stem}.{name}" for name in names_in(file)}
    return names | {name.rpartition(".")[2] for name in names}


def looks_like_code(name, call):
    return bool(call) or "." in name or "_" in name or re.search("[a-z][A-Z]", name)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(document):
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", prose(document)):
        path, _, anchor = target.partition("#")
        linked = (document.parent / path) if path else document
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_is_there(document):
    wanted = PATH if document in ABOUT_CODE else FILE_NAME
    named = [name for name in in_backticks(document) if wanted.fullmatch(name)]
    drawn = blocks(document, "mermaid").replace("<br/>", " ")
    named += [found[0] for found in PATH.finditer(drawn)]
    assert [name for name in named if not is_there(name, document) | (name in MADE_IN_USE)] == []


@pytest.mark.parametrize("document", ABOUT_CODE, ids=lambda path: path.name)
def test_every_name_of_code_is_defined(document):
    found = (NAME.fullmatch(token) for token in in_backticks(document))
    named = {name[1] for name in found if name and looks_like_code(*name.groups())}
    others = {name for name in named if FILE_NAME.fullmatch(name) or name.startswith("VOXCPM_")}
    assert named - others - names_anywhere() == set()
    assert len(named) > 10


@pytest.mark.parametrize("document", ABOUT_CODE, ids=lambda path: path.name)
def test_a_name_is_in_the_file_that_is_named_with_it(document):
    pairs = NAME_OF_FILE.findall(prose(document).replace("\n", " "))
    calls = [(name, path) for path, name in CALL.findall(blocks(document, "text"))]
    for name, path in pairs + calls:
        file = next((root / path for root in (CODE, ROOT) if (root / path).is_file()), None)
        assert file, path
        assert name in names_in(file), f"{name} is not in {path}"
    assert pairs


def test_the_way_of_a_request_is_drawn():
    calls = CALL.findall(blocks(ARCHITECTURE, "text"))
    assert ("engine/model.py", "Model.stream") in calls
    assert ("outputs.py", "Outputs.save") in calls


def test_every_folder_of_the_application_is_on_the_map():
    folders = {f"{file.parent.relative_to(CODE)}/" for file in CODE.rglob("*.py")} - {"./"}
    named = " ".join(in_backticks(ARCHITECTURE))
    assert [folder for folder in sorted(folders) if folder not in named] == []


def test_the_layers_are_those_that_are_held():
    tools = tomlkit.parse((ROOT / "pyproject.toml").read_text("utf-8"))
    held = tools["tool"]["importlinter"]["contracts"][0]["layers"]
    layers = re.findall(r"^\d+\. (.+)$", prose(ARCHITECTURE), re.MULTILINE)
    drawn = [set(re.findall(r"`(\w+)(?:/|\.py)`", layer)) for layer in layers]
    assert drawn == [set(layer.split(" | ")) for layer in held]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_is_there(document):
    text = text_of(document)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"`make ([a-z][\w-]*)|^make ([a-z][\w-]*)", text, re.MULTILINE):
        assert re.search(rf"^{''.join(target)}:", makefile, re.MULTILINE), target
    for module in re.findall(r"python -m ((?:tests|voxcpm_space|preview_training)[\w.]*)", text):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_setting_and_metric_is_there(document):
    named = set(re.findall(r"VOXCPM_([A-Z_\d]+[A-Z\d])", text_of(document)))
    assert named <= {name.upper() for name in Settings.model_fields}
    metrics = {family.name for family in REGISTRY.collect()}
    assert monitoring.TTFA in REGISTRY._collector_to_names
    for metric in re.findall(r"`(voxcpm_[a-z_]+)`", text_of(document)):
        assert metric.removesuffix("_total") in metrics or (ROOT / metric).is_dir(), metric

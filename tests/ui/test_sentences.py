"""Whether the page can say in Chinese whatever a visitor may be told, wherever it is written."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import voxcpm_space
from voxcpm_space.examples import clips, presets
from voxcpm_space.ui.sentences import CHINESE
from voxcpm_space.ui.words import catalogue

ROOT = Path(voxcpm_space.__file__).parent
SENTENCE = re.compile(r"(?s)\S+ .*\w.*[.?!](?: \{\})?")
"""Several words with a full stop, after which another sentence may stand."""
PARTS_GIVEN = {"clean": 1, "validate_description": 1, "not_a_voice": 0}
"""Functions that raise a sentence, and which of their arguments becomes a part of it."""
PARTS_RETURNED = {"narration/judging.py": "find_fault", "narration/told.py": "_name"}
PARTS_RETURNED |= {"schemas.py": "_allowed"}
"""Functions that give parts of sentences."""
SAID_TO_NO_VISITOR = {"StartError", "Field", "debug", "info", "warning", "error", "exception"}
"""Functions whose arguments are read by who runs the server, or by programs."""

NOT_ON_THE_PAGE = {
    "settings.py": "read at the start",
    "launch.py": "Gradio's own login page",
    "ui/words.py": "the catalogue itself",
    "ui/sentences.py": "the catalogue itself",
    "engine/model_process.py": "between processes",
    "api/access/__main__.py": "a command line",
    "api/access/gate.py": "programs only: a page has been logged in to before",
    **dict.fromkeys(
        [f"api/{name}.py" for name in ("documented", "facts", "hosted", "http", "openai")]
        + [f"api/{name}.py" for name in ("endpoints", "operations", "programs")],
        "a door for programs, which speak English",
    ),
}
EXCEPTIONS = {
    "Access denied due to invalid subscription key": "programs send keys, pages do not",
    "The account {} is disabled": "the same: who logs in is refused by Gradio's login page",
    "SELECT ": "a query",
    "The model is not ready": "operators ask for it",
    "{} is missing": "the page leaves no field out",
    "{} is not a parameter": "the page knows the fields",
    "voices names {}": "the page takes the names from the text",
    "voices has {}": "the page takes the names from the text",
    "name in voices": "the page takes the names from the text",
    "an object with a voice": "the page takes the names from the text",
    "A voice and a voice_description": "the page turns one of them off",
    "A style and a transcript": "the page turns one of them off",
    "A voice stands in place of a clip": "the page turns one of them off",
    "A voice brings its own transcript": "the page turns one of them off",
    "The client left": "nobody is there to read it",
    "Not made: the batch": "stands in settings.csv, which can be sent again",
    "The speech does not end by itself": "shown to nobody",
    "The line is the pitch": "describes a picture in an attribute, where no HTML can stand",
    "{}, median F0": "the same",
    "{}, no pitch": "the same",
    "{} to {} s of {} s are used": "the same; beside the picture it is translated",
}


def test_whatever_a_visitor_may_be_told_is_translated():
    known = {blank(key) for key in (*CHINESE, *catalogue().translations["en"])}
    missing = {
        sentence: place
        for sentence, place in sentences_in(ROOT)
        if sentence not in known and not sentence.startswith(tuple(EXCEPTIONS))
    }
    assert missing == {}


def test_examples_have_names_in_chinese():
    names = [*(preset.label for preset in presets()), *(clip.name for clip in clips())]
    assert [name for name in names if name.isascii() and name not in CHINESE] == []


def test_no_exception_outlives_its_sentence():
    found = [sentence for sentence, _ in sentences_in(ROOT)]
    unused = [one for one in EXCEPTIONS if not any(each.startswith(one) for each in found)]
    assert unused == []
    assert [name for name in NOT_ON_THE_PAGE if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(("english", "chinese"), CHINESE.items())
def test_a_translation_keeps_the_parts_of_its_sentence(english, chinese):
    assert set(re.findall(r"\{\w+\}", chinese)) <= set(re.findall(r"\{\w+\}", english))
    assert not re.search(r"[,;?!] |[a-z]{2}\.$", chinese), "punctuation of another language"


@pytest.mark.parametrize(
    "code",
    [
        'raise InputError("Nobody has translated this.")',
        'raise BusyError(f"Only {most} of {what} are allowed.", 3)',
        'WHY = "it is odd"\nwarning = f"The clip is odd: {WHY}."',
        'def warnings():\n    yield (\n        "The clip is odd. "\n        "Use another.")',
        'clean(text, "text of the card", 3)',
    ],
)
def test_a_new_sentence_is_found_wherever_it_is_written(code, tmp_path):
    (tmp_path / "new.py").write_text(f'"""Says something."""\n{code}\n')
    assert len(list(sentences_in(tmp_path))) == 1


def test_what_is_for_readers_of_code_or_logs_is_no_sentence_of_the_page(tmp_path):
    code = 'logger.info("A request has failed.")\nraise StartError("It is off now.")'
    (tmp_path / "new.py").write_text(f'"""Says something."""\n{code}\n')
    assert list(sentences_in(tmp_path)) == []


def sentences_in(folder: Path) -> Iterator[tuple[str, str]]:
    """Each sentence, or part of one, with its place; what differs from time to time is {}."""
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        if name in NOT_ON_THE_PAGE:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        constants = dict(_constants(tree))
        sentences = [one for one in _shown(tree) if SENTENCE.fullmatch(_written(one, constants))]
        for node in (*sentences, *_parts(tree, PARTS_RETURNED.get(name))):
            yield blank(_written(node, constants)), f"{name}:{node.lineno}"


def blank(sentence: str) -> str:
    """With {} for what differs; two of them that stand together are one."""
    return re.sub(r"(\{\w*\})+", "{}", sentence)


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        match node:
            case ast.Assign([ast.Name(name)], ast.Constant(str(value))):
                yield name, value


def _shown(node: ast.AST) -> Iterator[ast.expr]:
    """Strings that may be shown: no docstrings, nor what only operators or programs read."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Expr(ast.Constant()):
                continue
            case ast.Call(ast.Name(name) | ast.Attribute(attr=name)) if name in SAID_TO_NO_VISITOR:
                continue
            case ast.Constant(str()) | ast.JoinedStr():
                yield child
            case _:
                yield from _shown(child)


def _parts(tree: ast.Module, giving: str | None) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(ast.Name(name), [*given]) if name in PARTS_GIVEN:
                yield from _shown(ast.List([given[PARTS_GIVEN[name]]]))
            case ast.FunctionDef(name) if name == giving:
                yield from (one for one in _shown(node) if " " in _written(one, {}).strip())


def _written(node: ast.expr, constants: dict[str, str]) -> str:
    match node:
        case ast.Constant(str(text)):
            return text
        case ast.JoinedStr(parts):
            return "".join(_written(part, constants) for part in parts)
        case ast.FormattedValue(ast.Name(name)) if name in constants:
            return constants[name]
    return "{}"

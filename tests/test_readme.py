import re
from pathlib import Path

import yaml

from voxcpm_space.engine.checkpoint import HUB_ID
from voxcpm_space.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
SPACE = yaml.safe_load(README.split("---")[1])


def pinned(package):
    requirements = (ROOT / "requirements.txt").read_text("utf-8")
    return re.search(rf"^{re.escape(package)}==(\S+)", requirements, re.MULTILINE)[1]


def test_the_space_runs_the_gradio_that_is_tested():
    assert SPACE["sdk"] == "gradio"
    assert SPACE["sdk_version"] == pinned("gradio[mcp]")


def test_the_space_starts_what_is_here_and_loads_what_it_speaks_with():
    assert (ROOT / SPACE["app_file"]).is_file()
    assert SPACE["models"] == SPACE["preload_from_hub"] == [HUB_ID]
    assert SPACE["python_version"] == "3.12"
    assert SPACE["suggested_hardware"] == "zero-a10g"
    assert "mcp-server" in SPACE["tags"]
    assert SPACE["license"] == "apache-2.0"
    assert len(SPACE["short_description"]) <= 60  # the Hub's limit


def test_every_requirement_is_pinned_exactly_and_has_a_reason():
    for file in ("requirements.txt", "requirements-ray.txt", "tests/requirements.txt"):
        for line in (ROOT / file).read_text("utf-8").splitlines():
            if line and not line.startswith(("#", "-r")):
                assert re.fullmatch(r"[\w.\[\]-]+==[\d.]+( +# .+)?", line), line


def default_of(field):
    return "-" if field.default in {None, ""} else f"`{str(field.default).lower()}`"


def test_the_table_of_settings_is_the_settings():
    rows = [
        f"| `VOXCPM_{name.upper()}` | {default_of(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    assert "\n|-|-|-|\n" + "\n".join(rows) + "\n\n" in OPERATIONS


def test_the_readme_fits_three_screens():
    front_matter = README.split("---")[1].splitlines()
    assert len(README.splitlines()) - len(front_matter) <= 125

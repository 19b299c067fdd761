"""The files in deploy/, as far as that can be told without running them."""

import re
import subprocess
import sys
from fnmatch import fnmatch

import pytest
import yaml

from tests.e2e.server import ROOT
from voxcpm_space.api.access.routes import ALLOWED
from voxcpm_space.settings import Settings

DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
COMPOSE = sorted(DEPLOY.glob("compose*.yaml"))


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_compose_files_are_valid(path):
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    outcome = subprocess.run([*check, path], capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout


@pytest.mark.parametrize("path", [DEPLOY / "Dockerfile", *COMPOSE], ids=lambda path: path.name)
def test_every_setting_that_they_set_is_one(path):
    given = set(re.findall(r"VOXCPM_\w+(?=[:=] )", path.read_text("utf-8")))
    assert given <= {f"VOXCPM_{name.upper()}" for name in Settings.model_fields}


def test_services_need_only_services_that_there_are_and_wait_until_these_are_well():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    for service in services.values():
        for name, how in service.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}
            assert "healthcheck" in services[name] or "build" in services[name]


def test_the_image_has_what_it_copies_and_no_accounts():
    copied = re.findall(r"^COPY (\S+) ", DOCKERFILE, re.MULTILINE)
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    assert ignored[0] == "*"
    for source in copied:
        assert (ROOT / source).exists()
        assert f"!{source}" in ignored
    assert not any(fnmatch("accounts.toml", line[1:]) for line in ignored if line[0] == "!")


def test_the_image_runs_as_no_administrator_and_says_whether_it_is_well():
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)[-1] == "voxcpm"
    asked = re.search(r"7860(/\w+)'", DOCKERFILE)[1]
    assert asked in {path for path, methods, _ in ALLOWED if "GET" in methods}

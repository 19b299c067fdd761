"""The manifest for KubeRay says what this code and Ray understand."""

import importlib
from pathlib import Path

import pytest
import yaml

from voxcpm_space.settings import Settings

MANIFEST = Path(__file__).parents[1] / "deploy" / "rayservice.yaml"


@pytest.fixture
def manifests():
    with MANIFEST.open("rb") as file:
        return {one["kind"]: one for one in yaml.safe_load_all(file)}


def containers(manifest):
    """All that are anywhere in it."""
    if isinstance(manifest, dict):
        yield from manifest.get("containers", ())
        for part in manifest.values():
            yield from containers(part)
    elif isinstance(manifest, list):
        for part in manifest:
            yield from containers(part)


def settings_of(manifest):
    variables = [one for container in containers(manifest) for one in container["env"]]
    return {one["name"]: one["value"] for one in variables if one["name"].startswith("VOXCPM_")}


def test_its_settings_are_ours_and_of_page_and_models_the_same(manifests):
    models, page = settings_of(manifests["RayService"]), settings_of(manifests["Deployment"])
    for name, value in (models | page).items():
        Settings(**{name.removeprefix("VOXCPM_").lower(): value})
    assert page.items() - models.items() == {("VOXCPM_RAY", "voxcpm-head-svc:6379")}


def test_ray_serve_understands_what_it_is_to_deploy(manifests):
    schema = pytest.importorskip("ray.serve.schema", reason="Ray is not installed")
    config = yaml.safe_load(manifests["RayService"]["spec"]["serveConfigV2"])
    (application,) = schema.ServeDeploySchema.model_validate(config).applications
    deployment = importlib.import_module("voxcpm_space.engine.ray_deployment")
    assert application.name == deployment.APPLICATION
    assert application.import_path == f"{deployment.__name__}:{deployment.application.__name__}"


def test_its_ray_is_the_one_that_is_tested(manifests):
    version = manifests["RayService"]["spec"]["rayClusterConfig"]["rayVersion"]
    requirements = (MANIFEST.parents[1] / "requirements-ray.txt").read_text("utf-8")
    assert f"ray[serve]=={version} " in requirements

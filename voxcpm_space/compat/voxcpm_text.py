"""voxcpm 2.0.3's text normalizer, without the rest of voxcpm.

`import voxcpm.utils.text_normalize` runs `voxcpm/__init__.py` first, which imports torch: 500 MB
that the process of the server needs for nothing else, where 60 MB are enough.
"""

import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

_MODULE = "voxcpm.utils.text_normalize"


def load_text_normalizer() -> Any:
    """Gives a `TextNormalizer`: what VoxCPM2 was trained with.

    Raises:
        ImportError: voxcpm is not there, or is another one.
    """
    spec = _spec()
    module = importlib.util.module_from_spec(spec)
    assert spec.loader is not None
    spec.loader.exec_module(module)
    return module.TextNormalizer()


def _spec() -> ModuleSpec:
    package = importlib.util.find_spec("voxcpm")  # looks for it, and runs nothing of it
    folders = package.submodule_search_locations if package else None
    file = Path(folders[0], "utils", "text_normalize.py") if folders else None
    spec = importlib.util.spec_from_file_location(_MODULE, file) if file else None
    if spec is None:
        raise ModuleNotFoundError(_MODULE)
    return spec

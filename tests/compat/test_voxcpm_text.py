"""voxcpm's text normalizer is had without torch."""

import subprocess
import sys

_SPELLED_WITHOUT_TORCH = """
import sys
from voxcpm_space.text import spell_out
assert spell_out(["I have 42 cats."]) == "I have forty two cats."
assert "torch" not in sys.modules
"""


def test_numbers_are_spelled_out_by_voxcpm_s_own_normalizer_without_torch():
    subprocess.run([sys.executable, "-c", _SPELLED_WITHOUT_TORCH], check=True)

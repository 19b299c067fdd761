import pytest

from voxcpm_space.engine import Phase, Status
from voxcpm_space.ui.banner import banner_html


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        (Phase.JOINING, "Reaching the cluster that the model runs on"),
        (Phase.LOADING, "Loading the model"),
        (Phase.STOPPING, "The server is stopping"),
    ],
)
def test_the_banner_says_what_the_page_waits_for(phase, words):
    assert words in banner_html(Status(phase), "en")

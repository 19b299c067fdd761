import base64
from urllib.parse import quote

import numpy as np
import pytest

from voxcpm_space.errors import InputError
from voxcpm_space.reference.data_url import read_data_url

CLIP = np.random.default_rng(0).bytes(10_000)
ENCODED = base64.b64encode(CLIP).decode()
HEADS = [
    "data:;base64,",
    "data:audio/wav;base64,",
    "DATA:audio/wav;BASE64,",
    "data:audio/wav; base64 ,",
    "data: audio/wav ;base64, ",
    "data:audio/webm;codecs=opus;base64,",
    "data:video/webm;codecs=vp8,opus;base64,",
    'data:video/webm;codecs="vp8,opus";base64,',
    'data:video/webm; codecs="vp8, opus;base64,"; name=a;base64,',
    "data:audio/wav;charset=utf-8;name=my%20clip.wav;base64,",
]


@pytest.mark.parametrize("head", HEADS)
def test_its_type_has_parameters_as_browsers_write_them(head):
    assert read_data_url(head + ENCODED) == CLIP


@pytest.mark.parametrize(
    "head", ["data:,", "data:audio/wav,", 'data:a/b;c="d,e",', "data:audio/wav;base64;a=b,"]
)
def test_its_content_may_be_percent_encoded_instead(head):
    assert read_data_url(head + quote(CLIP)) == CLIP


def in_lines(separator, length=76):
    starts = range(0, len(ENCODED), length)
    return separator.join(ENCODED[start : start + length] for start in starts)


@pytest.mark.parametrize(
    "written",
    [
        ENCODED.rstrip("="),
        quote(ENCODED),
        in_lines("\n"),
        in_lines("\r\n") + "\r\n",
        in_lines("%0A"),
        in_lines(" "),
        in_lines(" ", 64),
        ENCODED.replace("+", " "),
        ENCODED.replace("+", "%20"),
        in_lines("\n").replace("+", " "),
    ],
)
def test_base64_survives_what_happens_to_it_on_its_way(written):
    assert read_data_url("data:audio/wav;base64," + written) == CLIP


@pytest.mark.parametrize(
    "written",
    [
        "A",
        "AAAAA",
        "AA=A",
        ENCODED[:1_001],
        ENCODED[:1_000] + "*" + ENCODED[1_000:],
        ENCODED.replace("+", "-"),
        ENCODED[:1_000] + "…" + ENCODED[1_000:],
        ENCODED[:1_000] + "\ud800" + ENCODED[1_000:],
        ENCODED.replace("=", "") + "%00",
    ],
)
def test_what_is_no_base64_is_refused_and_not_guessed(written):
    with pytest.raises(InputError, match="base64 in this data: URL is damaged"):
        read_data_url("data:audio/wav;base64," + written)


@pytest.mark.parametrize(
    "url", ["data:", "data:audio/wav;base64", 'data:a;b="c,base64', "data:x" * 1000]
)
def test_what_is_no_data_url_is_named_so(url):
    with pytest.raises(InputError, match="data: URL that cannot be read"):
        read_data_url(url)

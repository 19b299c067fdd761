"""Reads `data:` URLs as browsers do (https://fetch.spec.whatwg.org/#data-urls), and as they come.

`urllib.request.DataHandler` ends the type at the first comma, which stands inside of it where a
browser's recorder wrote `codecs=vp8,opus`; and it leaves out what is not base64, so that a damaged
clip would be cloned as noise.
"""

import base64
import re
from urllib.parse import unquote_to_bytes

from voxcpm_space.errors import InputError
from voxcpm_space.messages import N_

_BASE64_HEAD = re.compile(r'data:[^;,"]*(?:;(?:[^;"]|"[^"]*")*)*?; *base64 *,', re.IGNORECASE)
_HEAD = re.compile(r'data:(?:[^,"]|"[^"]*")*,', re.IGNORECASE)
_MAX_HEAD = 1_000
_LINE_BREAKS = re.compile(rb"[\t\n\f\r]")


def read_data_url(url: str) -> bytes:
    """Gives what is in a `data:` URL.

    Raises:
        InputError: It is none, or what should be base64 is not.
    """
    if head := _BASE64_HEAD.match(url, 0, _MAX_HEAD):
        return _from_base64(url[head.end() :])
    if head := _HEAD.match(url, 0, _MAX_HEAD):
        return unquote_to_bytes(url[head.end() :].encode(errors="surrogatepass"))
    raise InputError(
        N_("This is a data: URL that cannot be read. It must look like data:TYPE;base64,CONTENT.")
    )


def _from_base64(text: str) -> bytes:
    encoded = _LINE_BREAKS.sub(b"", unquote_to_bytes(text.encode(errors="surrogatepass")))
    encoded = _with_plus_signs(encoded.strip(b" "))
    try:
        return base64.b64decode(encoded + b"=" * (-len(encoded) % 4), validate=True)
    except ValueError as error:
        raise InputError(
            N_(
                "The base64 in this data: URL is damaged or incomplete. Please encode the whole "
                "file again; only A to Z, a to z, 0 to 9, + and / may be in it, and = at its end."
            )
        ) from error


def _with_plus_signs(encoded: bytes) -> bytes:
    """Gives back the plus signs that became spaces on the way, as in a form that was sent.

    Spaces at equal distances were line breaks.
    """
    lines = encoded.split(b" ")
    are_lines = len(lines) > 2 and len({len(line) for line in lines[:-1]}) == 1  # noqa: PLR2004
    return (b"" if are_lines else b"+").join(lines)

"""What pages of other sites may do with a visitor's login: nothing.

A cookie with `SameSite=Lax` comes along from other ports and subdomains of the same site.
"""

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection

from voxcpm_space.errors import ForbiddenError
from voxcpm_space.messages import N_

_CHANGE_NOTHING = {"GET", "HEAD", "OPTIONS"}

WITHOUT_CREDENTIALS = Middleware(
    CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"]
)
"""Programs in other sites' pages may send a key of their own; browsers withhold the cookie."""


def comes_from_elsewhere(request: HTTPConnection) -> bool:
    """Tells whether a page of another origin made a browser send this.

    By `Sec-Fetch-Site`, which browsers send to HTTPS and loopback (W3C Fetch Metadata), else by
    `Origin`. Programs send neither. A page can set none of these headers, nor
    `X-Forwarded-Host`, by which a proxy says what the browser took for the host.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    forwarded = request.headers.get("X-Forwarded-Host", "").partition(",")[0].strip()
    return origin.partition("://")[2] not in {request.headers.get("Host"), forwarded} - {"", None}


def refuse_changes_from_elsewhere(request: HTTPConnection) -> None:
    """Lets no other site's page change anything in a visitor's name.

    Raises:
        ForbiddenError: It tries.
    """
    if request.scope.get("method") not in _CHANGE_NOTHING and comes_from_elsewhere(request):
        raise ForbiddenError(
            N_(
                "This was sent by a page of another website, which may not use your login. "
                "Please open the page of this server itself."
            )
        )

"""The pages at which people log in and out of a closed server; gradio_client uses them, too."""

import secrets
import time
from html import escape
from pathlib import Path
from string import Template

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import Message

from voxcpm_space.api.access.access import Access
from voxcpm_space.api.access.origins import comes_from_elsewhere, refuse_changes_from_elsewhere
from voxcpm_space.api.access.sessions import SESSION_SECONDS
from voxcpm_space.api.http import refused, route_of
from voxcpm_space.errors import BusyError, InputError, SpaceError, UnknownCallerError
from voxcpm_space.messages import N_, requested_language, translate
from voxcpm_space.monitoring import record

_PAGE = Template(Path(__file__).with_name("login.html").read_text("utf-8"))
_WORDS = {
    "title": N_("Log in - VoxCPM2"),
    "about": N_("Please log in with the name of your account and its key."),
    "name_label": N_("Account"),
    "key_label": N_("Key"),
    "button": N_("Log in"),
}
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; base-uri 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_LOGIN = {"/login", "/login/"}
_LOGOUT = {"/logout", "/logout/"}
_READING = {"GET", "HEAD"}
_MOST_BYTES, _MOST_FIELDS = 16_384, 20


class Login:
    """Answers `/login` and `/logout`, and `/` for those who have not logged in."""

    def __init__(self, access: Access) -> None:
        """Lets in whom `access` knows."""
        self._access = access

    async def answer(self, request: Request, *, may_enter: bool) -> Response | None:
        """Gives the answer; None where the request is for something else.

        Raises:
            ForbiddenError: A page of another site tries to log somebody in.
            UnknownCallerError, BusyError: A program has a wrong key, too often.
        """
        route, method = route_of(request), request.method
        if route in _LOGIN and method == "POST":
            return await self._log_in(request)
        if method not in _READING:
            return None
        if route in _LOGOUT:
            return self._log_out(request)
        if route in _LOGIN and may_enter:
            return RedirectResponse(_home(route), 303)
        if route in _LOGIN or (route == "/" and not may_enter):
            return _page(request)
        return None

    async def _log_in(self, request: Request) -> Response:
        refuse_changes_from_elsewhere(request)
        fields = await _fields(request)
        name, key = fields.get("username", "").strip(), fields.get("password", "").strip()
        address = request.client.host if request.client else ""
        try:
            session = await run_in_threadpool(self._access.log_in, name, key, address)
        except (UnknownCallerError, BusyError) as error:
            return _not_let_in(request, error, name)
        response: Response = JSONResponse({"success": True})
        if _is_person(request):
            response = RedirectResponse(_home(route_of(request)), 303)
        self._set_cookie(request, response, session, SESSION_SECONDS)
        return response

    def _log_out(self, request: Request) -> Response:
        response = RedirectResponse(_home(route_of(request)), 303)
        if not comes_from_elsewhere(request):
            self._set_cookie(request, response, "", 0)
        return response

    def _set_cookie(self, request: Request, response: Response, session: str, seconds: int) -> None:
        is_secure = request.url.scheme == "https"
        lets_others_embed = self._access.may_be_embedded and is_secure  # browsers want both
        response.set_cookie(
            self._access.sessions.cookie,
            session,
            max_age=seconds,
            httponly=True,
            secure=is_secure,
            samesite="none" if lets_others_embed else "lax",
        )
        if lets_others_embed:  # a cookie apart for each site that embeds the page (CHIPS)
            response.headers["Set-Cookie"] += "; Partitioned"


def _not_let_in(request: Request, error: SpaceError, name: str) -> Response:
    request_id = secrets.token_hex(8)
    record("gate", "login", error.status, time.perf_counter(), request_id)
    if not _is_person(request):
        return refused(request, error, request_id)
    return _page(request, error, name)


def _page(request: Request, error: SpaceError | None = None, name: str = "") -> Response:
    """Gives the form, with what went wrong where it was sent before."""
    language = requested_language(request.headers)
    problem, invalid = "", ""
    if error:
        sentence = escape(translate(error.message, language))
        problem = f'<p id="problem" role="alert">{sentence}</p>'
        invalid = 'aria-invalid="true" aria-describedby="problem"'
    page = _PAGE.substitute(
        {name: translate(words, language) for name, words in _WORDS.items()},
        lang=language,
        home=_home(route_of(request)),
        name=escape(name),
        problem=problem,
        name_state=invalid if name else f"{invalid} autofocus",
        key_state=f"{invalid} autofocus" if name else invalid,
    )
    headers = _HEADERS | (error.headers if isinstance(error, BusyError) else {})
    return HTMLResponse(page, error.status if error else 200, headers)


def _home(route: str) -> str:
    """Gives the way from a page to the application's root, whatever a proxy puts before it."""
    return "../" if route != "/" and route.endswith("/") else "./"


def _is_person(request: Request) -> bool:
    return "text/html" in request.headers.get("Accept", "")


async def _fields(request: Request) -> dict[str, str]:
    """Reads a form, urlencoded as browsers and gradio_client send it, or in several parts.

    Raises:
        InputError: It is none, or larger than any name and key.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise InputError(N_("This is too large for a name and a key."))

    async def receive() -> Message:
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    try:
        form = await Request(request.scope, receive).form(max_files=0, max_fields=_MOST_FIELDS)
    except HTTPException as error:
        raise InputError(N_("This is no form with a name and a key.")) from error
    return {name: value for name, value in form.items() if isinstance(value, str)}

"""Where the world finds a made file."""

from pathlib import Path
from urllib.parse import quote

from fastapi import Request
from gradio.route_utils import API_PREFIX, get_root_url


def public_url(path: Path, request: Request, route: str) -> str:
    """Gives the URL at which whoever asked can download a file, also from behind a proxy.

    Args:
        path: A file inside Gradio's folder.
        request: The request.
        route: The part of its path that belongs to this application.
    """
    root = get_root_url(request, route, request.app.root_path)
    return f"{root}{API_PREFIX}/file={quote(str(path))}"

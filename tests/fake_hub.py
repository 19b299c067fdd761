"""A fake of the Hugging Face Hub on loopback: the real one cannot be reached from tests."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from huggingface_hub import constants

_COMMIT = "0123456789abcdef0123456789abcdef01234567"


class FakeHub:
    """Serves the files of one folder as a model repository."""

    def __init__(self, repository: str, folder: Path, *, held: bool = False) -> None:
        """With `held`, downloads stall after half of the weights until `release`."""
        self._asked, self._released = threading.Event(), threading.Event()
        if not held:
            self._released.set()
        self.repository = repository
        self.files = {path.name: path.read_bytes() for path in folder.iterdir()}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.hub = self
        self._stopped = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def use(self, monkeypatch, cache: Path) -> None:
        """Points huggingface_hub of this process here, with a cache of its own."""
        # The package reads its environment at import, so its constants are set instead.
        template = f"{self.url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(constants, "ENDPOINT", self.url)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))

    def environment(self, cache: Path) -> dict[str, str]:
        """Points a process to be started here."""
        return {"HF_ENDPOINT": self.url, "HF_HUB_CACHE": str(cache)}

    def wait_for_a_download(self) -> None:
        assert self._asked.wait(60)

    def release(self) -> None:
        self._released.set()

    def send_body(self, wfile, body: bytes) -> None:
        half = len(body) // 2
        wfile.write(body[:half])
        wfile.flush()
        self._asked.set()
        self._released.wait(60)
        wfile.write(body[half:])

    def stop(self) -> None:
        if not self._stopped:
            self._stopped = True
            self._server.shutdown()
            self._server.server_close()

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        hub = self.server.hub
        path = self.path.split("?")[0]
        if path.startswith(f"/api/models/{hub.repository}/revision/"):
            siblings = [{"rfilename": name} for name in hub.files]
            self._json({"id": hub.repository, "sha": _COMMIT, "siblings": siblings})
        elif path.startswith(f"/api/models/{hub.repository}/tree/"):
            self._json(
                [
                    {"type": "file", "path": name, "size": len(body), "oid": _etag(body)}
                    for name, body in hub.files.items()
                ]
            )
        elif (name := path.rsplit("/", 1)[-1]) in hub.files and hub.repository in path:
            body = hub.files[name]
            self._send(body, {"ETag": f'"{_etag(body)}"', "X-Repo-Commit": _COMMIT})
        else:
            self._send(b"", {"X-Error-Code": "RepoNotFound"}, status=404)

    do_HEAD = do_GET

    def _json(self, content):
        self._send(json.dumps(content).encode(), {"Content-Type": "application/json"})

    def _send(self, body, headers, status=200):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET" and "ETag" in headers:
            self.server.hub.send_body(self.wfile, body)
        elif self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def _etag(body: bytes) -> str:
    return hashlib.sha1(body, usedforsecurity=False).hexdigest()

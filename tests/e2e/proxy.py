"""A reverse proxy that publishes a server under a path of its own."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

_OWN_HEADERS = {"connection", "content-length", "content-encoding", "transfer-encoding"}


class Proxy:
    """`with Proxy(target, "/voice") as url`: `url` ends in /voice and leads to `target`."""

    def __init__(self, target: str, path: str) -> None:
        self.target, self.path = target, path
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.proxy = self

    def __enter__(self) -> str:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_address[1]}{self.path}"

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def _forward(self):
        proxy = self.server.proxy
        if not self.path.startswith(proxy.path):
            self.send_error(404)
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {k: v for k, v in self.headers.items() if k.lower() != "host"}
        headers |= {"X-Forwarded-Host": self.headers["Host"], "X-Forwarded-Proto": "http"}
        url = proxy.target + self.path.removeprefix(proxy.path)
        with httpx.stream(self.command, url, content=body, headers=headers, timeout=60) as response:
            self.send_response(response.status_code)
            for name, value in response.headers.items():
                if name not in _OWN_HEADERS:
                    self.send_header(name, value)
            self.end_headers()
            for piece in response.iter_bytes():
                self.wfile.write(piece)
                self.wfile.flush()

    do_GET = do_POST = do_HEAD = _forward

    def log_message(self, *_):
        pass

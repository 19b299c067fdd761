"""Servers on loopback that answer as the worst of the internet does."""

import gzip
import socketserver
import threading
import zlib
from contextlib import contextmanager

SOUND = b"sound"
LARGE = 26 * 2**20


def _answer(*lines, body=b"", status="200 OK"):
    head = "".join(f"{line}\r\n" for line in lines)
    return f"HTTP/1.1 {status}\r\nConnection: close\r\n{head}\r\n".encode() + body


def _redirect(location, status="302 Found"):
    return _answer(f"Location: {location}", "Content-Length: 0", status=status)


def _zeros(size):
    return (b"\0" * 65_536 for _ in range(size // 65_536))


def _packed(size):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(piece) for piece in _zeros(size)) + packer.flush()


def _chunked(pieces, *lines):
    yield _answer("Transfer-Encoding: chunked", *lines)
    for piece in pieces:
        yield f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
    yield b"0\r\n\r\n"


def _crumbs():
    yield _answer("Transfer-Encoding: chunked")
    for _ in range(10_000):
        yield b"1\r\nx\r\n" * 1000


ANSWERS = {
    # What must arrive.
    "clip": lambda _: [_answer("Content-Length: 5", body=SOUND)],
    "without-length": lambda _: [_answer(body=SOUND)],
    "chunked": lambda _: _chunked([b"so", b"und"]),
    "gzip": lambda _: [_answer("Content-Encoding: gzip", body=gzip.compress(SOUND))],
    "deflate": lambda _: [_answer("Content-Encoding: deflate", body=zlib.compress(SOUND))],
    "redirect": lambda _: [_redirect("/clip")],
    "redirect-301": lambda _: [_redirect("/clip", "301 Moved Permanently")],
    "redirect-307": lambda _: [_redirect("clip", "307 Temporary Redirect")],
    "redirect-absolute": lambda own: [_redirect(f"{own}/clip")],
    "odd-type": lambda _: [_answer("Content-Type: text/html", body=SOUND)],
    "cookies": lambda _: [_answer(*["Set-Cookie: a=b"] * 50, body=SOUND)],
    # What must not.
    "lying-long": lambda _: [_answer("Content-Length: 500", body=SOUND)],
    "lying-short": lambda _: [_answer("Content-Length: 3", body=SOUND)],
    "lying-huge": lambda _: [_answer(f"Content-Length: {10**15}", body=SOUND)],
    "negative": lambda _: [_answer("Content-Length: -1", body=SOUND)],
    "two-lengths": lambda _: [_answer("Content-Length: 5", "Content-Length: 6", body=SOUND)],
    "no-number": lambda _: [_answer("Content-Length: many", body=SOUND)],
    "broken-chunk": lambda _: [_answer("Transfer-Encoding: chunked", body=b"zz\r\nsound\r\n")],
    "huge-chunk": lambda _: [_answer("Transfer-Encoding: chunked", body=b"f" * 40 + b"\r\nsound")],
    "cut-chunk": lambda _: [_answer("Transfer-Encoding: chunked", body=b"ff\r\nsound")],
    "empty": lambda _: [],
    "no-http": lambda _: [b"SSH-2.0-OpenSSH_9.2p1\r\n"],
    "cut-head": lambda _: [b"HTTP/1.1 200 OK\r\nContent-Le"],
    "null-head": lambda _: [b"HTTP/1.1 200 OK\r\nX: \0\r\n\r\nsound"],
    "endless-head": lambda _: [b"HTTP/1.1 200 OK\r\n", *[b"X: " + b"x" * 1000 + b"\r\n"] * 300],
    "missing": lambda _: [_answer("Content-Length: 0", status="404 Not Found")],
    "forbidden": lambda _: [_answer("Content-Length: 0", status="401 Unauthorized")],
    "broken": lambda _: [_answer("Content-Length: 0", status="500 Internal Server Error")],
    "nowhere": lambda _: [_answer("Content-Length: 0", status="302 Found")],
    "loop": lambda _: [_redirect("/loop")],
    "endless": lambda _: [_answer(), *_zeros(LARGE)],
    "crumbs": lambda _: _crumbs(),
    "endless-100s": lambda _: (b"HTTP/1.1 100 Continue\r\n\r\n" * 1000 for _ in range(10_000)),
    "endless-chunks": lambda _: _chunked(_zeros(LARGE)),
    "gzip-bomb": lambda _: [_answer("Content-Encoding: gzip", body=_packed(2 * LARGE))],
    "gzip-lie": lambda _: [_answer("Content-Encoding: gzip", body=SOUND)],
    "gzip-twice": lambda _: [_answer("Content-Encoding: gzip, gzip", body=SOUND)],
    "brotli": lambda _: [_answer("Content-Encoding: br", body=SOUND)],
    "zstd": lambda _: [_answer("Content-Encoding: zstd", body=SOUND)],
    "to-file": lambda _: [_redirect("file:///etc/passwd")],
    "to-data": lambda _: [_redirect("data:audio/wav;base64,AAAA")],
    "to-ftp": lambda _: [_redirect("ftp://127.0.0.1/clip")],
    "to-credentials": lambda own: [_redirect(own.replace("//", "//me:secret@") + "/clip")],
    "to-private": lambda _: [_redirect("http://10.0.0.1/clip")],
    "to-metadata": lambda _: [_redirect("http://169.254.169.254/latest/meta-data/")],
    "to-decimal": lambda own: [_redirect(own.replace("127.0.0.1", "2130706433") + "/clip")],
    "to-mapped": lambda _: [_redirect("http://[::ffff:127.0.0.1]/clip")],
    "to-nonsense": lambda _: [_redirect("http://[")],
    "to-control": lambda _: [b"HTTP/1.1 302 Found\r\nLocation: http://\x01\r\n\r\n"],
}


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        target = self.rfile.readline(65_536).split(b" ")[1].decode()
        head = b""
        while (line := self.rfile.readline(65_536)).strip():
            head += line
        self.server.asked.append((target, head))
        name = target.strip("/")
        try:
            if name == "silent":
                self.server.hang_up.wait(30)
            elif name == "raw":
                self.wfile.write(self.server.raw)
            elif name == "drip":
                self._drip()
            else:
                for piece in ANSWERS[name](self.server.url):
                    self.wfile.write(piece)
        except OSError:
            pass  # the client has had enough

    def _drip(self):
        self.wfile.write(_answer("Content-Length: 1000"))
        while not self.server.hang_up.wait(0.05):
            self.wfile.write(b"x")


class Loopback(socketserver.ThreadingTCPServer):
    """Answers `/name` with the entry of that name, `/raw` with whatever bytes `raw` holds."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, tls):
        super().__init__(("127.0.0.1", 0), _Handler)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.port = self.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.asked = []
        self.raw = b""
        self.hang_up = threading.Event()


@contextmanager
def loopback(tls=None):
    server = Loopback(tls)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.hang_up.set()
    server.shutdown()
    server.server_close()

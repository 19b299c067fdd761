import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from voxcpm_space.errors import InputError
from voxcpm_space.reference import fetch as fetching
from voxcpm_space.reference.fetch import fetch, is_public


class _Server(BaseHTTPRequestHandler):
    def do_GET(self):
        getattr(self, f"answer_{self.path.strip('/').split('/')[0]}")()

    def answer_clip(self):
        self._send(200, {"Content-Length": "5"}, b"sound")

    def answer_missing(self):
        self._send(404, {"Content-Length": "0"})

    def answer_redirect(self):
        self._send(302, {"Location": "/clip", "Content-Length": "0"})

    def answer_loop(self):
        self._send(302, {"Location": "/loop", "Content-Length": "0"})

    def answer_inward(self):
        self._send(302, {"Location": "http://10.0.0.1/clip", "Content-Length": "0"})

    def answer_endless(self):
        self._send(200, {})
        try:
            while True:
                self.wfile.write(b"x" * 65_536)
        except OSError:
            pass

    def answer_slow(self):
        self._send(200, {})
        self.server.hang_up.wait(30)

    def _send(self, status, headers, body=b""):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def internet(monkeypatch):
    """A server on loopback, which passes here for the open internet."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    server.hang_up = threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(fetching, "is_public", lambda ip: ip == "127.0.0.1" or is_public(ip))
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.hang_up.set()
    server.shutdown()
    server.server_close()


def test_a_clip_is_downloaded(internet):
    assert fetch(f"{internet}/clip") == b"sound"


def test_redirects_are_followed(internet):
    assert fetch(f"{internet}/redirect") == b"sound"


def test_a_circle_of_redirects_ends(internet):
    with pytest.raises(InputError, match="redirects more than 5 times"):
        fetch(f"{internet}/loop")


def test_a_redirect_into_our_network_is_not_followed(internet):
    with pytest.raises(InputError, match="could not be downloaded"):
        fetch(f"{internet}/inward")


def test_an_endless_body_is_cut_off(internet, monkeypatch):
    monkeypatch.setattr(fetching, "MAX_BYTES", 2**20)
    with pytest.raises(InputError, match="larger than 1 MB"):
        fetch(f"{internet}/endless")


def test_a_server_that_stalls_does_not_hold_the_request(internet, monkeypatch):
    monkeypatch.setattr(fetching, "MAX_SECONDS", 0.3)
    with pytest.raises(InputError, match=r"did not arrive|could not be downloaded"):
        fetch(f"{internet}/slow")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://localhost:1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://user:secret@example.com/",
        "http://",
        "http://a..b/",
        "http://[/",
    ],
)
def test_every_refused_target_gets_the_same_sentence(url):
    with pytest.raises(InputError) as refusal:
        fetch(url)
    assert str(refusal.value) == fetching._UNREACHABLE


def test_a_name_with_one_private_address_is_refused_whatever_the_others_are(internet, monkeypatch):
    def resolve(_host, port, *_, **__):  # a fake of DNS
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    addresses = ["127.0.0.1"]
    assert fetch(internet.replace("127.0.0.1", "clips.example") + "/clip") == b"sound"
    addresses = ["127.0.0.1", "10.0.0.1"]
    with pytest.raises(InputError, match="could not be downloaded"):
        fetch(internet.replace("127.0.0.1", "clips.example") + "/clip")


def test_a_dead_public_server_gets_that_sentence_too(internet):
    with pytest.raises(InputError) as refusal:
        fetch(f"{internet}/missing")
    assert str(refusal.value) == fetching._UNREACHABLE


def test_the_proxy_of_the_environment_is_not_used(internet, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert fetch(f"{internet}/clip") == b"sound"


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_public_addresses(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "127.0.0.1",
        "0.0.0.0",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
        "2001:0:a00:1::1",
    ],
)
def test_addresses_of_somebody_s_own_network(address):
    assert not is_public(address)

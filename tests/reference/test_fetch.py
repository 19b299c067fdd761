import socket
import ssl
import threading
import time
from contextlib import suppress

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.reference.certificate import certified
from tests.reference.loopback import SOUND, loopback
from voxcpm_space.errors import BusyError, InputError
from voxcpm_space.reference import fetch as fetching
from voxcpm_space.reference.concurrency_limit import ConcurrencyLimit
from voxcpm_space.reference.fetch import UNREACHABLE
from voxcpm_space.reference.targets import parse_targets

ANY_PORT = parse_targets("*:*")


@pytest.fixture(scope="module")
def internet():
    """A server on loopback, which passes here for the open internet."""
    with loopback() as server:
        server.targets = parse_targets(f"*, 127.0.0.1:{server.port}")
        yield server


def fetch(server, name):
    return fetching.fetch(f"{server.url}/{name}", server.targets)


@pytest.mark.parametrize(
    "answer",
    [
        *["clip", "without-length", "chunked", "gzip", "deflate", "odd-type", "cookies"],
        *["redirect", "redirect-301", "redirect-307", "redirect-absolute"],
    ],
)
def test_a_clip_is_downloaded(internet, answer):
    assert fetch(internet, answer) == SOUND


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("lying-long", UNREACHABLE),
        ("lying-huge", UNREACHABLE),
        ("negative", UNREACHABLE),
        ("two-lengths", UNREACHABLE),
        ("no-number", UNREACHABLE),
        ("broken-chunk", UNREACHABLE),
        ("huge-chunk", UNREACHABLE),
        ("cut-chunk", UNREACHABLE),
        ("empty", UNREACHABLE),
        ("no-http", UNREACHABLE),
        ("cut-head", UNREACHABLE),
        ("null-head", UNREACHABLE),
        ("endless-head", UNREACHABLE),
        ("missing", UNREACHABLE),
        ("forbidden", UNREACHABLE),
        ("broken", UNREACHABLE),
        ("nowhere", UNREACHABLE),
        ("loop", "redirects more than 5 times"),
        ("endless", "larger than 25 MB"),
        ("endless-chunks", "larger than 25 MB"),
        ("gzip-bomb", "larger than 25 MB"),
        ("gzip-lie", UNREACHABLE),
        ("gzip-twice", "packed in a way that is not accepted"),
        ("brotli", "packed in a way that is not accepted"),
        ("zstd", "packed in a way that is not accepted"),
        ("to-file", UNREACHABLE),
        ("to-data", UNREACHABLE),
        ("to-ftp", UNREACHABLE),
        ("to-credentials", UNREACHABLE),
        ("to-private", UNREACHABLE),
        ("to-metadata", UNREACHABLE),
        ("to-decimal", UNREACHABLE),
        ("to-mapped", UNREACHABLE),
        ("to-nonsense", UNREACHABLE),
        ("to-control", UNREACHABLE),
    ],
)
def test_a_hostile_answer_gets_a_sentence(internet, answer, sentence):
    with pytest.raises(InputError) as refusal:
        fetch(internet, answer)
    assert sentence in str(refusal.value)


def test_of_a_body_longer_than_promised_the_promised_part_is_taken(internet):
    assert fetch(internet, "lying-short") == SOUND[:3]


@pytest.mark.parametrize("answer", ["silent", "drip"])
def test_a_server_that_stalls_does_not_hold_the_request(internet, monkeypatch, answer):
    monkeypatch.setattr(fetching, "MAX_SECONDS", 0.3)
    started = time.monotonic()
    with pytest.raises(InputError, match=r"did not arrive within 0.3 s"):
        fetch(internet, answer)
    assert time.monotonic() - started < 5


def test_a_server_that_says_nothing_is_named_so(internet, monkeypatch):
    monkeypatch.setattr(fetching, "_TIMEOUT", httpx.Timeout(0.2))
    with pytest.raises(InputError, match=r"sent nothing for 0.2 s"):
        fetch(internet, "silent")


@pytest.mark.parametrize("answer", ["crumbs", "endless-100s"])
def test_neither_does_a_server_that_makes_much_work(internet, monkeypatch, answer):
    monkeypatch.setattr(fetching, "_MAX_WORK_SECONDS", 0.2)
    with pytest.raises(InputError, match="in too many small pieces"):
        fetch(internet, answer)


def test_many_downloads_at_once_wait_for_their_turn_but_not_for_ever(internet, monkeypatch):
    monkeypatch.setattr(fetching, "_TURNS", ConcurrencyLimit(1))
    monkeypatch.setattr(fetching, "_TURN_SECONDS", 0.01)
    with (
        fetching._TURNS.taken(0),
        pytest.raises(BusyError, match="Too many files are being downloaded now"),
    ):
        fetch(internet, "clip")
    assert fetch(internet, "clip") == SOUND


def test_neither_does_a_name_server_that_stalls(internet, monkeypatch):
    answered = threading.Event()
    monkeypatch.setattr(fetching, "MAX_SECONDS", 0.3)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(20) and [])
    started = time.monotonic()
    with pytest.raises(InputError, match=r"did not arrive within 0.3 s"):
        fetching.fetch("http://clips.example/", internet.targets)
    assert time.monotonic() - started < 5
    answered.set()


@pytest.mark.parametrize(
    "url",
    [
        # This server, in every spelling.
        "http://127.0.0.1:{port}/clip",
        "http://localhost:{port}/clip",
        "http://LOCALHOST:{port}/clip",
        "http://localhost.:{port}/clip",
        "http://127.0.0.1.:{port}/clip",
        "http://127.1:{port}/clip",
        "http://127.0.1:{port}/clip",
        "http://2130706433:{port}/clip",
        "http://0x7f000001:{port}/clip",
        "http://0x7f.1:{port}/clip",
        "http://0x7F.0x0.0x0.0x1:{port}/clip",
        "http://0177.0.0.1:{port}/clip",
        "http://017700000001:{port}/clip",
        "http://0:{port}/clip",
        "http://0.0.0.0:{port}/clip",
        "http://127.255.255.254:{port}/clip",
        "http://①②⑦.⓪.⓪.①:{port}/clip",
        "http://127%2e0%2e0%2e1:{port}/clip",
        "http://127.0.0.1%00.example.com:{port}/clip",
        "http://127。0。0。1:{port}/clip",
        "http://[::1]:{port}/clip",
        "http://[0:0:0:0:0:0:0:1]:{port}/clip",
        "http://[::]:{port}/clip",
        "http://[::127.0.0.1]:{port}/clip",
        "http://[::ffff:127.0.0.1]:{port}/clip",
        "http://[::ffff:7f00:1]:{port}/clip",
        "http://[64:ff9b::127.0.0.1]:{port}/clip",
        "http://[64:ff9b:1::7f00:1]:{port}/clip",
        "http://[2002:7f00:1::]:{port}/clip",
        "http://me:secret@127.0.0.1:{port}/clip",
        "http://me@127.0.0.1:{port}/clip",
        "http://example.com@127.0.0.1:{port}/clip",
        r"http://example.com\@127.0.0.1:{port}/clip",
        "http://127.0.0.1:{port}\t/clip",
        # Somebody's own network.
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://100.64.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2852039166/latest/meta-data/",
        "http://0xa9fea9fe/latest/meta-data/",
        "http://[fd00:ec2::254]/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "http://168.63.129.16/machine?comp=goalstate",
        "http://100.100.100.200/latest/meta-data/",
        "http://192.0.0.192/opc/v2/instance/",
        "http://metadata.google.internal/",
        "http://[fe80::1]/",
        "http://[fe80::1%25lo]/",
        "http://[fc00::1]/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        # No URLs that can be followed.
        "http://",
        "http:///clip",
        "http://[/",
        "http://a..b/",
        "http://.example/",
        "http://" + "a" * 64 + ".example/",
        "http://" + "a." * 200 + "example/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:-1/",
        "http://127.0.0.1:x/",
        "http://exa mple/",
        "http://exa\x00mple/",
        "http://exa\nmple/",
        "http://\ud800/",
        "http://xn--/",
        "https:/example",
        "ftp://example.com/clip",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/",
    ],
)
def test_every_refused_target_gets_the_same_sentence_and_no_connection(internet, url):
    before = len(internet.asked)
    with pytest.raises(InputError) as refusal:
        fetching.fetch(url.replace("{port}", str(internet.port)), ANY_PORT)
    assert str(refusal.value) == UNREACHABLE
    assert len(internet.asked) == before


@pytest.fixture
def names(monkeypatch):
    """A fake of the name server: its answers, one list of addresses after the other."""
    answers = []

    def resolve(_host, port, *_, **__):
        addresses = answers.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return answers


@pytest.mark.parametrize(
    "addresses",
    [["10.0.0.1"], ["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["10.0.0.1", "8.8.8.8"], ["fe80::1"]],
)
def test_a_name_with_one_private_address_is_refused(internet, names, addresses):
    names.append(addresses)
    with pytest.raises(InputError) as refusal:
        fetching.fetch(f"http://clips.example:{internet.port}/clip", ANY_PORT)
    assert str(refusal.value) == UNREACHABLE


def test_the_checked_address_is_the_one_connected_to(names, monkeypatch):
    """A name server that answers differently the second time is not asked a second time."""
    connected = []

    async def connect(_transport, request):
        connected.append((request.url.host, request.headers["Host"]))
        return httpx.Response(200, content=SOUND)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", connect)
    names += [["8.8.8.8"], ["127.0.0.1"]]
    assert fetching.fetch("http://clips.example/clip", ANY_PORT) == SOUND
    assert connected == [("8.8.8.8", "clips.example")]
    assert names == [["127.0.0.1"]]


@pytest.mark.parametrize(("host", "arrives"), [("bücher.example", True), ("other.example", False)])
def test_over_https_the_server_must_be_the_one_that_the_url_names(
    names, monkeypatch, tmp_path, host, arrives
):
    tls, trusted = certified("xn--bcher-kva.example", tmp_path)
    monkeypatch.setattr(fetching, "_trusted", lambda: ssl.create_default_context(cafile=trusted))
    monkeypatch.setattr("voxcpm_space.reference.targets.is_public", lambda _: True)
    names.append(["127.0.0.1"])
    with loopback(tls) as server:
        url = f"https://{host}:{server.port}/clip"
        if arrives:
            assert fetching.fetch(url, ANY_PORT) == SOUND
            _, head = server.asked[0]
            assert f"Host: xn--bcher-kva.example:{server.port}\r\n".encode() in head
        else:
            with pytest.raises(InputError) as refusal:
                fetching.fetch(url, ANY_PORT)
            assert str(refusal.value) == UNREACHABLE
            assert server.asked == []


def test_a_redirect_is_resolved_and_checked_anew(names, monkeypatch):
    async def redirect(_transport, _request):
        return httpx.Response(302, headers={"Location": "/again"})

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", redirect)
    names += [["8.8.8.8"], ["127.0.0.1"]]
    with pytest.raises(InputError) as refusal:
        fetching.fetch("http://clips.example/clip", ANY_PORT)
    assert str(refusal.value) == UNREACHABLE
    assert names == []


def test_the_proxy_of_the_environment_is_not_used(internet, monkeypatch):
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")
    assert fetch(internet, "clip") == SOUND


def test_a_download_gives_away_nothing(internet):
    assert fetch(internet, "cookies") == SOUND
    _, head = internet.asked[-1]
    assert b"cookie" not in head.lower()
    assert b"authorization" not in head.lower()
    assert b"Accept-Encoding: identity" in head
    assert f"Host: 127.0.0.1:{internet.port}\r\n".encode() in head


_NAMES = st.sampled_from(
    ["Content-Length", "Content-Encoding", "Transfer-Encoding", "Location", "Content-Type", "X"]
)
_VALUES = st.one_of(
    st.binary(max_size=30),
    st.integers().map(lambda number: str(number).encode()),
    st.sampled_from([b"gzip", b"deflate", b"chunked", b"/clip", b"//", b"http://[", b"?" * 99]),
)


@given(
    status=st.one_of(st.integers(0, 1000), st.sampled_from([200, 206, 301, 302, 304, 307])),
    headers=st.lists(st.tuples(_NAMES, _VALUES), max_size=4),
    body=st.binary(max_size=40),
)
@example(302, [("Location", b"http://\xff/")], b"")
@example(200, [("Content-Encoding", b"gzip")], b"\x1f\x8b")
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_headers_come_the_answer_is_a_body_or_a_sentence(internet, status, headers, body):
    head = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in headers)
    internet.raw = f"HTTP/1.1 {status} X\r\n".encode() + head + b"\r\n" + body
    with suppress(InputError):
        assert isinstance(fetch(internet, "raw"), bytes)

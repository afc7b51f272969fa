"""What others were caught with, tried on the real server: it lets nobody in who is not on its lists."""

import json
import os
import re
import socket
import struct
import time
import zlib
from contextlib import suppress
from pathlib import Path

import pytest

from inklings.lab.app import ROUTES
from lab_process import read_all

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get")
PATHS = sorted({re.sub(r"\{id\}", "m1", re.sub(r"\{(name:path|command)\}", "stop", route.path)) for route in ROUTES})
SECRET = "root:x:0"


def status_of(answer):
    """The status line's number, of what a socket gave; 0 if the connection ended without a word."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0


# Who may ask: DNS rebinding (CVE-2024-28224, CVE-2025-66414), forgotten methods (CVE-2026-27482), listed paths
# (CVE-2026-2611).


@pytest.mark.parametrize("path", PATHS)
def test_every_address_is_closed_to_whoever_has_no_token_by_every_method(lab, path):
    for method in METHODS:
        headers = {"Host": lab.host, "Origin": f"http://{lab.host}"}
        answer = lab.ask(method, path, headers=headers)
        assert answer.status in (403, 405), (method, answer.status)
        assert method == "HEAD" or set(answer.json()) == {"error"}


def test_an_address_that_does_not_exist_is_closed_too(lab):
    assert lab.ask("GET", "/api/unknown", headers={"Host": lab.host}).status == 403


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1.evil.example:{port}",
        "localhost.evil.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.0.0.1:{port}.evil.example",
        "0.0.0.0:{port}",
        "2130706433:{port}",
        "user@127.0.0.1:{port}",
        "[::ffff:127.0.0.1]:{port}",
        "",
    ],
)
def test_another_host_is_refused_even_with_the_token_and_its_own_origin(lab, method, host):
    host = host.format(port=lab.port)
    for path in ("/", "/api/models", f"/?token={lab.token}", "/api/trainings/t1/events"):
        headers = {"Host": host, "Origin": f"http://{host}", "Cookie": lab.cookie, "Sec-Fetch-Site": "same-origin"}
        answer = lab.ask(method, path, headers=headers)
        assert answer.status in (400, 421), (path, answer.status)
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "request_head",
    [
        "GET /api/models HTTP/1.0\r\n",
        "GET /api/models HTTP/1.1\r\n",
        "GET /api/models HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n",
        "GET /api/models HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: {host}\r\n",
        "GET http://{host}/api/models HTTP/1.1\r\nHost: evil.example\r\n",
    ],
)
def test_a_host_that_is_missing_doubled_or_forwarded_is_refused(lab, request_head):
    answer = lab.raw((request_head.format(host=lab.host) + f"Cookie: {lab.cookie}\r\n\r\n").encode())
    assert status_of(answer) in (400, 421)


def test_the_names_of_this_machine_s_own_address_are_answered(lab):
    for name in ("127.0.0.1", "localhost", "LOCALHOST", "[::1]"):
        assert lab.ask("GET", "/api/models", headers={**lab.own, "Host": f"{name}:{lab.port}"}).status == 200


# Where it comes from: cross-site posts and streams; an origin that only begins or ends right (CVE-2026-40110).

OTHER_ORIGINS = [
    "null",
    "",
    "http://evil.example",
    "http://127.0.0.1:{port}.evil.example",
    "http://evil.example/?http://127.0.0.1:{port}",
    "http://127.0.0.1:{port}@evil.example",
    "http://127.0.0.1:{other}",
    "http://localhost",
    "https://127.0.0.1:{port}",
    "http://127.0.0.1:{port}/",
    "file://",
]


@pytest.mark.parametrize("origin", OTHER_ORIGINS)
def test_another_origin_is_refused_for_posts_streams_and_reading(lab, origin):
    origin = origin.format(port=lab.port, other=lab.port + 1)
    headers = {**lab.own, "Origin": origin}
    assert lab.ask("POST", "/api/trainings", b"{}", headers).status == 403
    assert lab.ask("GET", "/api/trainings/t1/events", headers=headers).status == 403
    assert lab.ask("GET", "/api/models", headers=headers).status == 403


def test_a_post_without_an_origin_is_refused(lab):
    headers = {"Host": lab.host, "Cookie": lab.cookie}
    for path in ("/api/trainings", "/api/trainings/t1/stop", "/api/drawings?label=0", "/api/models/m1/novelty"):
        assert lab.ask("POST", path, b"{}", headers).status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
def test_what_a_browser_says_another_site_asked_for_is_refused(lab, site):
    # Another port of this machine is the same site, which SameSite cookies are sent to.
    headers = {"Host": lab.host, "Cookie": lab.cookie, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
    for path in ("/api/models", "/static/lab.js", "/api/trainings/t1/events", "/api/data/images"):
        assert lab.ask("GET", path, headers=headers).status == 403
    # A link in a mail may lead to the page, and to nothing else than a page of its own.
    visit = {**headers, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert lab.ask("GET", "/draw", headers=visit).status == 200
    assert lab.ask("GET", "/draw", headers={**visit, "Sec-Fetch-Dest": "iframe"}).status == 403
    assert lab.ask("POST", "/api/trainings", b"{}", {**visit, "Origin": "null"}).status == 403


def test_a_stream_without_an_origin_is_for_the_lab_s_own_page(lab):
    headers = {"Host": lab.host, "Cookie": lab.cookie}
    assert lab.ask("GET", "/api/trainings/t1/events", headers=headers).status == 403
    assert (
        lab.ask("GET", "/api/trainings/t1/events", headers={**headers, "Sec-Fetch-Site": "same-origin"}).status == 404
    )


# The token.


def test_the_token_is_exchanged_for_a_strict_cookie_that_no_script_sees(lab):
    answer = lab.ask("GET", f"/?token={lab.token}", headers={"Host": lab.host})
    assert answer.status == 303
    assert answer.headers["Location"] == "/"
    parts = answer.headers["Set-Cookie"].split("; ")
    assert set(parts[1:]) == {"Path=/", "HttpOnly", "SameSite=Strict"}
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_whoever_follows_a_link_with_the_token_from_another_site_gets_the_cookie_without_a_redirect(lab):
    # A browser would not send a strict cookie along a redirect that another site began.
    headers = {"Host": lab.host, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    answer = lab.ask("GET", f"/?token={lab.token}", headers={**headers, "Sec-Fetch-Dest": "document"})
    assert (answer.status, "Set-Cookie" in answer.headers) == (200, True)
    assert b"url=/" in answer.body


@pytest.mark.parametrize("token", ["", "x", "{token}x", "{short}", "%00", "{upper}"])
def test_a_wrong_token_opens_nothing(lab, token):
    token = token.format(token=lab.token, short=lab.token[:-1], upper=lab.token.swapcase())
    answer = lab.ask("GET", f"/?token={token}", headers={"Host": lab.host})
    assert (answer.status, "Set-Cookie" in answer.headers) == (403, False)
    name = lab.cookie.partition("=")[0]
    assert lab.ask("GET", "/api/models", headers={"Host": lab.host, "Cookie": f"{name}={token}"}).status == 403


def test_the_token_in_an_address_opens_the_first_page_alone(lab):
    assert lab.ask("GET", f"/api/models?token={lab.token}", headers={"Host": lab.host}).status == 403


def test_the_cookie_of_a_lab_on_another_port_is_not_this_one_s(lab):
    headers = {"Host": lab.host, "Cookie": f"inklings-lab-{lab.port + 1}={lab.token}"}
    assert lab.ask("GET", "/api/models", headers=headers).status == 403
    both = f"inklings-lab-{lab.port + 1}=other; {lab.cookie}"
    assert lab.ask("GET", "/api/models", headers={"Host": lab.host, "Cookie": both}).status == 200


@pytest.mark.parametrize("value", ['"' + "\\" * 15_000 + '"', '"' + r"\075" * 3700 + '"'], ids=["backslashes", "octal"])
def test_a_cookie_that_takes_long_to_unquote_is_not_unquoted(lab, value):
    # CVE-2024-7592: quadratic, and before any token is asked for.
    name, begun = lab.cookie.partition("=")[0], time.monotonic()
    assert lab.ask("GET", "/api/models", headers={"Host": lab.host, "Cookie": f"{name}={value}"}).status == 403
    assert time.monotonic() - begun < 3  # it was seven seconds


# Paths: traversal, plain, encoded, twice encoded; absolute and UNC paths (CVE-2026-28414).

TRAVERSALS = [
    "../../../../../../etc/passwd",
    "..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "%252e%252e%252f%252e%252e%252fetc%252fpasswd",
    "..%5c..%5c..%5cetc%5cpasswd",
    "..%c0%af..%c0%afetc/passwd",
    "%00/etc/passwd",
    "/etc/passwd",
    "//etc/passwd",
    "%2fetc%2fpasswd",
    "file:///etc/passwd",
    "C:/Windows/win.ini",
    "C:%5cWindows%5cwin.ini",
    "%5c%5cevil.example%5cshare%5cx.js",
    "//evil.example/share/x.js",
    "%5c%5c%3f%5cC:%5cx",
    "style/../../assets.py",
    "style/%2e%2e/%2e%2e/assets.py",
    "../assets.py",
    "lab.js/",
    "lab.js%00.css",
    "LAB.JS",
]


@pytest.mark.parametrize("place", ["/static/", "/api/runs/", "/api/models/", "/api/trainings/", "/"])
@pytest.mark.parametrize("path", TRAVERSALS)
def test_no_path_leads_out(lab, place, path):
    answer = lab.raw(
        f"GET {place}{path} HTTP/1.1\r\nHost: {lab.host}\r\nCookie: {lab.cookie}\r\nConnection: close\r\n\r\n".encode()
    )
    assert status_of(answer) in (400, 404, 405)
    assert SECRET.encode() not in answer
    assert b"from __future__" not in answer


def test_a_run_is_known_by_its_whole_id_and_by_nothing_that_looks_like_a_path(lab):
    runs = lab.get("/api/runs").json()
    for wrong in (".", "..", "", "*", "%2e", "a", *(run["id"][:-1] for run in runs[:1])):
        assert lab.ask("GET", f"/api/runs/{wrong}/report").status == 404


def test_a_label_is_one_of_the_classes_or_refused(lab):
    for wrong in ("../../x", "%2e%2e%2fx", "/tmp/x", "C:%5cx", "", "<script>", "0%00", "0/../1"):
        assert lab.ask("POST", f"/api/drawings?label={wrong}", plain_png()).status == 422
    assert not (Path(lab.folder) / "drawings").exists()


# Too much, too slow, too many.


@pytest.mark.parametrize("length", ["8388609", "99999999999", "9" * 18])
def test_a_body_that_is_announced_too_long_is_refused_before_it_comes(lab, length):
    head = f"POST /api/drawings?label=0 HTTP/1.1\r\nHost: {lab.host}\r\nOrigin: http://{lab.host}\r\n"
    begun = time.monotonic()
    answer = lab.raw(f"{head}Cookie: {lab.cookie}\r\nContent-Length: {length}\r\n\r\nxx".encode())
    assert status_of(answer) == 413
    assert time.monotonic() - begun < 3


def test_a_body_without_a_length_is_refused_as_soon_as_it_is_too_long(lab):
    head = f"POST /api/trainings HTTP/1.1\r\nHost: {lab.host}\r\nOrigin: http://{lab.host}\r\nCookie: {lab.cookie}\r\n"
    with socket.create_connection(("127.0.0.1", lab.port), timeout=10) as connection:
        connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        sent, answer = 0, b""
        connection.settimeout(5)
        with suppress(OSError):  # the server closes it
            while sent < 64 << 20:
                connection.sendall(chunk)
                sent += 65536
        with suppress(OSError):
            answer = read_all(connection, 2)
    assert sent < 8 << 20
    assert status_of(answer) in (0, 413)
    assert lab.get("/api/models").status == 200


def test_headers_without_end_are_refused(lab):
    content = f"GET / HTTP/1.1\r\nHost: {lab.host}\r\n".encode() + b"X: " + b"x" * 200_000
    assert status_of(lab.raw(content)) in (0, 400)


def test_a_thousand_connections_that_say_nothing_leave_room_for_a_request(lab):
    resource = pytest.importorskip("resource", reason="not on this system")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1200:
        pytest.skip("this system allows too few open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1200), hard))
    opened = []
    try:
        for number in range(1000):
            connection = socket.create_connection(("127.0.0.1", lab.port), timeout=5)
            opened.append(connection)
            if number % 2:
                connection.sendall(b"GET / HTTP/1.1\r\nHo")
        begun = time.monotonic()
        assert lab.get("/api/models").status == 200
        assert time.monotonic() - begun < 6  # without giving places away, it would wait for ten
    finally:
        for connection in opened:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


LARGE = "/static/engine/inklings.wasm"


def takes_nothing(lab, times):
    """A connection that asks for megabytes in all, and never reads an answer."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    connection.connect(("127.0.0.1", lab.port))
    request = f"GET {LARGE} HTTP/1.1\r\nHost: {lab.host}\r\nCookie: {lab.cookie}\r\n\r\n"
    connection.sendall(request.encode() * times)
    return connection


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system does not say what a process has open")
def test_who_takes_no_answers_cannot_hold_more_than_the_places_there_are(lab):
    opened = []
    try:
        for number in range(260):
            opened.append(takes_nothing(lab, 5))
            if number % 20 == 19:
                assert lab.get("/api/models").status == 200
        time.sleep(0.5)
        assert lab.get("/api/models").status == 200
        sockets = len(list(Path(f"/proc/{lab.process.pid}/fd").iterdir()))
        assert sockets < 200 + 30  # its own files, pipes and library among them
    finally:
        for connection in opened:
            connection.close()


@pytest.mark.slow
def test_who_takes_nothing_for_a_minute_is_dropped(lab):
    connection = takes_nothing(lab, 60)
    length = 60 * len(lab.get(LARGE).body)
    time.sleep(2 * 30 + 5)
    taken = 0
    with suppress(ConnectionResetError):
        while part := connection.recv(65536):
            taken += len(part)
    connection.close()
    assert taken < length


def test_a_body_that_never_comes_holds_no_place_once_it_is_answered(lab):
    head = f"GET /api/models HTTP/1.1\r\nHost: {lab.host}\r\nCookie: {lab.cookie}\r\nContent-Length: 1000000\r\n\r\n"
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", lab.port), timeout=10) as connection:
        connection.sendall(head.encode())
        answer, drops = b"", 0
        connection.settimeout(0.5)
        while time.monotonic() - begun < 10:
            try:
                connection.sendall(b" ")  # a drop now and then keeps it alive for ever
                part = connection.recv(65536)
            except TimeoutError:
                drops += 1
                continue
            except OSError:
                break
            if not part:
                break
            answer += part
    assert status_of(answer) == 200
    assert time.monotonic() - begun < 8


@pytest.mark.slow
def test_headers_and_bodies_that_come_drop_by_drop_are_given_up(lab):
    head = f"POST /api/trainings HTTP/1.1\r\nHost: {lab.host}\r\nOrigin: http://{lab.host}\r\nCookie: {lab.cookie}\r\n"
    slow_head = socket.create_connection(("127.0.0.1", lab.port), timeout=30)
    slow_body = socket.create_connection(("127.0.0.1", lab.port), timeout=30)
    slow_body.sendall(f"{head}Content-Length: 1000\r\n\r\n".encode())
    begun, ended = time.monotonic(), {}
    while len(ended) < 2 and time.monotonic() - begun < 40:
        for name, connection, drop in (("head", slow_head, b"G"), ("body", slow_body, b" ")):
            if name in ended:
                continue
            try:
                connection.sendall(drop)
                connection.settimeout(0.2)
                ended[name] = connection.recv(4096), time.monotonic() - begun
            except TimeoutError:
                pass
            except OSError:
                ended[name] = b"", time.monotonic() - begun
        time.sleep(0.5)
    for connection in (slow_head, slow_body):
        connection.close()
    assert ended["head"][1] < 15
    assert ended["body"][1] < 15
    assert status_of(ended["body"][0]) in (0, 408)


# Drawings: looked over before anything decodes them.


def part(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def plain_png(width=60, height=60, *more, idat=None, signature=b"\x89PNG\r\n\x1a\n"):
    rows = b"".join(b"\0" + bytes([255]) * min(width, 60) for _ in range(min(height, 60))) if idat is None else b""
    header = part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    content = part(b"IDAT", zlib.compress(rows) if idat is None else idat)
    return signature + header + b"".join(more) + content + part(b"IEND", b"")


def zeros(megabytes):
    """Compress nothing but zeros, to a thousandth of their size."""
    return zlib.compress(bytes(megabytes * 1_000_000))


# Made when they are sent, since each process that runs tests reads this module.
BOMBS = {
    "a picture of 60,000 x 60,000": lambda: plain_png(60_000, 60_000),
    "of 2^31 pixels a side": lambda: plain_png(2**31 - 1, 2**31 - 1),
    "of no pixels": lambda: plain_png(0, 10),
    "an animation": lambda: plain_png(60, 60, part(b"acTL", struct.pack(">II", 100_000, 0))),
    "a compressed text": lambda: plain_png(60, 60, part(b"zTXt", b"a\0\0" + zeros(50))),
    "a compressed profile": lambda: plain_png(60, 60, part(b"iCCP", b"a\0\0" + zeros(50))),
    "pixels that unpack to much more than it says": lambda: plain_png(2, 2, idat=zeros(200)),
    "no end": lambda: plain_png()[:-20],
    "something behind its end": lambda: plain_png() + b"<script>alert(1)</script>",
    "a length beyond the file": lambda: b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 2**31 - 1) + b"IHDR" + bytes(100),
    "another format": lambda: b"GIF89a" + bytes(1000),
    "an SVG": lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "nothing": lambda: b"",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_drawing_that_is_no_drawing_is_refused_before_it_takes_memory(lab, name):
    before = rss(lab.process.pid)
    answer = lab.ask("POST", "/api/drawings?label=0", BOMBS[name]())
    assert answer.status in (413, 422), answer.body
    assert len(answer.json()["error"].splitlines()) == 1
    assert rss(lab.process.pid) - before < 100 << 20


def rss(pid):
    """Bytes that a process has in memory; 0 where the system does not say."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


# Forms are read nowhere (CVE-2024-47874: without bound; CVE-2026-24486: a file's name as a path), nor ranges
# (CVE-2025-62727: in quadratic time).


def test_a_form_is_no_drawing_and_its_file_name_is_no_path(lab):
    boundary = b'--x\r\nContent-Disposition: form-data; name="file"; filename="../../evil.png"\r\n\r\n'
    headers = {**lab.own, "Content-Type": "multipart/form-data; boundary=x"}
    for path in ("/api/drawings?label=0", "/api/trainings"):
        assert lab.ask("POST", path, boundary + plain_png() + b"\r\n--x--", headers).status in (400, 422)
        # Too long: refused before all of it has come, so that the rest may meet a connection that is closed.
        with suppress(ConnectionResetError, BrokenPipeError):
            assert lab.ask("POST", path, boundary + b"x" * (3 << 20), headers).status in (400, 413, 422)
    assert not list(Path(lab.folder).parent.rglob("evil.png"))


def test_a_range_of_a_thousand_parts_is_no_work(lab):
    ranges = "bytes=" + ",".join(f"{number}-{number}" for number in range(1500))
    begun = time.monotonic()
    answer = lab.ask("GET", "/static/lab.js", headers={**lab.own, "Range": ranges})
    assert answer.status == 200
    assert time.monotonic() - begun < 3


# Requests hidden in others.

HIDDEN = "GET /api/models HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n"


@pytest.mark.parametrize(
    "lengths",
    [
        "Content-Length: 0\r\nContent-Length: {n}\r\n",
        "Content-Length: {n}\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: {n}\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity, chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Content-Length: +0\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x0\r\n",
        "Content-Length: 0, {n}\r\n",
        "Content-Length : 0\r\n",
        " Content-Length: 0\r\n",
    ],
)
def test_a_length_that_can_be_read_in_two_ways_ends_the_connection(lab, lengths):
    hidden = HIDDEN.format(host=lab.host, cookie=lab.cookie)
    head = f"POST /api/trainings HTTP/1.1\r\nHost: {lab.host}\r\nOrigin: http://{lab.host}\r\nCookie: {lab.cookie}\r\n"
    answer = lab.raw((head + lengths.format(n=len(hidden)) + "\r\n0\r\n\r\n" + hidden).encode(), seconds=3)
    assert status_of(answer) in (400, 403, 501)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b'"title"' not in answer


def test_what_follows_a_refused_request_is_not_answered(lab):
    refused = "POST /api/trainings HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n"
    answer = lab.raw((refused + HIDDEN.format(host=lab.host, cookie=lab.cookie)).encode(), seconds=3)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert status_of(answer) == 421


@pytest.mark.parametrize(
    "content",
    [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"\r\n" * 100,
        bytes(1000),
    ],
)
def test_what_is_no_request_is_refused(lab, content):
    assert status_of(lab.raw(content, seconds=1)) in (0, 400, 405, 421, 505)
    assert lab.get("/api/models").status == 200


def test_no_websocket_is_opened(lab):
    head = f"GET /api/trainings/t999/events HTTP/1.1\r\nHost: {lab.host}\r\nOrigin: http://{lab.host}\r\n"
    more = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: YQ==\r\n"
    assert status_of(lab.raw(f"{head}Cookie: {lab.cookie}\r\n{more}\r\n".encode(), seconds=2)) == 404


# Answers: what they allow a page to do, and text that would be a script.


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/api/models", 200), ("/static/lab.js", 200), ("/static/none", 404), ("/x", 404)]
)
def test_every_answer_forbids_what_the_page_does_not_need(lab, path, status):
    for headers, expected in ((lab.own, status), ({"Host": lab.host}, 403), ({**lab.own, "Host": "evil"}, 421)):
        answer = lab.ask("GET", path, headers=headers)
        assert answer.status == expected
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Server" not in answer.headers


def test_the_page_has_no_script_or_style_within_it(lab):
    page = lab.get("/").body.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", page)
    assert not re.search(r"<style|\son\w+=|\sstyle=", page)


def test_a_title_that_is_a_script_stays_text(lab):
    script = "</script><script>alert(1)</script>"
    wanted = {"network": {"preset": "softmax"}, "recipe": {"epochs": 1}, "title": script}
    answer = lab.post("/api/trainings", wanted)
    assert answer.status == 201
    found = lab.wait_for(answer.json()["id"], "finished")
    assert found["title"] == script
    for path in ("/api/trainings", "/api/models", "/api/runs"):
        listed = lab.get(path)
        assert listed.headers["Content-Type"] == "application/json"
        assert script in json.dumps(listed.json())
    assert "<" not in found["run"]


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 60_000,
        b"{" * 1000,
        b"\xff\xfe",
        b'{"network": ' + b"1" * 60_000 + b"}",
        b"NaN",
        b'"' + b"x" * 70_000 + b'"',
    ],
)
def test_what_is_no_json_or_too_much_of_it_is_refused(lab, content):
    answer = lab.ask("POST", "/api/trainings", content)
    assert answer.status in (400, 413, 422)
    assert len(answer.body) < 500


@pytest.mark.parametrize("path", ["/api/models/m1/novelty", "/api/models/m1/explain?kind=saliency&class=3"])
@pytest.mark.parametrize(
    "content", [b"", b"x" * 1599, struct.pack("<f", float("nan")) * 400, b"\xff" * 1600, b"x" * 5000]
)
def test_bytes_that_are_no_image_are_refused(lab, path, content):
    assert lab.ask("POST", path, content).status in (413, 422)


@pytest.mark.parametrize(
    "query", ["limit=-1", "limit=1e9", "limit=99999999999", "offset=-5", "offset=%D9%A1", "part=../x"]
)
def test_numbers_that_are_none_are_refused(lab, query):
    assert lab.ask("GET", f"/api/data/images?{query}").status in (400, 404)

"""Talks to the server as programs in Python do, with http.client.

    python3 http_client.py SCENARIO PORT [BYTES]

Prints what it has seen as JSON.
"""

import hashlib
import http.client
import json
import sys

PIECE = 65_536


def keep_alive(conn):
    """One connection for requests of all kinds."""
    seen = []
    for method, target, body in [
        ("GET", "/echo", None),
        ("POST", "/echo?a=b", "text"),
        ("PUT", "/echo", b""),
        ("GET", "/ticks?count=2", None),
        ("GET", "/echo", None),
    ]:
        conn.request(method, target, body)
        response = conn.getresponse()
        seen.append(response.read().decode())
    return seen


def head(conn):
    """The fields without the body, then another request."""
    seen = []
    for method in ["HEAD", "GET"]:
        for target in [
            "/pattern?bytes=10&length",
            "/files/a",
            "/json",
            "/nowhere",
        ]:
            conn.request(method, target)
            response = conn.getresponse()
            body = response.read()
            length = response.getheader("content-length")
            seen.append([method, response.status, length, len(body)])
    return seen


def no_content(conn):
    """204, then another request."""
    seen = []
    for target in ["/none", "/json"]:
        conn.request("GET", target)
        response = conn.getresponse()
        seen.append([response.status, response.read().decode()])
    return seen


def errors(conn):
    """Answers that are errors; http.client connects anew where it has to."""
    seen = []
    for method, target, fields in [
        ("GET", "/nowhere", {}),
        ("DELETE", "/json", {}),
        ("PUT", "/refused", {}),
        ("GET", "/fails", {}),
        ("GET", "/json", {"Host": "not a host"}),
        ("GET", "/json", {"X-Long": "a" * 20_000}),
        ("GET", "/" + "a" * 10_000, {}),
        ("GET", "/json", {}),
    ]:
        conn.request(method, target, headers=fields)
        response = conn.getresponse()
        seen.append({
            "status": response.status,
            "reason": response.reason,
            "type": response.getheader("content-type"),
            "closes": response.will_close,
            "body": response.read().decode(),
        })
    return seen


def pieces(conn):
    """A body in pieces, read as they come."""
    conn.request("GET", "/ticks?count=3")
    response = conn.getresponse()
    seen = [response.chunked]
    while piece := response.read1():
        seen.append(piece.decode())
    return seen


def upload_chunked(conn, length):
    """A body of unknown length, from a generator."""
    conn.request("PUT", "/echo", body=pattern(conn, length))
    return json.load(conn.getresponse())


def download(conn, length):
    """A body of which nothing is kept."""
    conn.request("GET", f"/pattern?bytes={length}")
    response = conn.getresponse()
    digest = hashlib.sha256()
    received = 0
    while piece := response.read(PIECE):
        digest.update(piece)
        received += len(piece)
    return {"length": received, "sha256": digest.hexdigest()}


def pattern(conn, length):
    """The pattern of that length, in pieces as another connection brings it."""
    source = http.client.HTTPConnection(conn.host, conn.port)
    source.request("GET", f"/pattern?bytes={length}")
    response = source.getresponse()
    while piece := response.read(PIECE):
        yield piece
    source.close()


def main():
    scenario, port, *lengths = sys.argv[1:]
    conn = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    seen = globals()[scenario](conn, *map(int, lengths))
    conn.close()
    print(json.dumps(seen))


main()

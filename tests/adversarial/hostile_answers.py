"""What a hostile registry says instead of its page of projects: a table, one line an answer.

`makes` gets the true body and gives the bytes on the wire; `then` is what becomes of the
connection. `told` is the outcome that it gets, or those that it may get, as
the network parts the bytes: OK only where the true rows came.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

BAD, LARGE, LATE = "INVALID_PAYLOAD", "TOO_LARGE", "TIMEOUT"
STATUS, GONE, BUSY, OK = "HTTP_ERROR", "CONNECT_ERROR", "RATE_LIMITED", "OK"
CLOSES, HOLDS, RESETS, DRIPS, FLOODS = "closes", "holds", "resets", "drips", "floods"
AGAIN = "answers again"
JSON = b"Content-Type: application/json"
LIMIT = 256 * 1024

Makes = Callable[[bytes], bytes]
packed = partial(gzip.compress, mtime=0)


@dataclass(frozen=True, slots=True)
class Answer:
    """One hostile answer."""

    name: str
    makes: Makes
    told: str
    then: str = CLOSES


def head(*lines: bytes, status: bytes = b"200 OK") -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, *lines, b"", b""])


def page(body: bytes, *lines: bytes, status: bytes = b"200 OK", total: bytes = b"24") -> bytes:
    """A whole response, as it should be."""
    length = b"Content-Length: %d" % len(body)
    return head(JSON, length, b"X-Total-Count: " + total, *lines, status=status) + body


def raw(lines: bytes, body: bytes = b"") -> bytes:
    return head(JSON, b"X-Total-Count: 24", *lines.split(b"\n")) + body


def chunks(*parts: bytes, last: bytes = b"0\r\n\r\n") -> bytes:
    made = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return raw(b"Transfer-Encoding: chunked", made + last)


def cut(part: int, promised: bool) -> Makes:
    def make(body: bytes) -> bytes:
        begun = body[: len(body) * part // 12]
        return page(body)[: -len(body) + len(begun)] if promised else page(begun)

    return make


def said(body: bytes, *lines: bytes) -> Makes:
    return lambda _: page(body, *lines)


def first_row(change: Callable[[bytes], bytes]) -> Makes:
    """The page with the bytes of its first row changed."""

    def make(body: bytes) -> bytes:
        rows = [json.dumps(row).encode() for row in json.loads(body)]
        return page(b"[" + b",".join([change(rows[0]), *rows[1:]]) + b"]")

    return make


def status(code: bytes, *lines: bytes) -> Makes:
    return lambda body: page(body, *lines, status=code)


def totalled(text: bytes, body: bytes) -> bytes:
    return page(body, total=text)


def sized(text: bytes, body: bytes) -> bytes:
    return raw(b"Transfer-Encoding: chunked", text + b"\r\n" + body)


def long(text: bytes, body: bytes) -> bytes:
    return raw(b"Content-Length: " + text, body)


def coded(coding: bytes, pack: Callable[[bytes], bytes]) -> Makes:
    return lambda body: page(pack(body), b"Content-Encoding: " + coding)


def bomb(times: int) -> bytes:
    body = b"[" + b" " * 8_000_000 + b"]"
    for _ in range(times):
        body = packed(body)
    return body


BODIES = [
    *(Answer(f"cut at {n} of 12", cut(n, False), BAD) for n in range(12)),
    *(Answer(f"cut at {n} of 12, all promised", cut(n, True), BAD) for n in range(1, 12, 2)),
    Answer("a key twice", first_row(lambda row: row[:-1] + b',"id":"1"}'), BAD),
    Answer("a key twice, escaped", first_row(lambda row: row[:-1] + b',"\\u0069d":"1"}'), BAD),
    Answer("deep lists", said(b"[" * 100_000), BAD),
    Answer("deep lists that end", said(b"[" * 100_000 + b"]" * 100_000), BAD),
    Answer("deep objects", said(b'{"a":' * 40_000), BAD),
    Answer("deep in a row", first_row(lambda r: r[:-1] + b',"x":' + b"[" * 60_000 + b"}"), BAD),
    Answer(
        "deep in a row, whole",
        first_row(lambda r: r[:-1] + b',"x":' + b"[" * 60_000 + b"]" * 60_000 + b"}"),
        BAD,
    ),
    *(
        Answer(f"only {text.decode()}", said(text), BAD)
        for text in (b"null", b"true", b"7", b'"text"', b"{}", b"[7]", b"[[]]", b"[null]", b"[{}]")
    ),
    Answer("nothing", said(b""), BAD),
    Answer("no rows of 24", said(b"[]"), BAD),
    Answer("an error with 200", said(b'{"error":"not now"}'), BAD),
    Answer("the page twice", lambda body: page(body + body), BAD),
    Answer("the page and more", lambda body: page(body + b" x"), BAD),
    Answer("the page and NULs", lambda body: page(body + b"\0" * 64), BAD),
    Answer("a comma too many", lambda body: page(body[:-1] + b",]"), BAD),
    Answer("a comment", lambda body: page(b"/* */" + body), BAD),
    Answer("a call back", lambda body: page(b"call(" + body + b")"), BAD),
    Answer("single quotes", lambda body: page(body.replace(b'"', b"'")), BAD),
    Answer("Latin letters", first_row(lambda row: row[:-1] + b',"name":"\xe9"}'), BAD),
    Answer("no UTF-8", lambda body: page(body[:-2] + b"\xff\xfe]"), BAD),
    Answer("UTF-16", lambda body: page(body.decode().encode("utf-16")), BAD),
    Answer("UTF-32", lambda body: page(body.decode().encode("utf-32")), BAD),
    Answer("UTF-7", lambda body: page(b"+AFs-" + body[1:]), BAD),
    Answer(
        "a number without an end", first_row(lambda r: r[:-1] + b',"id":' + b"9" * 200_000), BAD
    ),
    Answer("a web page", said(b"<!doctype html><html></html>"), BAD),
    Answer("a script of NULs", said(b"\0" * 5000), BAD),
    Answer("a zip", said(b"PK\x03\x04" + b"\0" * 500), BAD),
    Answer("more than it may be", said(b" " * (LIMIT + 1)), LARGE),
]
TOTALS = [
    *(
        Answer(f"a total of {text.decode()}", partial(totalled, text), BAD)
        for text in (b"25", b"23", b"0", b"-1", b"1e9", b"many", b"9" * 500, b"24, 24")
    ),
]
CODINGS = [
    Answer("a bomb", said(bomb(1), b"Content-Encoding: gzip"), LARGE),
    Answer("a bomb in a bomb", said(bomb(2), b"Content-Encoding: gzip, gzip"), BAD),
    Answer("a bomb once unpacked", said(bomb(2), b"Content-Encoding: gzip"), BAD),
    Answer("deflate", coded(b"deflate", zlib.compress), BAD),
    Answer("br", coded(b"br", zlib.compress), BAD),
    Answer("zstd", coded(b"zstd", zlib.compress), BAD),
    Answer("gzip without gzip", coded(b"gzip", bytes), BAD),
    Answer("gzip, cut", coded(b"gzip", lambda body: packed(body)[:-5]), BAD),
    Answer("gzip and more", coded(b"gzip", lambda body: packed(body) + b"more"), BAD),
    Answer("gzip of nothing", coded(b"gzip", lambda body: packed(b"")), BAD),
    Answer("gzip, a wrong sum", coded(b"gzip", lambda body: packed(body)[:-8] + b"\0" * 8), BAD),
    Answer("gzip, as it should be", coded(b"gzip", packed), OK),
]
STATUSES = [
    Answer("204 with a body", status(b"204 No Content"), BAD),
    Answer("205 with the page", status(b"205 Reset Content"), OK),
    Answer("206 unasked", status(b"206 Partial", b"Content-Range: bytes 0-9/10"), BAD),
    Answer("202 with the page", status(b"202 Accepted"), OK),
    Answer("304 unasked", status(b"304 Not Modified"), BAD),
    *(
        Answer(f"{code.decode()} with the page", status(code), STATUS)
        for code in (b"300 Which", b"401 No", b"404 None", b"500 No", b"599 ?", b"999 ?")
    ),
    *(
        Answer(f"in circles by {to.decode()}", status(b"302 Go", b"Location: " + to), STATUS, AGAIN)
        for to in (b"", b"/projects", b"?page=1", b"\\\\127.0.0.1\\x", b".", b"#x")
    ),
    *(
        Answer(f"a way to {to.decode()}", status(b"302 Found", b"Location: " + to), STATUS)
        for to in (
            b"http://169.254.169.254/latest/",
            b"http://127.0.0.2/",
            b"http://[::1]/",
            b"file:///etc/passwd",
            b"ftp://127.0.0.1/",
            b"gopher://127.0.0.1/",
            b"javascript:0",
            b"//example.org/",
            b"http://user:word@127.0.0.1/",
            b"http://127.0.0.1:99999/",
        )
    ),
    *(
        Answer(f"429, {after.decode()[:12]}", status(b"429 Wait", b"Retry-After: " + after), BUSY)
        for after in (b"0",)
    ),
]
FRAMES = [
    Answer("no HTTP", lambda body: body, BAD),
    Answer("HTTP/0.9", lambda body: b"<html>" + body, BAD),
    Answer("HTTP/2", lambda body: b"\0\0\x12\x04\0\0\0\0\0" + b"\0" * 18, BAD),
    Answer("TLS", lambda body: b"\x15\x03\x01\0\x02\x02\x28", BAD),
    Answer("two first lines", lambda body: b"HTTP/1.1 200 OK\r\n" + page(body), BAD),
    Answer("a status of words", lambda body: page(body, status=b"OK OK"), BAD),
    Answer("a status of minus one", lambda body: page(body, status=b"-1 No"), BAD),
    Answer("a header without a colon", lambda body: page(body, b"nothing"), BAD),
    Answer("a header with NUL", lambda body: page(body, b"X: a\0b"), BAD),
    Answer("a header of a blank", lambda body: page(body, b"X : a"), BAD),
    Answer("a header of 100 kB", lambda body: page(body, b"X: " + b"a" * 100_000), BAD),
    Answer("a header's name of 100 kB", lambda body: page(body, b"a" * 100_000 + b": a"), BAD),
    Answer("5000 headers", lambda body: page(body, *[b"X: a"] * 5000), BAD),
    Answer("a first line of 1 MB", lambda body: page(body, status=b"200 " + b"a" * 1_000_000), BAD),
    *(
        Answer(f"a length of {text.decode()[:12]}", partial(long, text), BAD)
        for text in (b"-1", b"+5", b"0x10", b"5, 6", b"5 6", b"9" * 40, b"", b"1e3", b"10")
    ),
    Answer("two lengths", lambda b: page(b, b"Content-Length: 5"), BAD),
    Answer("a length and chunks", lambda b: page(b, b"Transfer-Encoding: chunked"), BAD),
    *(
        Answer(
            f"a chunk of {size.decode()[:12]}",
            partial(sized, size),
            BAD,
        )
        for size in (b"-1", b"ffffffffffffffff", b"z", b"", b"0x5", b"5;" + b"a" * 100_000)
    ),
    Answer("no last chunk", lambda b: chunks(b, last=b""), BAD),
    Answer("chunks run together", lambda b: chunks(b[:9], last=b"5" + b[9:14] + b"0\r\n\r\n"), BAD),
    Answer("an endless trailer", lambda b: chunks(b, last=b"0\r\n" + b"X: a\r\n" * 5000), BAD),
    Answer(
        "a huge trailer", lambda b: chunks(b, last=b"0\r\nX: " + b"a" * 99_999 + b"\r\n\r\n"), BAD
    ),
    Answer("gzip as a transfer", lambda b: raw(b"Transfer-Encoding: gzip", packed(b)), BAD),
    Answer("chunks, as they should be", lambda b: chunks(b[:99], b[99:]), OK),
    Answer("another protocol", lambda b: head(b"Upgrade: x", status=b"101 Other") + b, STATUS),
    Answer("early hints", lambda b: head(status=b"103 Hints") * 3 + page(b), OK),
    Answer("5000 times wait", lambda b: head(status=b"100 Continue") * 5000 + page(b), BAD),
]
# What becomes of the connection.
ENDINGS = [
    Answer("closed unanswered", lambda b: b"", GONE),
    Answer("reset unanswered", lambda b: b"", GONE, RESETS),
    Answer("reset after the head", lambda b: page(b)[: -len(b)], BAD, RESETS),
    Answer("reset in the body", lambda b: page(b)[:-99], BAD, RESETS),
    Answer("closed in the head", lambda b: page(b)[:30], GONE),
    Answer("silent", lambda b: b"", LATE, HOLDS),
    Answer("silent after the head", lambda b: page(b)[: -len(b)], LATE, HOLDS),
    Answer("silent before the end", lambda b: page(b)[:-1], LATE, HOLDS),
    Answer("a byte in a while of the head", page, LATE, DRIPS),
    Answer("a byte in a while of the body", lambda b: b[:0] + page(b), LATE, "drips the body"),
    Answer("without an end", lambda b: chunks(b" " * 9999, last=b""), LARGE, FLOODS),
    Answer("zeros without an end", lambda b: raw(b"Content-Length: 99999999999"), LARGE, FLOODS),
    Answer("a head without an end", lambda b: head()[:-2], BAD, "floods headers"),
    Answer("wait without an end", lambda b: b"", BAD, "floods notices"),
    Answer("a second answer behind it", lambda b: page(b) + page(b"[]", total=b"0"), OK, HOLDS),
    Answer("rubbish behind it", lambda b: page(b) + b"\0rubbish" * 99, f"{OK} {BAD}", HOLDS),
]
TABLE = [*BODIES, *TOTALS, *CODINGS, *STATUSES, *FRAMES, *ENDINGS]

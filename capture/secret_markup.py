"""Where in markup values stand under a name that means a secret: XML, property lists, SyncML, HTML, multipart forms."""

import re
from collections.abc import Callable, Iterator

from portalscope.capture.secret_names import Kind, Names
from portalscope.capture.secret_places import Around, Place

FAR = 2000  # bytes of a start tag, or of the head of a part
OPEN, CLOSE = rb"<|&(?:amp;){0,2}lt;|\\u003[cC]", rb">|&(?:amp;){0,2}gt;|\\u003[eE]"
ELEMENT = re.compile(rb"(" + OPEN + rb")(?:[\w.-]{1,40}:)?([A-Za-z_][\w.-]{0,63})(?=[\s/>&\\])")
END = re.compile(CLOSE)
LIST = re.compile(rb"<key>([^<]{1,64})</key>\s*<(data|string)>([^<]*)")
ATTRIBUTE = re.compile(rb"\s([\w:.-]{1,64})\s*=\s*\\*([\"'])([^\"'<>\\]*)")
NAMED = re.compile(rb"\sname\s*=\s*\\*[\"']([^\"'<>\\]{1,64})")
VALUE = re.compile(rb"\svalue\s*=\s*\\*([\"'])([^\"'<>\\]*)")
NODE = re.compile(rb"<LocURI>([^<]{1,1000})</LocURI>|<Cred>")
PART = re.compile(rb'name="?([^"\r\n;]{1,64})')
HEAD_END = re.compile(rb"\r?\n\r?\n")
PART_END = re.compile(rb"\r?\n--")
CDATA = b"<![CDATA["
PASSWORD = Kind(type="password", source="oma-dm")


def elements(data: bytes, names: Names) -> Iterator[Place]:
    """Yield the text of secret XML elements; of one that holds others only where the name says so.

    Escaped markup is markup too: it is read by the sign that it begins with.
    """
    covered = 0
    for match in ELEMENT.finditer(data):
        kind = names.field("xml", match[2])
        opened = END.search(data, match.end(), match.end() + FAR) if kind and match.start() >= covered else None
        if kind and opened and data[opened.start() - 1 : opened.start()] != b"/":
            covered = (
                closed(data, opened.end(), match[1], match[2]) if kind.holds else leaf(data, opened.end(), match[1])
            )
            yield from texts(data, opened.end(), covered, match[1], kind)


def leaf(data: bytes, at: int, sign: bytes) -> int:
    """Where the text of an element ends; where it begins if it holds other elements."""
    if data.startswith(CDATA, at):
        end = data.find(b"]]>", at)
        return end + 3 if end >= 0 else len(data)
    end = data.find(sign, at)
    if end < 0:
        return len(data)
    return end if data[end + len(sign) : end + len(sign) + 2].lstrip(b"\\")[:1] == b"/" else at


def closed(data: bytes, at: int, sign: bytes, name: bytes) -> int:
    """Where the end tag of an element begins; the end of the data if there is none."""
    pattern = re.escape(sign) + rb"\\?/(?:[\w.-]{1,40}:)?" + re.escape(name) + rb"(?=[\s>&\\])"
    found = re.compile(pattern).search(data, at)
    return found.start() if found else len(data)


def texts(data: bytes, at: int, stop: int, sign: bytes, kind: Kind) -> Iterator[Place]:
    """Every text between two positions; inside CDATA everything up to its end is text."""
    while at < stop:
        if data.startswith(CDATA, at):
            end = data.find(b"]]>", at, stop)
            end = end if end >= 0 else stop
            yield from stripped(data, at + len(CDATA), end, kind, "")
            at = end + 3
        else:
            end = data.find(sign, at, stop)
            end = end if end >= 0 else stop
            yield from stripped(data, at, end, kind, "entities")
            behind = END.search(data, end, stop)
            at = end if data.startswith(CDATA, end) else behind.end() if behind else stop


def stripped(data: bytes, start: int, end: int, kind: Kind, written: str) -> Iterator[Place]:
    """A text without the white space around it; none if there is nothing else."""
    if text := data[start:end].strip():
        start = data.index(text[:1], start)
        yield Place(start, start + len(text), kind, written)


def entries(data: bytes, names: Names) -> Iterator[Place]:
    """Yield the secret entries of property lists."""
    for match in LIST.finditer(data) if b"<key>" in data else ():
        kind = names.field("plist", match[1])
        if kind:
            yield from stripped(data, *match.span(3), kind, "base64" if match[2] == b"data" else "entities")


def nodes(data: bytes, names: Names) -> Iterator[Place]:
    """Yield the data of SyncML items that a LocURI names, and of credentials."""
    covered = 0
    for match in NODE.finditer(data):
        kind = names.located.find((match[1] or b"").rpartition(b"/")[2]) if match[1] else PASSWORD
        if kind and match.start() >= covered:
            start, covered = datum(data, match.end(), b"</Item>" if match[1] else b"</Cred>")
            yield from texts(data, start, covered, b"<", kind)


def datum(data: bytes, at: int, until: bytes) -> tuple[int, int]:
    """Where the text of the next Data element is; nowhere if something else ends before."""
    stop = data.find(until, at, at + FAR * 10)
    start = data.find(b"<Data>", at, stop if stop >= 0 else at + FAR * 10)
    if start < 0:
        return at, at
    end = data.find(b"</Data>", start)
    return start + 6, end if end >= 0 else len(data)


def inputs(data: bytes, names: Names) -> Iterator[Place]:
    """Yield the values of `name="…" value="…"`, in either order: provisioning documents, pages that post a form."""
    around, covered = Around(data), 0
    for match in NAMED.finditer(data) if b"value" in data else ():
        kind = names.field("pair", match[1])
        if kind and match.start() >= covered and around.fits(kind, match.start()):
            start = max(data.rfind(b"<", max(covered, match.start() - FAR), match.start()), covered)
            end = data.find(b">", match.end(), match.end() + FAR)
            covered = end if end >= 0 else match.end() + FAR
            value = VALUE.search(data, start, covered)
            if value:
                covered = value.end() if end < 0 else end
                yield Place(*value.span(2), kind, "entities")


def attributes(data: bytes, names: Names) -> Iterator[Place]:
    """Yield the values of secret attributes of XML elements, and of parameters of header fields."""
    for match in ATTRIBUTE.finditer(data):
        kind = names.field("xml", match[1].rpartition(b":")[2])
        if kind:
            yield Place(*match.span(3), kind, "entities")


def parts(data: bytes, names: Names) -> Iterator[Place]:
    """Yield the contents of secret parts of a multipart form (RFC 7578)."""
    covered = 0
    for match in PART.finditer(data) if b"form-data" in data else ():
        kind = names.field("form", match[1])
        head = HEAD_END.search(data, match.end(), match.end() + FAR) if kind and not kind.beside else None
        if kind and head and match.start() >= covered:
            end = PART_END.search(data, head.end())
            covered = end.start() if end else len(data)
            yield Place(head.end(), covered, kind)


LOOKS: tuple[Callable[[bytes, Names], Iterator[Place]], ...] = (elements, entries, nodes, inputs)

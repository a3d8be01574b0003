"""multipart/form-data, /mixed, /related (RFC 2046, RFC 7578): parts by name, or in order where they have none."""

import base64
import binascii
import re
from urllib.parse import unquote

from portalscope.decoders.message import DecodeError, Media, Tree
from portalscope.decoders.wire.json_text import unique
from portalscope.decoders.wire.media import media_kind

MAX_DEPTH = 4
_FIRST_LINE = re.compile(rb"(?:\A|\n)--([^\r\n]{1,70}?)[ \t]*\r?\n")
_PARAMETER = re.compile(r'[^;]*;\s*([\w!#$%&+^`{}~.-]+\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"][^;\s]*|))')
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
type Headers = dict[str, str]


def multipart(data: bytes, depth: int = 0) -> Tree:
    """An object of the parts when all have names, else a list; the boundary is what the first line says.

    A plain field is its text. A file is {filename, type, content} and its other headers. A last part without its
    closing boundary is the error's `rest`.
    """
    found = _FIRST_LINE.search(data[:4096])
    if not found:
        raise DecodeError("multipart: no boundary", data)
    delimiter = b"--" + found[1]
    pieces = pieces_between(data, delimiter, found.start(1) - 2)
    parts = [split(piece) for piece in pieces[:-1]]
    if not any(name.startswith("content-") for headers, _ in parts for name in headers):
        raise DecodeError("multipart: no part with a header", data)
    tree = named([(headers, opened(headers, body, depth)) for headers, body in parts])
    rest = after(pieces[-1], delimiter)
    if rest:
        raise DecodeError("multipart: the last part has no closing boundary", rest, tree)
    return tree


def pieces_between(data: bytes, delimiter: bytes, start: int) -> list[bytes]:
    """What stands between the delimiter's lines; a delimiter counts only at the start of a line."""
    pieces = (b"\n" + data[start:]).split(b"\n" + delimiter)
    return [piece.removesuffix(b"\r") for piece in pieces[1:-1]] + pieces[-1:]


def after(piece: bytes, delimiter: bytes) -> bytes:
    """What is left behind the last boundary: nothing when it closes the body."""
    if piece.startswith(b"--"):
        return piece[2:].strip()
    return delimiter + piece


def split(piece: bytes) -> tuple[Headers, bytes]:
    """A part's headers by lower-case name, and its content."""
    piece = piece.lstrip(b" \t").removeprefix(b"\r").removeprefix(b"\n")
    for gap in (b"\r\n\r\n", b"\n\n"):
        head, found, content = piece.partition(gap)
        if found:
            break
    else:
        head, content = (b"", piece.removeprefix(b"\r").removeprefix(b"\n"))
    lines = re.sub(r"\r?\n[ \t]+", " ", head.decode("utf-8", "replace")).splitlines()
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}, content


def parameters(header: str) -> dict[str, str]:
    """The parameters of a Content-Disposition; `filename*` (RFC 5987) is percent-decoded and wins."""
    found: dict[str, str] = {}
    match = _PARAMETER.match(header)
    while match:
        found[match[1].lower()] = match[2] or match[3] or ""
        match = _PARAMETER.match(header, match.end())
    for name in [name for name in found if name.endswith("*")]:
        found[name[:-1]] = unquote(found.pop(name).split("'", 2)[-1], errors="replace")
    return {name: value.replace('\\"', '"') for name, value in found.items()}


def opened(headers: Headers, content: bytes, depth: int) -> Tree:
    """A part as text, or as an object when it is a file or says more of itself than its name."""
    more = {name: value for name, value in headers.items() if name not in ("content-disposition", "content-type")}
    disposition = parameters(headers.get("content-disposition", ""))
    kind = headers.get("content-type", "")
    body = inside(headers, content, kind, depth)
    tree: dict[str, Tree] = {}
    tree |= {"filename": disposition["filename"]} if "filename" in disposition else {}
    tree |= {"type": kind} if kind and (tree or not kind.lower().startswith("text/plain")) else {}
    tree |= more
    return {**tree, "content": body} if tree else body


def inside(headers: Headers, content: bytes, kind: str, depth: int) -> Tree:
    """A part's content: more parts, a document of some kind, text, or its bytes."""
    if headers.get("content-transfer-encoding", "").lower() == "base64":
        try:
            content = base64.b64decode(content)
        except (binascii.Error, ValueError):
            return content
    if kind.lower().startswith("multipart/") and depth < MAX_DEPTH:
        try:
            return multipart(content, depth + 1)
        except DecodeError:
            return content
    if media := media_kind(content, kind):
        return Media(media, len(content), content)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return content
    return content if _CONTROL.search(text) else text


def named(parts: list[tuple[Headers, Tree]]) -> Tree:
    """Parts by their form names, a name that comes twice as a list; in order when one has no name."""
    names = [parameters(headers.get("content-disposition", "")).get("name") for headers, _ in parts]
    if None in names:
        return [tree for _, tree in parts]
    return unique([(str(name), tree) for name, (_, tree) in zip(names, parts, strict=True)])

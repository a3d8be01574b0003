"""gRPC and gRPC-Web bodies (grpc/grpc doc/PROTOCOL-HTTP2.md, PROTOCOL-WEB.md): messages behind flag and length."""

import zlib

from portalscope.decoders.message import DecodeError, Tree
from portalscope.decoders.wire.content import CAP
from portalscope.decoders.wire.json_text import json_text
from portalscope.decoders.wire.protobuf import protobuf

PREFIX = 5
COMPRESSED, TRAILERS = 0x01, 0x80


def grpc(data: bytes) -> Tree:
    """A list of messages as trees; one that does not open is its bytes. gRPC-Web trailers are an object of headers."""
    found: list[Tree] = []
    pos, budget = 0, CAP
    while pos < len(data):
        head = data[pos : pos + PREFIX]
        end = pos + PREFIX + int.from_bytes(head[1:])
        if len(head) < PREFIX or head[0] & ~(COMPRESSED | TRAILERS) or end > len(data):
            why = f"gRPC: message {len(found)}: {'ends early' if end > len(data) else 'no such frame'}"
            raise DecodeError(why, data[pos:], found) if found else DecodeError(why, data)
        content = data[pos + PREFIX : end]
        if head[0] & COMPRESSED:
            content = inflated(content, budget)
            budget -= len(content)
        found.append(trailers(content) if head[0] & TRAILERS else message(content))
        pos = end
    if not found:
        raise DecodeError("gRPC: nothing there", data)
    return found


def inflated(content: bytes, budget: int) -> bytes:
    """A gzip or zlib message unpacked; as it is when it does not unpack or the body's budget is spent."""
    stream = zlib.decompressobj(47)
    try:
        plain = stream.decompress(content, max(budget, 1))
    except zlib.error:
        return content
    return plain if stream.eof and not stream.unused_data else content


def message(content: bytes) -> Tree:
    """Protobuf or JSON; bytes when it is neither as a whole: a frame says where its message ends."""
    step = json_text if content[:1] in (b"{", b"[") else protobuf
    try:
        return step(content) if content else {}
    except DecodeError:
        return content


def trailers(content: bytes) -> Tree:
    """`grpc-status:0` lines."""
    lines = content.decode("utf-8", "replace").splitlines()
    pairs = (line.partition(":") for line in lines if line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}

"""The records of mitmproxy's flow files: tnetstrings, one a flow, found by their lengths."""

import re
from collections.abc import Iterator
from itertools import count
from typing import BinaryIO

from portalscope.capture.problem import Problem

LARGEST = 256 << 20  # bytes of one flow: more is a download, and three copies of it must fit into memory
PIECE = 1 << 20


def records(stream: BinaryIO, name: str, first: int = 0) -> Iterator[bytes | Problem]:
    """Yield the tnetstrings of a flow file: `length:` `bytes` `type`, one a flow; the first one has the number `first`.

    The lengths are read here and not by mitmproxy because it asks the system for as much memory as a length claims, and
    because one flow that it does not know would end the file.
    """
    for index in count(first):
        prefix = length(stream)
        if not prefix:
            return
        if not re.fullmatch(rb"\d{1,12}:", prefix):
            left = len(prefix) + take(stream, None)[1]
            yield broken(name, f"not a flow file from flow {index} on: {left} bytes unread")
            return
        size = int(prefix[:-1]) + 1  # the type stands behind the bytes
        data, there = take(stream, size)
        if there < size:
            yield broken(name, f"the file ends inside flow {index}: {len(prefix) + there} bytes unread")
            return
        yield prefix + data if len(data) == size else broken(f"{name}#{index}", f"a flow of {size} bytes is too large")


def length(stream: BinaryIO) -> bytes:
    """Return the digits and the colon that begin a tnetstring, or what stands there instead; at most 13 bytes."""
    prefix = b""
    while len(prefix) <= 12 and (byte := stream.read(1)):
        prefix += byte
        if not byte.isdigit():
            break
    return prefix


def take(stream: BinaryIO, size: int | None) -> tuple[bytes, int]:
    """Read so many bytes (None: to the end). Return them, or none if that is too many, and how many there were."""
    pieces, there = [], 0
    while there != size and (piece := stream.read(PIECE if size is None else min(PIECE, size - there))):
        there += len(piece)
        if size is not None and size <= LARGEST:
            pieces.append(piece)
    return b"".join(pieces), there


def broken(where: str, why: str, rest: bytes = b"") -> Problem:
    """Return the problem of a flow or of the file."""
    return Problem(exchange=where, part="file", step="flows", why=why, rest=rest)

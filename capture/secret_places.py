"""Where in a text values stand under a name that means a secret: members of JSON, parameters, fields of forms.

Nothing is parsed: the scanners go over broken, cut off and nested text too (JSON in a string of JSON), and give the
ranges of values, so that what stands around them stays byte for byte. Their time grows with the text and no faster,
whatever is in it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from portalscope.capture.secret_names import Kind, Names

KEY = re.compile(rb'"([A-Za-z_$@.#:-][\w$@.#:-]{0,63})(\\*)"(?:\s|\\[nrt])*:(?:\s|\\[nrt])*')
NUMBER = re.compile(rb"-?\d[\d.eE+-]*")
TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*(?:"|\Z)|[{}\[\]]', re.DOTALL)
COLON = re.compile(rb"\s*:")
PARAMETER = re.compile(rb"[?&#;6]([\w.%$~\[\]-]{1,64})=([^&#\s\"'<>\\;]*)")  # 6: the end of & in JSON, \u0026
PAIR = re.compile(rb"(?:\A|&)([^=&\s]{1,96})=([^&]*)")
MEMBER = re.compile(rb"(?<!\w)(\w+)(?:=|\\*[\"'])")
DEEPEST = 64  # backslashes before a quotation mark
BLOCK = 4096  # bytes; names stand beside each other when no more than two blocks lie between them


@dataclass(frozen=True, slots=True)
class Place:
    """A range that holds a secret. `written` says how: a key of `secret_written.READ`."""

    start: int
    end: int
    kind: Kind
    written: str = ""


class Around:
    """Which names stand around a position of a text; each stretch of it is looked through once."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.known: dict[int, frozenset[bytes]] = {}

    def fits(self, kind: Kind, at: int) -> bool:
        """Whether a name counts here: it needs no other name beside it, or one of them is there."""
        return not kind.beside or not kind.beside.isdisjoint(self.names(at))

    def names(self, at: int) -> frozenset[bytes]:
        """Return the names around a position."""
        block = at // BLOCK
        if block not in self.known:
            around = self.data[max(0, block - 1) * BLOCK : (block + 2) * BLOCK]
            self.known[block] = frozenset(MEMBER.findall(around))
        return self.known[block]


def members(data: bytes, names: Names) -> Iterator[Place]:
    """Yield the values of secret members of JSON objects, also of objects that are written in strings."""
    covered = 0
    for match in KEY.finditer(data):
        kind = names.field("json", match[1])
        if kind and match.start() >= covered:
            for place in values(data, match.end(), len(match[2]), kind):
                covered = place.end
                yield place


def values(data: bytes, at: int, depth: int, kind: Kind) -> Iterator[Place]:
    """The value that begins at a position: a string, a number, or all that an object or list holds.

    `depth` is the number of backslashes before its quotation marks: 0, 1, 3, 7 as it is nested deeper.
    """
    if data.startswith(b"\\" * depth + b'"', at):
        start = at + depth + 1
        yield Place(start, closing(data, start, depth), kind, "json")
    elif depth < DEEPEST and not depth & (depth + 1) and (number := NUMBER.match(data, at)):
        yield Place(number.start(), number.end(), kind, f"number {depth}")
    elif not depth and (data[at : at + 1] == b"[" or (kind.holds and data[at : at + 1] == b"{")):
        yield from held(data, at, kind)


def closing(data: bytes, start: int, depth: int) -> int:
    """Where a string ends: at a quotation mark with as many backslashes as the first one had, not counting pairs."""
    at = data.find(b'"', start)
    while at >= 0:
        run = at
        while run > start and data[run - 1] == 0x5C:
            run -= 1
        if (at - run) % (2 * depth + 2) == depth:
            return at - depth
        at = data.find(b'"', at + 1)
    return len(data)


def held(data: bytes, at: int, kind: Kind) -> Iterator[Place]:
    """All strings that an object or list holds, but not its keys; of a list that holds objects none, if the name holds
    none. At its end an empty range.
    """
    level = 0
    for match in TOKENS.finditer(data, at):
        if match[0] == b"{" and not kind.holds:
            yield Place(match.start(), match.start(), kind)
            return
        if match[0][:1] != b'"':
            level += 1 if match[0] in b"{[" else -1
        elif not COLON.match(data, match.end()):
            cut = len(match[0]) < 2 or match[0][-1:] != b'"'
            yield Place(match.start() + 1, match.end() - (not cut), kind, "json")
        if not level:
            yield Place(match.end(), match.end(), kind)
            return
    yield Place(len(data), len(data), kind)


def parameters(data: bytes, names: Names) -> Iterator[Place]:
    """Yield the values of secret parameters of URLs that stand in a text."""
    around = Around(data)
    for match in PARAMETER.finditer(data):
        kind = names.field("query", match[1])
        if kind and around.fits(kind, match.start()):
            yield Place(*match.span(2), kind, "percent")


def pairs(data: bytes, names: Names) -> Iterator[Place]:
    """Yield the values of secret fields of a form."""
    around = Around(data)
    for match in PAIR.finditer(data):
        kind = names.field("form", match[1])
        if kind and around.fits(kind, match.start()):
            yield Place(*match.span(2), kind, "percent")

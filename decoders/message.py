"""Tree, Field, Event, Message and DecodeError: what decoding gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from portalscope.capture.problem import Problem

type Scalar = bool | int | float | str | bytes | None
type Tree = Scalar | Tagged | Media | list[Tree] | dict[str, Tree]
type Part = Literal["path", "query", "header", "cookie", "body", "response-header", "response-cookie", "response"]


@dataclass(frozen=True, slots=True)
class Tag:
    """What the sender itself says of a value: scheme (`pii`, `customer-content`, …) and its number in that scheme."""

    scheme: str
    code: int


@dataclass(frozen=True, slots=True)
class Tagged:
    """A leaf of a tree with the sender's own tags; `leaves` takes it apart."""

    value: Scalar
    tags: tuple[Tag, ...]


@dataclass(frozen=True, slots=True)
class Media:
    """A leaf that stands for a whole document: kind (`image/png`), size, and its bytes, for planted values in them."""

    kind: str
    size: int
    data: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One leaf. `shape` is `path` without list positions; rules are keyed by `part:shape`.

    A value inside a value has the way in its path: `authorization|jwt.upn`, `data.url|url.query.q`; `depth` counts the
    bars. A leaf of depth 0 is as sent. `document` holds the bytes of a leaf that stands for a whole document. Dots in
    keys are not quoted: the SDKs themselves mix dots and nesting.
    """

    part: Part
    path: str
    shape: str
    value: Scalar
    tags: tuple[Tag, ...] = ()
    depth: int = 0
    opened: bool = False
    document: bytes = field(default=b"", repr=False)

    @property
    def key(self) -> str:
        """What rules are keyed by: `body:[].ext.device.localId`."""
        return f"{self.part}:{self.shape}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A record of telemetry, or the request or response around it.

    `kind` is `request` (path, query, headers and what of the body is no record), `record` or `response`. `time_raw`
    keeps the sender's own time as it was written; `time` is the same in UTC, cut to microseconds.
    """

    index: int
    kind: Literal["request", "record", "response"]
    name: str
    fields: tuple[Field, ...]
    time: datetime | None = None
    time_raw: str = ""
    schema: str = ""
    level: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One step of the walk: which step ran on which part, what went in, what came out."""

    part: Part
    step: str
    size_in: int
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Bytes of one part: `size` (unpacked, plus what could not be unpacked) = `decoded` + `unread`."""

    wire: int
    size: int
    decoded: int
    unread: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What an exchange says, as far as it is understood."""

    exchange: str
    adapter: str
    events: tuple[Event, ...]
    problems: tuple[Problem, ...] = ()
    accounts: Mapping[Part, Account] = field(default_factory=dict)
    walk: tuple[Opened, ...] = ()


class Missing:
    """The type of `NOTHING`: nothing was read before the error (None is a value that JSON can hold)."""


NOTHING = Missing()


class DecodeError(Exception):
    """Bytes do not open. `rest` are those not understood, `partial` is the tree that was read before them."""

    def __init__(self, why: str, rest: bytes = b"", partial: Tree | Missing = NOTHING) -> None:
        super().__init__(why)
        self.why = why
        self.rest = rest
        self.partial = partial

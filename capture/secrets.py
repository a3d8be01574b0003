"""Exchanges without authentication material, before they are written.

What is a secret says `data/secrets.toml`: by name, by look, and what the researcher planted as one. A secret that was
found is also replaced wherever else it stands in the same exchange. What cannot be seen stays: secrets inside archives,
inside encryption, or under a name that nobody knows.
"""

import hmac
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from portalscope.capture.as_sent import text as as_text
from portalscope.capture.secret_body import Body, opened
from portalscope.capture.secret_headers import clean_header
from portalscope.capture.secret_names import Names, table
from portalscope.capture.secret_packing import CAP
from portalscope.capture.secret_text import Found, Text, shapes
from portalscope.capture.secret_tokens import StandIns

type Fields = tuple[tuple[bytes, bytes], ...]

SECRETS = "secrets"  # in a run's tools
PLANTED = re.compile(r"(?:secret|password)(?![a-z])", re.IGNORECASE)  # how names of planted secrets begin
WORD = re.compile(r"[^a-z0-9]+")
SHORTEST = 4  # characters of a planted secret that is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of an exchange: the target of a request (path and query), header and trailer fields, body as sent."""

    target: bytes = b""
    headers: Fields = ()
    trailers: Fields = ()
    body: bytes | None = None

    def header(self, name: bytes) -> str:
        """Return the first header field of a name, empty if there is none."""
        return next((as_text(value) for key, value in self.headers if key.lower() == name), "")


@dataclass(frozen=True, slots=True)
class Changed:
    """A body that is not kept as it was sent: its size then, and a keyed hash of it (HMAC-SHA-256).

    The hash is keyed because a plain one would let anybody try out what a short password in it was.
    """

    size: int
    hmac: str
    cut: bool


@dataclass(slots=True)
class Replaced:
    """What was replaced in an exchange: how often by place and type; the bodies that changed, by number of message."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    bodies: dict[int, Changed] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.counts or self.bodies)

    def metadata(self) -> dict[str, Any]:
        """Return what is noted beside an exchange: places and types; size and keyed hash of bodies as sent."""
        names = {0: "body", 1: "response"}
        bodies = {
            names.get(number, f"message {number}"): {"size": one.size, "hmac_sha256": one.hmac, "cut": one.cut}
            for number, one in self.bodies.items()
        }
        return {"replaced": {f"{place}: {type_}": n for (place, type_), n in sorted(self.counts.items())}, **bodies}


class Secrets:
    """Cleans exchanges of one run. `key` is the inspection's; `planted` are the run's planted values.

    Of these, values whose name begins with `secret` or `password` are replaced wherever they stand.
    """

    def __init__(self, key: bytes, planted: Mapping[str, Sequence[str]] | None = None) -> None:
        self.stand_ins = StandIns(key)
        chosen = {
            word(name): [value.encode(errors="replace") for value in values if searchable(value)]
            for name, values in (planted or {}).items()
            if PLANTED.match(name)
        }
        self.text = Text(Names(table()), shapes(table()), self.stand_ins, chosen)

    def clean(self, messages: Sequence[Message]) -> tuple[list[Message], Replaced]:
        """Return the messages of an exchange without secrets, and what was replaced.

        Nothing is replaced: every byte stays as it was.
        """
        replaced, values = Replaced(), set[bytes]()
        drafts = [Draft(self, message, number, replaced, values) for number, message in enumerate(messages)]
        cleaned = [draft.cleaned() for draft in drafts]
        if values:
            order = sorted(values, key=len, reverse=True)
            cleaned = [draft.without(message, order) for draft, message in zip(drafts, cleaned, strict=True)]
        return [draft.written(message) for draft, message in zip(drafts, cleaned, strict=True)], replaced

    def hashed(self, body: bytes) -> str:
        """Return the keyed hash of a body."""
        return hmac.digest(self.stand_ins.key, body, "sha256").hex()


class Draft:
    """One message while it is cleaned; its body is unpacked once."""

    def __init__(self, secrets: Secrets, message: Message, number: int, replaced: Replaced, values: set[bytes]) -> None:
        self.secrets, self.message, self.number, self.replaced, self.values = secrets, message, number, replaced, values
        self.body: Body | None = None
        if message.body:
            self.body = opened(message.body, message.header(b"content-type"), message.header(b"content-encoding"))

    def cleaned(self) -> Message:
        """Return the message without what is a secret by itself; the body is still in `self.body`."""
        found = Found()
        target = self.secrets.text.clean(self.message.target, found)
        self.count("path", found)
        headers, trailers = self.fields(self.message.headers), self.fields(self.message.trailers)
        if self.body:
            found = Found()
            self.body = self.body.cleaned(self.secrets.text, found)
            self.count("body", found)
        return replace(self.message, target=target, headers=headers, trailers=trailers)

    def fields(self, fields: Fields) -> Fields:
        """Header fields without secrets."""
        made = []
        for name, value in fields:
            found = Found()
            made.append((name, clean_header(name, value, self.secrets.text, found)))
            self.count(f"header {as_text(name.lower())}", found)
        return tuple(made)

    def without(self, message: Message, values: Sequence[bytes]) -> Message:
        """Return the message without values that are secrets elsewhere in the exchange."""
        found, text = Found(), self.secrets.text
        headers = tuple((name, text.literal(value, values, found)) for name, value in message.headers)
        target = text.literal(message.target, values, found)
        self.body = self.body.without(text, found, values) if self.body else None
        self.count("again", found)
        return replace(message, headers=headers, target=target)

    def written(self, message: Message) -> Message:
        """Return the message with its body, and note the body if it is not as it was sent."""
        body = self.body.written() if self.body else message.body
        if self.body and body != message.body:
            sent = self.body.sent
            self.replaced.bodies[self.number] = Changed(len(sent), self.secrets.hashed(sent), self.body.cut)
        return replace(message, body=body)

    def count(self, place: str, found: Found) -> None:
        """Note what was found in a place."""
        self.values |= found.values
        for type_, count in found.types.items():
            self.replaced.counts[f"{'response ' if self.number else ''}{place}", type_] += count


def planted_after(planted: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return planted values as they may be kept: of secrets how their replacements begin, so that these are found."""
    return {
        name: (f"SECRET.{word(name)}.",) if PLANTED.match(name) and values else tuple(values)
        for name, values in planted.items()
    }


def searchable(value: str) -> bool:
    """Whether a planted secret is looked for: it is long enough, and not the beginning of replacements."""
    return len(value) >= SHORTEST and not (value.startswith("SECRET.") and value.endswith("."))


def word(name: str) -> str:
    """Return the name of a planted value as it stands in a replacement."""
    return WORD.sub("_", name.lower()).strip("_")


@dataclass(slots=True)
class Noted:
    """What was replaced in a whole recording, for the notes of its run."""

    types: Counter[str] = field(default_factory=Counter)
    cut: int = 0
    left: int = 0

    def add(self, replaced: Replaced) -> None:
        """Add what was replaced in an exchange."""
        for (_, type_), count in replaced.counts.items():
            self.types[type_] += count
        self.cut += sum(one.cut for one in replaced.bodies.values())

    def __bool__(self) -> bool:
        return bool(self.types or self.cut or self.left)

    def __str__(self) -> str:
        found = ", ".join(f"{count} {type_}" for type_, count in sorted(self.types.items())) or "none found"
        cut = f"; {self.cut} bodies cut at {CAP >> 20} MiB unpacked" if self.cut else ""
        return f"replaced: {found}{cut}" + (f"; {self.left} files left out, unreadable" if self.left else "")

"""A text without its secrets: found by name, by look, because they were planted, or because they stood there before."""

import base64
import binascii
import html
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

from portalscope.capture.secret_markup import LOOKS, attributes, parts
from portalscope.capture.secret_names import Kind, Names
from portalscope.capture.secret_places import Place, members, pairs, parameters
from portalscope.capture.secret_tokens import JWT, StandIns, done, nothing

DEEPEST = 4  # documents in base64 or percent signs inside one another
TOKEN = re.compile(rb"ey[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){1,3}")
DOCUMENT = re.compile(  # base64 of `{`, `<`, `[` and of the base64 of `{`
    rb"(?<![A-Za-z0-9+/_.-])(?:e[w-z0-9+/]|P[A-P]|W[w-z0-9+/]|ZXlK)[A-Za-z0-9+/_-]{38,}={0,2}(?!\.)"
)
FORM = re.compile(rb"[\w.%$~\[\]+-]{1,96}=[^&\s]*(?:&[\w.%$~\[\]+-]{1,96}=[^&\s]*)*\s*")
PERCENT = re.compile(rb"(?:(?<=[=?&#;])|\A)[^&\s\"'<>\\;#]*%(?:[27]B|[23][2-9ADF-]|3[CDEF])[^&\s\"'<>\\;#]*", re.IGNORECASE)
CONTROL = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")
REPEATED = re.compile(rb"(?=\D*\d)(?=.*[A-Za-z]).{8,}|.{16,}", re.DOTALL)
DER_KEY = re.compile(rb"0(?:\x82..|\x81.|[\x00-\x7f])\x02", re.DOTALL)  # PKCS #8, PKCS #12 and RSA keys begin with a version
PLANTED = re.compile("secret|password", re.IGNORECASE)
ANY = Kind(type="secret", source="memory", least=1)


@dataclass(slots=True)
class Found:
    """What was replaced: how often each type, and the values themselves, to be looked for once more."""

    types: Counter[str] = field(default_factory=Counter)
    values: set[bytes] = field(default_factory=set)

    def add(self, kind: str, value: bytes) -> None:
        """Count a secret."""
        self.types[kind] += 1
        if REPEATED.fullmatch(value):
            self.values.add(value)


@dataclass(frozen=True, slots=True)
class Shape:
    """A look that nothing but a secret has."""

    kind: Kind
    pattern: re.Pattern[bytes]


def shapes(table: Mapping[str, Any]) -> tuple[Shape, ...]:
    """Return the looks of `data/secrets.toml`. KeyError, re.PatternError: it is wrong."""
    return tuple(
        Shape(Kind(type=one["type"], source=one["source"], least=1), re.compile(one["pattern"].encode()))
        for one in table.get("shape", ())
    )


class Text:
    """Cleans texts. `planted` maps the names of secrets that were put into the device to their values."""

    def __init__(
        self, names: Names, looks: Sequence[Shape], stand_ins: StandIns, planted: Mapping[str, Sequence[str]]
    ) -> None:
        self.names, self.looks, self.stand_ins = names, looks, stand_ins
        self.planted = tuple((name, value.encode()) for name, every in planted.items() for value in every if value)

    def clean(self, data: bytes, found: Found, *, fixed: bool = False, depth: int = 0) -> bytes:
        """Return a text without its secrets. `fixed`: every replacement is as long as what it replaces."""
        if depth > DEEPEST or len(data) < 4:
            return data
        spans = [*self.named(data, found, fixed=fixed, depth=depth), *self.looking(data, found, fixed=fixed, depth=depth)]
        data = spliced(data, spans)
        return self.literal(data, [value for _, value in self.planted], found, fixed=fixed) if self.planted else data

    def named(self, data: bytes, found: Found, *, fixed: bool, depth: int) -> Iterator[tuple[int, int, bytes]]:
        """Ranges that stand under a name, with what is to stand there instead."""
        for place in self.places(data):
            value = data[place.start : place.end]
            made = self.replaced(value, place.kind, place.written, found, fixed=fixed, depth=depth)
            if made != value:
                yield place.start, place.end, made

    def places(self, data: bytes) -> Iterator[Place]:
        """All places of a text."""
        yield from pairs(data, self.names) if FORM.fullmatch(data) else parameters(data, self.names)
        if b'"' in data:
            yield from members(data, self.names)
        if b"<" in data or b"lt;" in data or b"\\u003" in data:
            for look in LOOKS:
                yield from look(data, self.names)
        if b"=" in data and (b'"' in data or b"'" in data):
            yield from attributes(data, self.names)
            yield from parts(data, self.names)

    def replaced(
        self, value: bytes, kind: Kind, written: str, found: Found, *, fixed: bool = False, depth: int = 0
    ) -> bytes:
        """What is to stand in the place of a value; the value itself when it is no secret."""
        plain = READINGS[written](value)
        if nothing(plain, kind.least) or done(plain):
            return value
        if (document := self.document(plain, kind, found, fixed=fixed, depth=depth)) is not None:
            return WRITINGS[written](document) if document != plain else value
        kind_type = next((name for name, secret in self.planted if secret in plain), kind.type)
        found.add(kind_type, plain)
        if fixed:
            return self.stand_ins.token(kind_type, value, self.inside(found, depth), fixed=True)
        return WRITINGS[written](self.stand_ins.token(kind_type, plain, self.inside(found, depth)))

    def inside(self, found: Found, depth: int) -> Callable[[bytes, bool], bytes]:
        """What cleans the claims of a token."""
        return lambda data, fixed: self.clean(data, found, fixed=fixed, depth=depth + 1)

    def document(self, value: bytes, kind: Kind, found: Found, *, fixed: bool, depth: int) -> bytes | None:
        """A document or token in base64 under the name of a secret, None if it is none and the whole is the secret.

        Only what carries its own proof is kept open: tokens, XML in which something was replaced, and where the name says
        `keeps` (a BinarySecurityToken may be a provisioning document or a certificate request).
        """
        data = unbased(value)
        if data is None:
            return None
        if JWT.fullmatch(data):
            clean = self.stand_ins.token(kind.type, data, self.inside(found, depth), fixed=fixed)
            found.add(kind.type, value)
            return based(clean, value)
        if data[:1] == b"<":
            clean = self.clean(data, found, fixed=fixed, depth=depth + 1)
            return based(clean, value) if clean != data or kind.keeps else None
        return value if kind.keeps and data[:1] == b"0" and not DER_KEY.match(data) else None

    def looking(self, data: bytes, found: Found, *, fixed: bool, depth: int) -> Iterator[tuple[int, int, bytes]]:
        """Ranges that look like a secret or like a document that may hold one, with what is to stand there instead."""
        for look in self.looks:
            for match in look.pattern.finditer(data):
                made = self.replaced(match["secret"], look.kind, "", found, fixed=fixed, depth=depth)
                yield *match.span("secret"), made
        for match in TOKEN.finditer(data):
            whole = JWT.fullmatch(match[0])
            made = self.stand_ins.jwt(whole, self.inside(found, depth), fixed=fixed) if whole else None
            if made is not None and made != match[0]:
                found.add("token", match[0].rpartition(b".")[2])
                yield *match.span(), made
        for match in DOCUMENT.finditer(data):
            yield *match.span(), self.unfolded(match[0], found, fixed=fixed, depth=depth)
        for match in PERCENT.finditer(data) if b"%" in data else ():
            inner = unquote_to_bytes(match[0])
            clean = self.clean(inner, found, fixed=fixed, depth=depth + 1) if not fixed else inner
            yield *match.span(), quoted(clean) if clean != inner else match[0]

    def unfolded(self, value: bytes, found: Found, *, fixed: bool, depth: int) -> bytes:
        """A document in base64, cleaned; unchanged to the byte when no secret is in it."""
        data = unbased(value)
        if data is None or CONTROL.search(data):
            return value
        clean = self.clean(data, found, fixed=fixed, depth=depth + 1)
        return value if clean == data else based(clean, value)

    def literal(self, data: bytes, values: Sequence[bytes], found: Found, *, fixed: bool = False) -> bytes:
        """Replace values wherever they stand, as they are or with percent signs."""
        for value in values:
            kind = next((name for name, secret in self.planted if secret == value), "secret")
            for form in {value, quoted(value), json.dumps(value.decode("latin-1"))[1:-1].encode()}:
                if form in data:
                    found.types[kind] += data.count(form)
                    made = self.stand_ins.plain(kind, value)
                    data = data.replace(form, self.stand_ins.fitted(kind, value, len(form)) if fixed else made)
        return data


def spliced(data: bytes, spans: list[tuple[int, int, bytes]]) -> bytes:
    """A text with ranges replaced; of ranges that overlap the first and longest counts."""
    pieces, at = [], 0
    for start, end, new in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= at and data[start:end] != new:
            pieces += [data[at:start], new]
            at = end
    return b"".join((*pieces, data[at:])) if pieces else data


def unbased(value: bytes) -> bytes | None:
    """Base64 or base64url, with line ends, with or without padding; None if it is none."""
    bare = re.sub(rb"\s+", b"", value).rstrip(b"=")
    try:
        return base64.b64decode(bare + b"=" * (-len(bare) % 4), altchars=altchars(bare), validate=True)
    except binascii.Error:
        return None


def based(data: bytes, like: bytes) -> bytes:
    """Base64 in the alphabet of another text, with padding if that has it."""
    made = base64.b64encode(data, altchars(like))
    return made if like.rstrip().endswith(b"=") or len(like) % 4 == 0 else made.rstrip(b"=")


def altchars(text: bytes) -> bytes:
    """The last two signs of the alphabet that a text is written in."""
    return b"-_" if b"-" in text or b"_" in text else b"+/"


def quoted(data: bytes) -> bytes:
    """Percent signs for everything that could mean something."""
    return quote_from_bytes(data, safe="").encode()


def of_json(value: bytes) -> bytes:
    """The text of a JSON string, as far as it is one."""
    if b"\\" not in value:
        return value
    try:
        text = json.loads(b'"' + value + b'"', strict=False)
    except ValueError:
        return value
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else value


READINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "json": of_json,
    "number": bytes,
    "percent": lambda value: unquote_to_bytes(value.replace(b"+", b" ")),
    "entities": lambda value: html.unescape(value.decode("latin-1")).encode("latin-1", "xmlcharrefreplace"),
    "base64": lambda value: value,
}
WRITINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "json": bytes,
    "number": lambda value: b'"' + value + b'"',
    "percent": lambda value: quote_from_bytes(value, safe="._-").encode(),
    "entities": bytes,
    "base64": base64.b64encode,
}

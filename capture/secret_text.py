"""A text without its secrets: found by name, by look, because they were planted, or because they stood there before."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from portalscope.capture.secret_markup import LOOKS, attributes, parts
from portalscope.capture.secret_names import Kind, Names
from portalscope.capture.secret_places import Place, closing, members, pairs, parameters
from portalscope.capture.secret_tokens import JWT, StandIns, done, nothing
from portalscope.capture.secret_written import READ, WRITE, based, unbased

DEEPEST = 4  # documents in base64, in percent signs or in strings, inside one another
TOKEN = re.compile(  # also behind an escaped line end
    rb"ey(?:(?<![A-Za-z0-9_-]ey)|(?<=\\[nrt]ey))[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){1,3}"
)
DOCUMENT = re.compile(  # base64 of `{`, `<`, `[`, and of the base64 of `{`
    rb"(?:e[w-z0-9+/]|P[A-P]|W[w-z0-9+/]|ZX)(?<![A-Za-z0-9+/_.-]..)[A-Za-z0-9+/_-]{38,}={0,2}(?![.A-Za-z0-9+/_-])"
)
FORM = re.compile(rb"[\w.%$~\[\]+-]{1,96}=[^&\s]*(?:&[\w.%$~\[\]+-]{1,96}=[^&\s]*)*\s*")
MEANING = re.compile(rb"%(?:2[256BbFf]|3[CcDdFf]|5[Bb]|7[Bb])")  # " % & + / < = ? [ {
EDGES = [bytes((sign,)) for sign in b"&=?#;\"'<> \n\\,()"]  # what percent signs never go beyond
EDGE = re.compile(rb"[&=?#;\"'<> \n\\,()]")
LITERAL = ("", "percent", "json", "entities", "base64")  # ways of writing a value that is known
CONTROL = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")
REPEATED = re.compile(rb"(?=\D*\d)(?=[^A-Za-z]*[A-Za-z])[\w.~!+/=$*-]{8,}|[\w.~!+/=$*-]{16,}")
GUID = re.compile(rb"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{32}")
DER_KEY = re.compile(rb"0(?:\x82..|\x81.|[\x00-\x7f])\x02", re.DOTALL)  # a key (PKCS 1, 8, 12) begins with its version

type Candidate = tuple[int, int, Callable[[], bytes]]


@dataclass(slots=True)
class Found:
    """What was replaced: how often each type, and the values themselves, to be looked for once more."""

    types: Counter[str] = field(default_factory=Counter)
    values: set[bytes] = field(default_factory=set)

    def add(self, kind: str, value: bytes) -> None:
        """Count a secret. An identifier is not looked for elsewhere: it may be somebody's who is no secret there."""
        self.types[kind] += 1
        if REPEATED.fullmatch(value) and not GUID.fullmatch(value):
            self.values.add(value)


@dataclass(frozen=True, slots=True)
class Shape:
    """A look that nothing but a secret has; `pattern` has a group `secret`."""

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
        self, names: Names, looks: Sequence[Shape], stand_ins: StandIns, planted: Mapping[str, Sequence[bytes]]
    ) -> None:
        self.names, self.looks, self.stand_ins = names, looks, stand_ins
        self.planted = tuple((name, value) for name, values in planted.items() for value in values)
        self.forms = lru_cache(64)(self.ways)  # a value is looked for in every field of an exchange

    def clean(self, data: bytes, found: Found, *, form: bool = False, fixed: bool = False, depth: int = 0) -> bytes:
        """Return a text without its secrets.

        `form`: it is a form, whatever it looks like. `fixed`: every replacement is as long as what it replaces.
        """
        if depth > DEEPEST or len(data) < 4:
            return data
        once = Once(self, data, found, fixed, depth)
        data = spliced(data, [*once.named(form=form), *once.looking(), *once.written()])
        return self.literal(data, [value for _, value in self.planted], found, fixed=fixed) if self.planted else data

    def replaced(self, value: bytes, kind: Kind, written: str, found: Found, *, fixed: bool, depth: int) -> bytes:
        """Return what is to stand in the place of a value; the value itself when it is no secret."""
        plain = READ[written](value)
        if nothing(plain, kind.least) or done(plain):
            return value
        document = self.document(plain, kind, found, fixed=fixed, depth=depth)
        if document is not None:
            return value if document == plain else WRITE[written](document)
        type_ = next((name for name, secret in self.planted if secret in plain), kind.type)
        whole = value if fixed else plain
        made = self.stand_ins.token(type_, whole, self.inside(found, depth), fixed=fixed)
        if made == whole:
            return value
        found.add(type_, plain)
        return made if fixed else WRITE[written](made)

    def inside(self, found: Found, depth: int) -> Callable[[bytes, bool], bytes]:
        """Return what cleans the claims of a token."""
        return lambda data, fixed: self.clean(data, found, fixed=fixed, depth=depth + 1)

    def document(self, value: bytes, kind: Kind, found: Found, *, fixed: bool, depth: int) -> bytes | None:
        """Return a document that stands under the name of a secret, cleaned; None if the whole is the secret.

        Only what carries its own proof stays open: a token in base64, XML in which something was replaced, and where
        the name says so (`keeps`: a BinarySecurityToken may be a provisioning document or a certificate request).
        """
        bare = value[:1] == b"<"
        data = value if bare else unbased(value)
        if data is None:
            return None
        if token := JWT.fullmatch(data):
            made = self.stand_ins.jwt(token, self.inside(found, depth), fixed=fixed)
            if made is None or made == data:
                return made and value
            found.add(kind.type, value)
            return based(made, value)
        if data[:1] == b"<":
            clean = self.clean(data, found, fixed=fixed, depth=depth + 1)
            return (clean if bare else based(clean, value)) if clean != data or kind.keeps else None
        return value if kind.keeps and data[:1] == b"0" and not DER_KEY.match(data) else None

    def literal(self, data: bytes, values: Sequence[bytes], found: Found, *, fixed: bool = False) -> bytes:
        """Replace values wherever they stand: as they are, or in one of the ways in which values are written."""
        for value in values:
            kind = next((name for name, secret in self.planted if secret == value), "secret")
            for form, new in self.forms(kind, value):
                if count := data.count(form):
                    found.types[kind] += count
                    data = data.replace(form, self.stand_ins.fitted(kind, value, len(form)) if fixed else new)
        return data

    def ways(self, kind: str, value: bytes) -> tuple[tuple[bytes, bytes], ...]:
        """Return how a value is written, each with what is to stand there instead; remembered in `forms`."""
        made = self.stand_ins.plain(kind, value)
        return tuple({WRITE[way](value): WRITE[way](made) for way in LITERAL}.items())


@dataclass(frozen=True, slots=True)
class Once:
    """One text while it is cleaned: ranges, each with what makes its replacement when it is needed."""

    text: Text
    data: bytes
    found: Found
    fixed: bool
    depth: int

    def named(self, *, form: bool) -> Iterator[Candidate]:
        """Ranges that stand under the name of a secret."""
        for place in self.places(form=form):
            yield place.start, place.end, partial(self.replace, place.start, place.end, place.kind, place.written)

    def replace(self, start: int, end: int, kind: Kind, written: str) -> bytes:
        """What is to stand in a range."""
        value = self.data[start:end]
        return self.text.replaced(value, kind, written, self.found, fixed=self.fixed, depth=self.depth)

    def places(self, *, form: bool) -> Iterator[Place]:
        """All places of the text."""
        data, names = self.data, self.text.names
        yield from pairs(data, names) if form or FORM.fullmatch(data) else parameters(data, names)
        if b'"' in data:
            yield from members(data, names)
        if b"<" in data or b"lt;" in data or b"\\u003" in data:
            for look in LOOKS:
                yield from look(data, names)
        if b"=" in data and (b'"' in data or b"'" in data):
            yield from attributes(data, names)
            yield from parts(data, names)

    def looking(self) -> Iterator[Candidate]:
        """Ranges that look like a secret."""
        for look in self.text.looks:
            for match in look.pattern.finditer(self.data):
                start, end = match.span("secret")
                yield start, end, partial(self.replace, start, end, look.kind, "")
        for match in TOKEN.finditer(self.data):
            yield *match.span(), partial(self.token, match[0])

    def token(self, value: bytes) -> bytes:
        """What is to stand in the place of what looks like a token."""
        whole, inside = JWT.fullmatch(value), self.text.inside(self.found, self.depth)
        made = self.text.stand_ins.jwt(whole, inside, fixed=self.fixed) if whole else None
        if made is None or made == value:
            return value
        self.found.add("token", value)
        return made

    def written(self) -> Iterator[Candidate]:
        """Ranges in which another text is written: in base64, with percent signs, in a string of JSON."""
        for match in DOCUMENT.finditer(self.data):
            yield *match.span(), partial(self.unfold, match[0], unbased, partial(based, like=match[0]))
        if not self.fixed:
            yield from self.runs()
            yield from self.strings()

    def runs(self) -> Iterator[Candidate]:
        """Runs with percent signs that stand for signs with a meaning."""
        covered = 0
        for match in MEANING.finditer(self.data):
            if match.start() >= covered:
                start = max(covered, *(self.data.rfind(edge, covered, match.start()) + 1 for edge in EDGES))
                edge = EDGE.search(self.data, match.end())
                covered = edge.start() if edge else len(self.data)
                run = self.data[start:covered]
                yield start, covered, partial(self.unfold, run, READ["percent"], WRITE["percent"])

    def strings(self) -> Iterator[Candidate]:
        r"""Strings of JSON whose quotation marks are written \u0022, as .NET does."""
        covered, at = 0, self.data.find(b"\\u0022")
        while at >= 0:
            start = self.data.rfind(b'"', covered, at) + 1
            covered = closing(self.data, start, 0)
            yield start, covered, partial(self.unfold, self.data[start:covered], READ["json"], WRITE["json"])
            at = self.data.find(b"\\u0022", max(covered, at + 1))

    def unfold(self, value: bytes, read: Callable[[bytes], bytes | None], write: Callable[[bytes], bytes]) -> bytes:
        """A text that is written in another way, cleaned; unchanged to the byte when no secret is in it."""
        data = read(value)
        if data is None or data == value or CONTROL.search(data):
            return value
        clean = self.text.clean(data, self.found, fixed=self.fixed, depth=self.depth + 1)
        return value if clean == data else write(clean)


def spliced(data: bytes, candidates: list[Candidate]) -> bytes:
    """Return a text with ranges replaced; where they overlap, the first counts, of these the longest."""
    pieces, at = [], 0
    for start, end, make in sorted(candidates, key=lambda one: (one[0], -one[1])):
        if start >= at and (new := make()) != data[start:end]:
            pieces += [data[at:start], new]
            at = end
    return b"".join((*pieces, data[at:])) if pieces else data

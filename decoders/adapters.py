"""Adapters: which message is this, where are its records, what do we know of its fields. All of it is data."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cached_property
from typing import Any

from portalscope.capture.exchange import Exchange

REMEMBERED = 65536  # keys whose globs were looked at
BECAUSE = {
    "documented": "E3",
    "source code": "E5",
    "published capture": "E5",
    "observed": "E5",
    "reverse-engineered": "H3",
    "from memory": "H3",
    "obvious name": "H1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one field of one message is: `is_` names a property, `code` overrides its class, `open` holds steps."""

    key: str
    is_: str
    because: str
    source: str
    code: str = ""
    note: str = ""
    origin: str = ""
    open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Conditions that must all hold; an empty one always does."""

    hosts: re.Pattern[str] | None = None
    paths: tuple[re.Pattern[str], ...] = ()
    methods: frozenset[str] = frozenset()
    types: tuple[str, ...] = ()
    headers: tuple[tuple[str, re.Pattern[str]], ...] = ()

    def fits(self, exchange: Exchange) -> "re.Match[str] | bool":
        """Whether the exchange fits, as the match of its path where the table names paths."""
        if self.methods and exchange.method.upper() not in self.methods:
            return False
        if self.types and not exchange.header("content-type").lower().startswith(self.types):
            return False
        if not all(value.match(exchange.header(name)) for name, value in self.headers):
            return False
        if self.hosts and not self.hosts.match(exchange.host.lower()):
            return False
        if not self.paths:
            return True
        path = re.sub("/{2,}", "/", exchange.path)
        return next((found for pattern in self.paths if (found := pattern.match(path))), False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a body is built: the steps that open it, where its records are, where a record has its name and time."""

    steps: tuple[str, ...] = ()
    events: str = ""
    name: tuple[str, ...] = ()
    time: tuple[str, ...] = ()
    schema: tuple[str, ...] = ()
    level: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """One message. `rules` holds its own rules and those of the shared sets it uses, by key.

    `dataset` names the part of `known-fields.csv` that speaks of messages of this kind.
    """

    id: str
    title: str = ""
    because: str = ""
    source: str = ""
    order: int = 50
    dataset: str = ""
    matches: tuple[Match, ...] = ()
    body: Layout = Layout()
    response: Layout = Layout()
    opens: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    asked: dict[str, Rule | None] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def globs(self) -> tuple[tuple[re.Pattern[str], Rule], ...]:
        """The rules whose key has a star, the longest first: the more a key says, the sooner it counts."""
        keys = sorted((key for key in self.rules if "*" in key), key=len, reverse=True)
        return tuple((glob(key), self.rules[key]) for key in keys)

    def rule(self, key: str) -> Rule | None:
        """The rule for a field: the exact key, else the longest glob that fits."""
        if (exact := self.rules.get(key)) or not self.globs:
            return exact
        if key not in self.asked:
            if len(self.asked) >= REMEMBERED:
                self.asked.clear()
            self.asked[key] = next((rule for pattern, rule in self.globs if pattern.fullmatch(key)), None)
        return self.asked[key]


GENERIC = Adapter(id="generic", title="No adapter fits: opened by what the bytes look like")


class Adapters:
    """All adapters in their order; `find` gives the first that fits, with what its path template caught."""

    def __init__(self, adapters: Iterable[Adapter], generic: Adapter = GENERIC) -> None:
        self.all = tuple(sorted(adapters, key=lambda adapter: (adapter.order, adapter.id)))
        self.generic = generic
        self._by_id = {one.id: one for one in (self.generic, *reversed(self.all))}
        self._by_host: dict[str, tuple[tuple[Adapter, Match], ...]] = {}

    def find(self, exchange: Exchange) -> tuple[Adapter, "re.Match[str] | None"]:
        """The adapter for an exchange, the generic one when none fits."""
        host = exchange.host.lower()
        if host not in self._by_host:
            pairs = ((a, m) for a in self.all for m in a.matches)
            self._by_host[host] = tuple((a, m) for a, m in pairs if m.hosts is None or m.hosts.match(host))
        for adapter, match in self._by_host[host]:
            if found := match.fits(exchange):
                return adapter, None if found is True else found
        return self.generic, None

    def __getitem__(self, name: str) -> Adapter:
        """The adapter of that id; raises KeyError."""
        return self._by_id[name]


def adapter(name: str, table: Mapping[str, Any], shared: Mapping[str, Mapping[str, Rule]]) -> Adapter:
    """Build an adapter from its TOML table; raises KeyError, ValueError or TypeError where the table is wrong."""
    known = {
        "title",
        "because",
        "source",
        "order",
        "dataset",
        "use",
        "match",
        "body",
        "response",
        "open",
        "rules",
        "note",
    }
    if strange := sorted(table.keys() - known):
        raise ValueError(f"unknown key: {', '.join(strange)}")
    rules: dict[str, Rule] = {}
    for used in table.get("use", ()):
        rules.update(shared[used])
    rules.update(ruleset(name, table.get("rules", {})))
    return Adapter(
        id=name,
        title=table["title"],
        because=table["because"],
        source=table["source"],
        order=table.get("order", 50),
        dataset=table.get("dataset", ""),
        matches=tuple(match(entry) for entry in table["match"]),
        body=layout(table.get("body", {})),
        response=layout(table.get("response", {})),
        opens={
            **{key: rule.open for key, rule in rules.items() if rule.open},
            **{key: tuple(steps) for key, steps in table.get("open", {}).items()},
        },
        rules=rules,
    )


def ruleset(origin: str, table: Mapping[str, Mapping[str, Any]]) -> dict[str, Rule]:
    """Rules by key. A rule has `is`, `because`, `source` and may have `class`, `note`, `open` (steps for the value)."""
    for key, entry in table.items():
        if strange := sorted(entry.keys() - {"is", "because", "source", "class", "note", "open"}):
            raise ValueError(f"{key}: unknown key {', '.join(strange)}")
    return {
        key: Rule(
            key=key,
            is_=entry["is"],
            because=entry["because"],
            source=entry["source"],
            code=entry.get("class", ""),
            note=entry.get("note", ""),
            origin=origin,
            open=tuple(entry.get("open", ())),
        )
        for key, entry in table.items()
    }


def match(table: Mapping[str, Any]) -> Match:
    """Conditions from one `[[match]]` table."""
    if strange := sorted(table.keys() - {"hosts", "paths", "methods", "types", "headers"}):
        raise ValueError(f"unknown key in match: {', '.join(strange)}")
    return Match(
        hosts=re.compile("|".join(translate(host.lower()) for host in table["hosts"])) if "hosts" in table else None,
        paths=tuple(re.compile(template(path), re.IGNORECASE) for path in table.get("paths", ())),
        methods=frozenset(method.upper() for method in table.get("methods", ())),
        types=tuple(kind.lower() for kind in table.get("types", ())),
        headers=tuple((name, re.compile(translate(value))) for name, value in table.get("headers", {}).items()),
    )


def layout(table: Mapping[str, Any]) -> Layout:
    """How a body is built, from a `[body]` or `[response]` table; a single name stands for a list of one."""
    if strange := sorted(table.keys() - {"steps", "events", "name", "time", "schema", "level"}):
        raise ValueError(f"unknown key in body or response: {', '.join(strange)}")
    if "." in table.get("events", "") or not table.get("events", "[]").endswith("[]"):
        raise ValueError("events is `[]` or `key[]`")
    lists = {
        key: (table[key],) if isinstance(table[key], str) else tuple(table[key])
        for key in ("steps", "name", "time", "schema", "level")
        if key in table
    }
    return Layout(events=table.get("events", ""), **lists)


def template(path: str) -> str:
    """A path template as a pattern: `{name}` is one segment, `*` is anything and called `rest`, `rest2` …"""
    stars = (f"(?P<rest{n or ''}>.*)" for n in (0, *range(2, 9)))
    pieces = re.split(r"(\{\w+\}|\*)", path)
    return "".join(next(stars) if piece == "*" else piece_pattern(piece) for piece in pieces) + r"\Z"


def piece_pattern(piece: str) -> str:
    """The pattern of one piece of a template that is no star."""
    return f"(?P<{piece[1:-1]}>[^/]+)" if piece.startswith("{") else re.escape(piece)


def glob(key: str) -> re.Pattern[str]:
    """A rule's key as a pattern: only the star is special."""
    return re.compile(".*".join(re.escape(piece) for piece in key.split("*")), re.DOTALL)

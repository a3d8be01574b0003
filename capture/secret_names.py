"""Names under which authentication material stands: headers, cookies, fields of forms, JSON and XML."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "secrets.toml"
WHERE = ("form", "json", "pair", "plist", "query", "xml")
FORMS = ("", "credentials", "tickets")
LEAST = 4  # characters of a secret, if its entry does not say otherwise
LONGEST = 64  # characters of a name; the scanners look no further
REMEMBERED = 65536  # names; a recording can be made to hold any number of them
WORD = re.compile(rb"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What stands under a name: the word in its replacement, and when the name counts; see `data/secrets.toml`."""

    type: str
    source: str
    form: str = ""
    beside: frozenset[bytes] = frozenset()
    least: int = LEAST
    keeps: bool = False
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Globs:
    """Names with stars."""

    exact: Mapping[bytes, Kind]
    patterns: tuple[tuple[re.Pattern[bytes], Kind], ...]

    def find(self, name: bytes) -> Kind | None:
        """Return what stands under a name, whatever its case."""
        lower = name.lower()
        found = self.exact.get(lower)
        return found or next((kind for pattern, kind in self.patterns if pattern.match(lower)), None)


class Names:
    """The table, to be asked by header, by cookie, by LocURI, or by field and where it stands (`WHERE`)."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        """ValueError or KeyError: the table is wrong."""
        self.headers, self.cookies = globs(table.get("header", ())), globs(table.get("cookie", ()))
        self.located = globs(table.get("located", ()))
        self.exact: dict[tuple[str, bytes], Kind] = {}
        self.last: dict[tuple[str, bytes], Kind] = {}
        for entry in table.get("name", ()):
            for where in wheres(entry):
                for words in entry["names"]:
                    self.exact[where, words.encode()] = kind(entry)
                    if entry.get("last"):
                        self.last[where, words.encode()] = kind(entry)
        self.longest = max((words.count(b" ") + 1 for _, words in self.last), default=0)
        self.known: dict[tuple[str, bytes], Kind | None] = {}

    def field(self, where: str, name: bytes) -> Kind | None:
        """Return what stands under the name of a field, None if it is no secret."""
        key = (where, name)
        if key not in self.known:
            if len(self.known) >= REMEMBERED:
                self.known.clear()
            self.known[key] = self.look(where, name)
        return self.known[key]

    def look(self, where: str, name: bytes) -> Kind | None:
        """Look for the whole name, then for its last words, the most first."""
        words = WORD.findall(name)
        text = b" ".join(words).lower()
        if found := self.exact.get((where, text)) or self.exact.get((where, name.lower())):
            return found
        ends = (b" ".join(words[-count:]).lower() for count in range(min(self.longest, len(words)), 0, -1))
        return next((found for end in ends if (found := self.last.get((where, end)))), None)


def wheres(entry: Mapping[str, Any]) -> Iterable[str]:
    """Where the names of an entry count. ValueError: a place that there is not."""
    given = entry.get("where", WHERE)
    if strange := set(given) - set(WHERE):
        raise ValueError(f"secrets.toml: no such place: {', '.join(strange)}")
    return tuple(given)


def kind(entry: Mapping[str, Any]) -> Kind:
    """What an entry says. KeyError: it has no type or source. ValueError: a form that there is not."""
    if entry.get("form", "") not in FORMS or not re.fullmatch("[a-z_]+", entry["type"]):
        raise ValueError(f"secrets.toml: wrong form or type in {entry}")
    return Kind(
        type=entry["type"],
        source=entry["source"],
        form=entry.get("form", ""),
        beside=frozenset(name.encode() for name in entry.get("beside", ())),
        least=entry.get("least", LEAST),
        keeps=entry.get("keeps", False),
        holds=entry.get("holds", False),
    )


def globs(entries: Iterable[Mapping[str, Any]]) -> Globs:
    """Names of entries, those with stars apart."""
    every = [(name.lower(), kind(entry)) for entry in entries for name in entry["names"]]
    starred = ((re.compile(translate(name).encode()), one) for name, one in every if "*" in name)
    return Globs({name.encode(): one for name, one in every if "*" not in name}, tuple(starred))


@cache
def table() -> Mapping[str, Any]:
    """Return the table of names and shapes."""
    return tomllib.loads(DATA.read_text("utf-8"))

"""Claims: what vendors say, read from TOML; ours in `data/claims.toml`, a researcher's own in the same form."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from portalscope.analysis import apps, labels

DATA = Path(__file__).parent / "data" / "claims.toml"
EXPECTATIONS = ("none", "some", "only", "kilobytes", "answer", "documents")
FILTERS = (
    *("kind", "host", "company", "event", "adapter", "purpose", "part", "level"),
    *("class", "property", "because", "planted"),
)

type Filter = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim with its test; the words are explained at the head of `claims.toml`."""

    id: str
    text: str
    source: str
    dated: str
    expect: str
    also: tuple[str, ...] = ()
    note: str = ""
    app: str = ""
    whole: bool = False
    settings: Filter = field(default_factory=dict)
    control: Filter = field(default_factory=dict)
    planted: tuple[str, ...] = ()
    hours: float = 0
    within: Filter = field(default_factory=dict)
    leaves: Filter = field(default_factory=dict)
    unsure: Filter = field(default_factory=dict)
    allowed: tuple[str, ...] = ()
    mention: tuple[str, ...] = ()
    between: tuple[float, ...] = ()
    share: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Claims by id, and the sources that they name."""

    claims: Mapping[str, Claim]
    sources: Mapping[str, Mapping[str, str]]

    def citation(self, source: str) -> tuple[str, str]:
        """Return title and address of a source; the words themselves when no table has it."""
        found = self.sources.get(source)
        return (found["title"], found.get("url", "")) if found else labels.citation(source)

    def cited(self, claim: Claim) -> str:
        """Return all sources of a claim, in words."""
        return "; ".join(self.citation(source)[0] for source in (claim.source, *claim.also))


@cache
def own() -> Claims:
    """Return the claims that come with the program."""
    return read(DATA)


def load(*paths: Path) -> Claims:
    """Return our claims and those of these files. Raises ValueError for a broken file, or an id that is taken."""
    found = own()
    for path in paths:
        more = read(path)
        if twice := sorted(found.claims.keys() & more.claims.keys()):
            raise ValueError(f"{path.name}: {', '.join(twice)}: there is a claim of that id already")
        found = Claims(claims={**found.claims, **more.claims}, sources={**found.sources, **more.sources})
    return found


def read(path: Path) -> Claims:
    """Return the claims of one file. Raises ValueError, which names every fault."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name}: {error}") from error
    entries = table.get("claim", [])
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError(f"{path.name}: must hold [[claim]] tables")
    wrong = [
        f"{path.name}: {entry.get('id', f'claim {n}')}: {why}"
        for n, entry in enumerate(entries, 1)
        for why in faults(entry)
    ]
    names = [entry.get("id") for entry in entries]
    wrong += [f"{path.name}: {name}: stands twice" for name in sorted({str(n) for n in names if names.count(n) > 1})]
    if wrong:
        raise ValueError("\n".join(wrong))
    return Claims(claims={entry["id"]: claim(entry) for entry in entries}, sources=table.get("source", {}))


def claim(entry: Mapping[str, Any]) -> Claim:
    """Return the claim of a checked entry."""
    made = {name: frozen(value) for name, value in entry.items()}
    return Claim(**made)


def frozen(value: Any) -> Any:  # noqa: ANN401 - what TOML holds
    """Return a value with tuples for lists."""
    if isinstance(value, dict):
        return {key: tuple(map(str, one)) for key, one in value.items()}
    return tuple(value) if isinstance(value, list) else value


def faults(entry: Mapping[str, Any]) -> Iterator[str]:
    """Say what is wrong with an entry."""
    known = {one.name: one for one in fields(Claim)}
    yield from (f"{name} is not known" for name in sorted(entry.keys() - known.keys()))
    needed = (n for n, one in known.items() if one.default is MISSING and one.default_factory is MISSING)
    yield from (f"{name} is missing" for name in needed if not entry.get(name))
    yield from (why for name in known.keys() & entry.keys() for why in wrong_kind(name, entry[name]))
    expect = entry.get("expect")
    if expect not in (None, *EXPECTATIONS):
        yield f"expect must be one of {', '.join(EXPECTATIONS)}"
    if expect == "only" and not entry.get("allowed"):
        yield "expects only what is allowed, and allowed is missing"
    if expect == "kilobytes" and len(entry.get("between", ())) != 2:
        yield "expects kilobytes a day, and between = [least, most] is missing"
    if entry.get("app") and entry["app"] not in apps.table()["app"]:
        yield f"app {entry['app']} is not in apps.toml"
    for name in ("within", "leaves", "unsure"):
        table = entry.get(name, {})
        if isinstance(table, dict):
            yield from (f"{name}.{key} is not one of {', '.join(FILTERS)}" for key in table if key not in FILTERS)


def wrong_kind(name: str, value: object) -> Iterator[str]:
    """Say whether a value is of another kind than it has to be."""
    if name in ("settings", "control", "within", "leaves", "unsure"):
        if not isinstance(value, dict) or not all(isinstance(one, list) for one in value.values()):
            yield f"{name} must be a table of lists"
    elif name in ("also", "planted", "allowed", "mention"):
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            yield f"{name} must be a list of texts"
    elif name in ("hours", "between"):
        numbers = value if isinstance(value, list) else [value]
        if (name == "between") != isinstance(value, list) or not all(type(one) in (int, float) for one in numbers):
            yield f"{name} must be {'a list of numbers' if name == 'between' else 'a number'}"
    elif name == "whole":
        if not isinstance(value, bool):
            yield "whole must be true or false"
    elif not isinstance(value, str):
        yield f"{name} must be text"

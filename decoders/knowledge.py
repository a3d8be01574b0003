"""Knowledge: the TOML and CSV tables of `decoders/data`, read and checked. The one decoder module that reads files."""

import csv
import hashlib
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from portalscope.decoders.adapters import BECAUSE, Adapter, Adapters, Rule, adapter, ruleset
from portalscope.decoders.steps import STEPS

DATA = Path(__file__).parent / "data"
EVERYWHERE = ("certificate", "jwt", "http")  # rule sets that hold for any message


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """All tables. `tables` are the plain ones by file name; `faults` what is wrong with them, one line each."""

    adapters: Adapters
    shared: Mapping[str, Mapping[str, Rule]]
    sources: Mapping[str, Mapping[str, str]]
    tables: Mapping[str, Mapping[str, Any]]
    rows: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)
    digest: str = ""
    faults: tuple[str, ...] = ()


@cache
def load(*extra: Path) -> Knowledge:
    """Read everything; `extra` are folders with more `adapters/`, `rules/` and `sources.toml`, built like ours."""
    folders = (DATA, *extra)
    faults = [f"{folder}: there is no such folder" for folder in extra if not folder.is_dir()]
    sources: dict[str, Mapping[str, str]] = {}
    shared: dict[str, Mapping[str, Rule]] = {}
    adapters: dict[str, Adapter] = {}
    for folder in folders:
        sources.update(toml(folder / "sources.toml", faults))
        for path in sorted(folder.glob("rules/*.toml")):
            shared[path.stem] = built(path, faults, partial(ruleset, path.stem)) or {}
    for folder in folders:
        for path in sorted(folder.glob("adapters/*.toml")):
            made = built(path, faults, partial(adapter, path.stem, shared=shared))
            if made is not None:
                adapters[path.stem] = made
    tables = {path.stem: toml(path, faults) for path in sorted(DATA.glob("*.toml"))}
    rows = {path.stem: table_rows(path) for path in sorted(DATA.glob("*.csv"))}
    everywhere = {key: rule for name in EVERYWHERE for key, rule in shared.get(name, {}).items()}
    generic = Adapter(id="generic", title="Request", rules=everywhere)
    return Knowledge(
        adapters=Adapters(adapters.values(), generic),
        shared=shared,
        sources=sources,
        tables=tables,
        rows=rows,
        digest=fingerprint(folders),
        faults=(
            *faults,
            *check(tuple(adapters.values()), shared, sources),
            *unknown(adapters.values(), shared, tables),
        ),
    )


def table_rows(path: Path) -> list[dict[str, str]]:
    """The rows of one CSV file, by column."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fingerprint(folders: Sequence[Path]) -> str:
    """SHA-256 over every table, 16 hex digits: two datasets with the same one were judged alike."""
    found = hashlib.sha256()
    for path in (path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in (".toml", ".csv")):
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def toml(path: Path, faults: list[str]) -> Mapping[str, Any]:
    """One TOML file; a broken one is a fault and empty."""
    try:
        return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(f"{path.parent.name}/{path.name}: {error}")
        return {}


def built[T](path: Path, faults: list[str], build: Callable[[Mapping[str, Any]], T]) -> T | None:
    """Build something from a TOML file; what is wrong with it is a fault that names the file."""
    table = toml(path, faults)
    try:
        return build(table) if table else None
    except KeyError as error:
        faults.append(f"{path.parent.name}/{path.name}: {error} is missing or not known")
    except (ValueError, TypeError, AttributeError) as error:
        faults.append(f"{path.parent.name}/{path.name}: {error}")
    return None


def check(
    adapters: Iterable[Adapter], shared: Mapping[str, Mapping[str, Rule]], sources: Mapping[str, Any]
) -> list[str]:
    """What no single file shows: unknown steps, reasons and sources."""
    faults = []
    for made in adapters:
        names = (*made.body.steps, *made.response.steps, *(step for steps in made.opens.values() for step in steps))
        faults += [f"adapters/{made.id}.toml: no step {step!r}" for step in names if step not in STEPS]
        faults += grounds(f"adapters/{made.id}.toml", made.because, made.source, sources)
        faults += [
            fault for rule in made.rules.values() if rule.origin == made.id for fault in rule_faults(rule, sources)
        ]
    return faults + [
        fault for rules in shared.values() for rule in rules.values() for fault in rule_faults(rule, sources)
    ]


def unknown(
    adapters: Iterable[Adapter], shared: Mapping[str, Mapping[str, Rule]], tables: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Rules that name a property or class that `properties.toml` does not have."""
    vocabulary = tables.get("properties", {})
    own = (rule for made in adapters for rule in made.rules.values() if rule.origin == made.id)
    rules = [*own, *(rule for used in shared.values() for rule in used.values())]
    names = [
        f"{r.origin}: {r.key}: no property {r.is_!r}" for r in rules if r.is_ not in vocabulary.get("property", ())
    ]
    codes = [
        f"{r.origin}: {r.key}: no class {r.code!r}"
        for r in rules
        if r.code and r.code not in vocabulary.get("class", ())
    ]
    return names + codes


def rule_faults(rule: Rule, sources: Mapping[str, Any]) -> list[str]:
    """What is wrong with one rule."""
    part = rule.key.partition(":")[0]
    wrong = [] if part in PARTS or "*" in part else [f"{rule.origin}: {rule.key}: no part {part!r}"]
    return wrong + grounds(f"{rule.origin}: {rule.key}", rule.because, rule.source, sources)


def grounds(where: str, because: str, source: str, sources: Mapping[str, Any]) -> list[str]:
    """An unknown reason or source."""
    wrong = [] if because in BECAUSE else [f"{where}: no reason {because!r}"]
    return wrong + ([] if source in sources else [f"{where}: no source {source!r}"])


PARTS = ("path", "query", "header", "cookie", "body", "response-header", "response-cookie", "response")

"""What a field's name suggests: curated fields first, then rules on whole words. Names propose, values decide."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from portalscope.decoders.properties import Properties

MOST_WORDS = 16
LONGEST_RUN = 6
MEMORY = 65536
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_SEGMENT = re.compile(r"[./|\[\]*]+")
_CONDITIONS = ("words", "last", "only", "first", "pattern")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a name suggests, and why. `known`: the field is in the curated table, which also has a `source`."""

    property: str
    code: str
    reason: str
    scope: str = ""
    known: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRule:
    """One rule on glued words: `words` anywhere in the name, `last` at its end, `only` the whole, `first` at its start.

    One of them must fit; `inside` and `outside` are asked of the container; no word of `unless` may be there.
    """

    named: Named
    words: frozenset[str]
    last: frozenset[str]
    only: frozenset[str]
    first: frozenset[str]
    pattern: re.Pattern[str] | None
    inside: re.Pattern[str] | None
    outside: re.Pattern[str] | None
    unless: frozenset[str]

    def holds_in(self, container: str) -> bool:
        """Whether the rule may speak of names in this container."""
        return bool(not self.inside or self.inside.search(container)) and not (
            self.outside and self.outside.search(container)
        )

    @property
    def of_words(self) -> bool:
        """Whether the rule speaks only of names that have one of certain words."""
        return bool(self.words or self.last or self.only or self.first) and not self.pattern

    def fits(self, name: "Words") -> bool:
        """Whether the rule speaks of this name."""
        if self.unless and not self.unless.isdisjoint(name.runs):
            return False
        if not (self.words or self.last or self.only or self.first or self.pattern):
            return True
        return (
            not self.words.isdisjoint(name.runs)
            or not self.last.isdisjoint(name.endings)
            or not self.only.isdisjoint(name.whole)
            or not self.first.isdisjoint(name.beginnings)
            or bool(self.pattern and self.pattern.search(name.glued))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A name taken apart into runs of whole words, glued and in lower case; a plural stands beside its singular."""

    glued: str
    runs: frozenset[str]
    endings: frozenset[str]
    beginnings: frozenset[str]
    whole: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The curated fields and the rules on words.

    `by_word` are the positions of the rules that speak of a word, `always` of those that have to be asked of any name.
    """

    rules: tuple[NameRule, ...]
    known: Mapping[tuple[str, str, str], Named]
    general: frozenset[str]
    hollow: frozenset[str]
    prefixes: frozenset[str]
    owners: frozenset[str]
    families: Mapping[str, str]
    faults: tuple[str, ...] = ()
    by_word: Mapping[str, tuple[int, ...]] = field(default_factory=dict, compare=False, repr=False)
    always: frozenset[int] = field(default=frozenset(), compare=False, repr=False)
    memory: dict[tuple[str, str, str], Named | None] = field(default_factory=dict, compare=False, repr=False)
    holding: dict[str, int] = field(default_factory=dict, compare=False, repr=False)
    suggestions: dict[tuple[int, str], Named | None] = field(default_factory=dict, compare=False, repr=False)

    def judge(self, name: str, container: str = "", dataset: str = "") -> Named | None:
        """Return what a field's name or path suggests, None when no curated field and no rule speaks of it.

        `container` is the event, struct or claim set around it; `dataset` the schema. Both may be empty.
        """
        key = (dataset, container, name)
        if key not in self.memory:
            if len(self.memory) >= MEMORY:
                self.memory.clear()
            self.memory[key] = self.curated(*key) or self.suggested(name, container)
        return self.memory[key]

    def curated(self, dataset: str, container: str, name: str) -> Named | None:
        """The curated field, for this container or for all of them."""
        family = next((f for prefix, f in self.families.items() if dataset.startswith(prefix)), dataset)
        return self.known.get((family, container, name)) or self.known.get((family, "*", name))

    def suggested(self, name: str, container: str) -> Named | None:
        """The first rule that fits; thousands of containers know a handful of sets of rules, and share their names."""
        if container not in self.holding:
            if len(self.holding) >= MEMORY:
                self.holding.clear()
            self.holding[container] = sum(1 << n for n, rule in enumerate(self.rules) if rule.holds_in(container))
        key = (self.holding[container], self.telling(name))
        if key not in self.suggestions:
            if len(self.suggestions) >= MEMORY:
                self.suggestions.clear()
            self.suggestions[key] = self.first(*key)
        return self.suggestions[key]

    def first(self, holding: int, name: str) -> Named | None:
        """The first rule that fits, of those whose position is a bit of `holding`."""
        words = apart(name, self.prefixes)
        asked = self.always.union(*(self.by_word.get(word, ()) for word in words.runs | words.whole))
        found = (self.rules[n] for n in sorted(asked) if holding >> n & 1)
        return next((rule.named for rule in found if rule.fits(words)), None)

    def telling(self, name: str) -> str:
        """The last part of a path; a word like `id` or `name`, and what a document owns, with the part above."""
        parts = [part for part in _SEGMENT.split(name) if part] or [name]
        last = parts.pop()
        while parts and "".join(tokens(parts[-1])) in self.hollow:
            parts.pop()
        above = "".join(tokens(parts[-1])) if parts else ""
        return (
            f"{parts[-1]} {last}" if above and ("".join(tokens(last)) in self.general or above in self.owners) else last
        )


@lru_cache(maxsize=MEMORY)
def tokens(name: str) -> tuple[str, ...]:
    """Take a name apart into lower-case words at capitals, digits and signs: `IMEINumber2` is imei, number, 2."""
    return tuple(word.lower() for word in _WORD.findall(name)[-MOST_WORDS:])


@lru_cache(maxsize=MEMORY)
def apart(name: str, prefixes: frozenset[str] = frozenset()) -> Words:
    """All runs of whole words of a name: `imei` is a run of `DeviceImei`, and none of `TimeInMs`.

    A first word out of `prefixes` does not count where a rule asks for the whole name or its start.
    """
    words = tokens(name)
    count = len(words)
    pieces = [(i, j, "".join(words[i:j])) for i in range(count) for j in range(i + 1, min(count, i + LONGEST_RUN) + 1)]
    start = int(count > 1 and words[0] in prefixes)
    return Words(
        glued="".join(words[start:]),
        runs=with_singular(piece for _, _, piece in pieces),
        endings=with_singular(piece for _, j, piece in pieces if j == count),
        beginnings=frozenset(piece for i, _, piece in pieces if i == start),
        whole=with_singular(("".join(words[start:]),)),
    )


def with_singular(pieces: Iterable[str]) -> frozenset[str]:
    """The pieces, and those in the plural also without their s."""
    found = set(pieces)
    return frozenset(found | {p[:-1] for p in found if len(p) > 3 and p.endswith("s") and not p.endswith("ss")})


def names(data: Mapping[str, Any], rows: Iterable[Mapping[str, str]], vocabulary: Properties) -> Names:
    """Build from the parsed `names.toml` and the rows of `known-fields.csv`; faulty ones are left out and reported."""
    faults: list[str] = []
    places: Mapping[str, str] = data.get("places", {})
    rules = [
        made
        for i, table in enumerate(data.get("rule", []))
        if (made := rule(i, placed(table, places), vocabulary, faults)) is not None
    ]
    known: dict[tuple[str, str, str], Named] = {}
    for row in rows:
        key = (row["dataset"], row["container"], row["field"])
        if row["property"] not in vocabulary or row["class"] not in vocabulary.classes:
            faults.append(f"known field {' '.join(key)}: property or class is not known")
        elif key in known:
            faults.append(f"known field {' '.join(key)} is there twice")
        else:
            known[key] = curated(row)
    by_word: dict[str, list[int]] = {}
    for n, made in enumerate(rules):
        for word in made.words | made.last | made.only | made.first if made.of_words else ():
            by_word.setdefault(word, []).append(n)
    return Names(
        rules=tuple(rules),
        by_word={word: tuple(found) for word, found in by_word.items()},
        always=frozenset(n for n, made in enumerate(rules) if not made.of_words),
        known=known,
        general=frozenset(data.get("general", ())),
        hollow=frozenset(data.get("hollow", ())),
        prefixes=frozenset(data.get("prefixes", ())),
        owners=frozenset(data.get("owners", ())),
        families=data.get("families", {}),
        faults=tuple(faults),
    )


def curated(row: Mapping[str, str]) -> Named:
    """One row of `known-fields.csv`."""
    return Named(
        property=row["property"],
        code=row["class"],
        reason=row["reason"],
        scope=row["scope"],
        known=True,
        source=row.get("source", ""),
    )


def rule(number: int, table: Mapping[str, Any], vocabulary: Properties, faults: list[str]) -> NameRule | None:
    """One [[rule]] table."""
    where = f"name rule {number + 1} ({table.get('reason', '')})"
    if unknown := set(table) - {"is", "class", "scope", "reason", "inside", "outside", "unless", *_CONDITIONS}:
        faults.append(f"{where}: {', '.join(sorted(unknown))} is not known")
    elif not any(key in table for key in ("inside", *_CONDITIONS)):
        faults.append(f"{where}: speaks of every name")
    elif table.get("is") not in vocabulary or table.get("class", "D1") not in vocabulary.classes:
        faults.append(f"{where}: property or class is not known")
    else:
        return tried(where, table, vocabulary, faults)
    return None


def tried(where: str, table: Mapping[str, Any], vocabulary: Properties, faults: list[str]) -> NameRule | None:
    """A rule whose words are sound; a pattern that is none is a fault."""
    try:
        return built(table, vocabulary)
    except re.error as error:
        faults.append(f"{where}: {error}")
    return None


def placed(table: Mapping[str, Any], places: Mapping[str, str]) -> dict[str, Any]:
    """A rule with the named groups of containers written out."""
    return {k: places.get(v, v) if k in ("inside", "outside") else v for k, v in table.items()}


def built(table: Mapping[str, Any], vocabulary: Properties) -> NameRule:
    """A sound rule; re.error for a pattern that is none."""
    its = vocabulary.get(table["is"])
    named = Named(
        property=its.name,
        code=table.get("class", its.code),
        reason=table.get("reason", ""),
        scope=table.get("scope", its.scope),
    )
    words, last, only, first = (
        frozenset(glue(word) for word in table.get(key, ())) for key in ("words", "last", "only", "first")
    )
    return NameRule(
        named=named,
        words=words,
        last=last,
        only=only,
        first=first,
        pattern=re.compile(table["pattern"]) if "pattern" in table else None,
        inside=re.compile(table["inside"]) if "inside" in table else None,
        outside=re.compile(table["outside"]) if "outside" in table else None,
        unless=frozenset(glue(word) for word in table.get("unless", ())),
    )


def glue(words: str) -> str:
    """Words of a table as they are compared: `serial number` is serialnumber."""
    return words.replace(" ", "").lower()

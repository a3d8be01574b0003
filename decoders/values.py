"""What the shape of a value suggests, and which values stand for no value. A shape can only raise protection."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portalscope.decoders.checks import CHECKS
from portalscope.decoders.names import MEMORY, apart, glue
from portalscope.decoders.properties import Properties

LONG = 4096
LONGEST_SENTINEL = 64
_NEEDED = {"id", "is", "raises"}
_KEYS = _NEEDED | {"class", "min", "max", "has", "names", "not_names", "anywhere", "regex", "check"}
_NOTES = {"fits", "fails", "note", "source"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a value looks like. `raises`: it may lift a weaker judgement; if not, it speaks where nothing else does."""

    id: str
    property: str
    code: str
    raises: bool
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeRule:
    """A shape and its conditions, cheapest first: length, characters, words of the key, expression, check."""

    shape: Shape
    shortest: int
    longest: int
    has: str
    names: frozenset[str]
    not_names: frozenset[str]
    regex: re.Pattern[str] | None
    anywhere: bool
    check: Callable[[str], bool] | None
    fits: tuple[str, ...]
    fails: tuple[str, ...]

    def believed(self, words: frozenset[str]) -> bool:
        """Whether this shape is believed under a key with these words."""
        return (not self.names or not self.names.isdisjoint(words)) and self.not_names.isdisjoint(words)

    def accepts(self, value: str) -> bool:
        """Whether a value of fitting length has this shape."""
        for character in self.has:
            if character not in value:
                return False
        if self.regex and not (self.regex.search(value) if self.anywhere else self.regex.fullmatch(value)):
            return False
        return self.check is None or self.check(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """The shapes in their order, and what stands for no value."""

    rules: tuple[ShapeRule, ...]
    placeholders: frozenset[str]
    pattern: re.Pattern[str]
    faults: tuple[str, ...] = ()
    by_length: dict[int, tuple[ShapeRule, ...]] = field(default_factory=dict, compare=False, repr=False)
    by_key: dict[str, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    def sentinel(self, value: str) -> bool:
        """Whether a value stands for no value: empty, all zeros, `unknown`, `-1`, `#` and the like, any case."""
        if len(value) > LONGEST_SENTINEL:
            return not value.strip()
        lower = value.strip().lower()
        return lower in self.placeholders or bool(self.pattern.fullmatch(lower))

    def shape_of(self, value: str, key: str = "") -> Shape | None:
        """Return the first shape that a value has, None for the rest: plain words, numbers, truth values.

        `key` is the field's path; some shapes are only believed under a fitting name. Above 4,096 characters only
        what can stand anywhere is looked for: addresses, paths, tokens.
        """
        rules = self.long_enough(min(len(value), LONG + 1))
        blocked = self.doubted(key)
        for rule in rules:
            if rule.shape.id not in blocked and rule.accepts(value):
                return rule.shape
        return None

    def long_enough(self, length: int) -> tuple[ShapeRule, ...]:
        """The rules that a value of this length can fit."""
        if length not in self.by_length:
            self.by_length[length] = tuple(
                rule
                for rule in self.rules
                if rule.shortest <= length <= rule.longest and (length <= LONG or rule.anywhere)
            )
        return self.by_length[length]

    def doubted(self, key: str) -> frozenset[str]:
        """The shapes that are not believed under this key."""
        if key not in self.by_key:
            if len(self.by_key) >= MEMORY:
                self.by_key.clear()
            words = apart(key).runs
            self.by_key[key] = frozenset(rule.shape.id for rule in self.rules if not rule.believed(words))
        return self.by_key[key]


def values(data: Mapping[str, Any], vocabulary: Properties) -> Values:
    """Build from the parsed `values.toml`; a faulty shape is left out and reported."""
    faults: list[str] = []
    rules = [made for table in data.get("shape", ()) if (made := shape_rule(table, vocabulary, faults)) is not None]
    ids = [rule.shape.id for rule in rules]
    faults += [f"shape {name} is there twice" for name in sorted({i for i in ids if ids.count(i) > 1})]
    sentinels = data.get("sentinels", {})
    return Values(
        rules=tuple(rules),
        placeholders=frozenset(sentinels.get("exact", ())),
        pattern=re.compile(sentinels.get("pattern", r"(?!)")),
        faults=tuple(faults),
    )


def shape_rule(table: Mapping[str, Any], vocabulary: Properties, faults: list[str]) -> ShapeRule | None:
    """One [[shape]] table."""
    where = f"shape {table.get('id', '?')}"
    if unknown := set(table) - _KEYS - _NOTES:
        faults.append(f"{where}: {', '.join(sorted(unknown))} is not known")
    elif missing := _NEEDED - set(table):
        faults.append(f"{where}: {', '.join(sorted(missing))} is missing")
    elif table["is"] not in vocabulary or table.get("class", "D1") not in vocabulary.classes:
        faults.append(f"{where}: property or class is not known")
    elif not ("regex" in table or table.get("check") in CHECKS):
        faults.append(f"{where}: neither an expression nor a known check")
    else:
        return tried(where, table, vocabulary, faults)
    return None


def tried(where: str, table: Mapping[str, Any], vocabulary: Properties, faults: list[str]) -> ShapeRule | None:
    """A shape whose words are sound; an expression that is none is a fault."""
    try:
        regex = re.compile(table["regex"]) if "regex" in table else None
    except re.error as error:
        faults.append(f"{where}: {error}")
        return None
    return built(table, vocabulary, regex)


def built(table: Mapping[str, Any], vocabulary: Properties, regex: re.Pattern[str] | None) -> ShapeRule:
    """A sound shape."""
    anywhere = table.get("anywhere", False) is True
    return ShapeRule(
        shape=Shape(
            id=table["id"],
            property=table["is"],
            code=table.get("class", vocabulary.get(table["is"]).code),
            raises=table["raises"] is True,
            source=table.get("source", ""),
        ),
        shortest=table.get("min", 1),
        longest=LONG + 1 if anywhere else min(table.get("max", LONG), LONG),
        has=table.get("has", ""),
        names=glued(table.get("names", ())),
        not_names=glued(table.get("not_names", ())),
        regex=regex,
        anywhere=anywhere,
        check=CHECKS.get(table.get("check", "")),
        fits=tuple(table.get("fits", ())),
        fails=tuple(table.get("fails", ())),
    )


def glued(words: Iterable[str]) -> frozenset[str]:
    """Words of a table as they are compared with a key."""
    return frozenset(glue(word) for word in words)

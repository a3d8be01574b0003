"""The vocabulary: properties, their classes, the categories of classes, and the order of protection among classes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SCOPES = frozenset({"request", "session", "install", "device", "user", "user+device", "tenant", "constant"})
REDACTIONS = frozenset({"hash", "mask", "keep", "drop"})
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """What a reader sees first: `personal`, `pseudonymous`, `behaviour`, `technical`, `secret`, `unknown`."""

    id: str
    label: str
    label_nl: str
    definition: str
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassInfo:
    """A class, D1 … U1. `severity`: the higher, the more protective. `gdpr` are keys of `law.toml`."""

    code: str
    category: str
    label: str
    label_nl: str
    definition: str
    severity: int
    gdpr: tuple[str, ...]
    iso: str
    iso_edition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A kind of data. `code` is its default class; `gdpr` and `iso` are the class's where the table does not differ."""

    name: str
    code: str
    label: str
    label_nl: str
    definition: str
    scope: str
    redact: str
    plantable: bool
    gdpr: tuple[str, ...]
    iso: str
    iso_edition: str
    trackhar: str
    fideslang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Properties:
    """All of `properties.toml`. `trouble` is what is wrong with the table, one line each; see `faults`."""

    properties: Mapping[str, Property]
    classes: Mapping[str, ClassInfo]
    categories: Mapping[str, Category]
    trouble: tuple[str, ...] = ()

    def get(self, name: str) -> Property:
        """Return the property of this name; KeyError when the vocabulary does not have it."""
        return self.properties[name]

    def __contains__(self, name: object) -> bool:
        return name in self.properties

    def category(self, code: str) -> str:
        """Return the category id of a class code."""
        return self.classes[code].category

    def severity(self, code: str) -> int:
        """How protective a class is: `S1` most, `U1` least, since nothing is known yet and any ground may speak."""
        return self.classes[code].severity

    def strictest(self, codes: Iterable[str]) -> str:
        """Return the most protective of some class codes, U1 for none."""
        return max(codes, key=self.severity, default="U1")

    def faults(self, law: Mapping[str, Any] | None = None) -> tuple[str, ...]:
        """Say what is wrong with the vocabulary, one line each; with `law`, also references that it does not have."""
        return (*self.trouble, *(lawless(self, law) if law is not None else ()))


def properties(data: Mapping[str, Any]) -> Properties:
    """Build the vocabulary from the parsed `properties.toml`; an entry with faults is left out and reported."""
    trouble: list[str] = []
    categories = kept(data.get("category", {}), lambda k, t: category(k, t, trouble))
    owner = owners(categories.values(), trouble)
    classes = kept(data.get("class", {}), lambda k, t: class_info(k, t, owner, trouble))
    found = kept(data.get("property", {}), lambda k, t: property_(k, t, classes, trouble))
    trouble += [f"category {c}: class {code} is not defined" for code, c in owner.items() if code not in classes]
    trouble += [] if UNKNOWN in found else [f"property {UNKNOWN} is missing"]
    return Properties(properties=found, classes=classes, categories=categories, trouble=tuple(trouble))


def kept[T](tables: Mapping[str, Any], build: Callable[[str, Any], T | None]) -> dict[str, T]:
    """What could be built of some tables, by name."""
    return {name: made for name, table in tables.items() if (made := build(name, table)) is not None}


def owners(categories: Iterable[Category], trouble: list[str]) -> dict[str, str]:
    """Class code -> category id; a class in two categories is a fault."""
    owner: dict[str, str] = {}
    for item in categories:
        trouble += [f"class {code} is in {owner[code]} and {item.id}" for code in item.classes if code in owner]
        owner.update(dict.fromkeys(item.classes, item.id))
    return owner


def category(name: str, table: Mapping[str, Any], trouble: list[str]) -> Category | None:
    """One [category.*] table."""
    if missing(f"category {name}", table, ("label", "label_nl", "definition", "classes"), trouble):
        return None
    return Category(
        id=name,
        label=table["label"],
        label_nl=table["label_nl"],
        definition=table["definition"],
        classes=tuple(table["classes"]),
    )


def class_info(code: str, table: Mapping[str, Any], owner: Mapping[str, str], trouble: list[str]) -> ClassInfo | None:
    """One [class.*] table."""
    if missing(f"class {code}", table, ("label", "label_nl", "definition", "severity"), trouble):
        return None
    if code not in owner:
        trouble.append(f"class {code} has no category")
        return None
    return ClassInfo(
        code=code,
        category=owner[code],
        label=table["label"],
        label_nl=table["label_nl"],
        definition=table["definition"],
        severity=int(table["severity"]),
        gdpr=tuple(table.get("gdpr", ())),
        iso=table.get("iso", ""),
        iso_edition=table.get("iso_edition", ""),
    )


def property_(
    name: str, table: Mapping[str, Any], classes: Mapping[str, ClassInfo], trouble: list[str]
) -> Property | None:
    """One [property.*] table, filled up from its class."""
    if missing(f"property {name}", table, ("class", "label", "label_nl", "definition", "scope", "redact"), trouble):
        return None
    if faulty := [word for word in odd(table, classes) if word]:
        trouble += [f"property {name}: {word}" for word in faulty]
        return None
    its = classes[table["class"]]
    return Property(
        name=name,
        code=its.code,
        label=table["label"],
        label_nl=table["label_nl"],
        definition=table["definition"],
        scope=table["scope"],
        redact=table["redact"],
        plantable=table.get("plantable", False) is True,
        gdpr=tuple(table.get("gdpr", its.gdpr)),
        iso=table.get("iso", its.iso),
        iso_edition=table.get("iso_edition", its.iso_edition),
        trackhar=table.get("trackhar", ""),
        fideslang=table.get("fideslang", ""),
    )


def odd(table: Mapping[str, Any], classes: Mapping[str, ClassInfo]) -> Iterator[str]:
    """Words of a property that no list has; a secret that a published dataset would keep."""
    yield "" if table["class"] in classes else f"class {table['class']} is not defined"
    yield "" if table["scope"] in SCOPES else f"scope {table['scope']} is not known"
    yield "" if table["redact"] in REDACTIONS else f"redact {table['redact']} is not known"
    yield "a secret must be dropped" if table["class"] == "S1" and table["redact"] != "drop" else ""


def missing(where: str, table: Mapping[str, Any], keys: Iterable[str], trouble: list[str]) -> bool:
    """Note the keys that a table lacks; whether there were any."""
    lacking = [f"{where}: {key} is missing" for key in keys if key not in table]
    trouble += lacking
    return bool(lacking)


def lawless(vocabulary: Properties, law: Mapping[str, Any]) -> Iterator[str]:
    """References that `law.toml` does not have, and entries there without a date."""
    used = {key: f"property {p.name}" for p in vocabulary.properties.values() for key in p.gdpr}
    used |= {key: f"class {c.code}" for c in vocabulary.classes.values() for key in c.gdpr}
    yield from (f"{where}: law {key} is not known" for key, where in used.items() if key not in law)
    yield from (f"law {key}: dated or as_of is missing" for key, e in law.items() if not {"dated", "as_of"} <= set(e))

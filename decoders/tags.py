"""The sender's own marks: what a PII kind, a content kind or a bit of the privacy tags says of a value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from portalscope.decoders.message import Tag
from portalscope.decoders.properties import Properties


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What one number of one scheme declares. `candidate`: too general to decide a class without another ground."""

    scheme: str
    number: int
    name: str
    property: str
    code: str
    candidate: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """All of `tags.toml`. `levels` are the names of EventInfo.Level."""

    kinds: Mapping[tuple[str, int], Meaning]
    bits: frozenset[str]
    levels: Mapping[int, str]
    sources: Mapping[str, str]
    faults: tuple[str, ...] = ()

    def meanings(self, tags: Iterable[Tag]) -> tuple[Meaning, ...]:
        """Return what the tags of a value declare, as sent; 0 and numbers that the table does not have say nothing."""
        return tuple(self.kinds[key] for tag in tags for key in self.keys(tag) if key in self.kinds)

    def keys(self, tag: Tag) -> tuple[tuple[str, int], ...]:
        """The table's keys of a tag: one number, or the bits that are set, lowest first."""
        if tag.scheme not in self.bits:
            return ((tag.scheme, tag.code),)
        return tuple(sorted(key for key in self.kinds if key[0] == tag.scheme and key[1] & tag.code))

    def name(self, tag: Tag) -> str:
        """The producer's word for a tag, `pii 99` where the table has none; bits are joined with `+`."""
        names = [meaning.name for meaning in self.meanings((tag,))]
        return "+".join(names) or f"{tag.scheme} {tag.code}"


def tags(data: Mapping[str, Any], vocabulary: Properties) -> Tags:
    """Build the table from the parsed `tags.toml`; an entry that names an unknown property or class is a fault."""
    kinds: dict[tuple[str, int], Meaning] = {}
    faults: list[str] = []
    schemes: Mapping[str, Any] = data.get("scheme", {})
    for scheme, table in schemes.items():
        for key, entry in table.get("kind", {}).items():
            if entry.get("is") not in vocabulary or entry.get("class", "D1") not in vocabulary.classes:
                faults.append(f"tag {scheme} {key}: property or class is not known")
                continue
            made = meaning(scheme, int(key, 0), entry, vocabulary)
            kinds[scheme, made.number] = made
    return Tags(
        kinds=kinds,
        bits=frozenset(name for name, table in schemes.items() if table.get("bits")),
        levels={int(number): name for number, name in data.get("level", {}).items()},
        sources={name: table.get("source", "") for name, table in schemes.items()},
        faults=tuple(faults),
    )


def meaning(scheme: str, number: int, entry: Mapping[str, Any], vocabulary: Properties) -> Meaning:
    """One [scheme.*.kind.*] table."""
    return Meaning(
        scheme=scheme,
        number=number,
        name=entry.get("name", ""),
        property=entry["is"],
        code=entry.get("class", vocabulary.get(entry["is"]).code),
        candidate=entry.get("candidate", False) is True,
        note=entry.get("note", ""),
    )

"""Is a name documented? Exactly, in another version, almost (other spelling, similar, too general), or not at all."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from portalscope.analysis.documentation import DOCUMENTATION, Product, Versions

SEEN = "documented"
OTHER_VERSION = "other version"
SPELLING = "other spelling"
RENAMED = "similar name"
GENERAL = "general name"
SOURCE_CODE = "source code only"
NOT = "not documented"
UNSEEN = "documented, not seen"
STATUSES = (SEEN, OTHER_VERSION, SPELLING, RENAMED, GENERAL, SOURCE_CODE, NOT, UNSEEN)
SIMILAR = 0.85  # of two names, as difflib measures it; below that renamed and new names cannot be told apart
TELLING = 8  # letters of a last part that says enough to be looked for under other parents
SEPARATORS = re.compile(r"[\W_]+")
TAGS = "ext.metadata.f"  # what the sender says of other fields; it names them once more


class Match(NamedTuple):
    """What a publication says of a name; `near` is the documented one where it differs."""

    status: str
    product: str = ""
    versions: Versions = frozenset()
    near: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The publications that are looked at, and the version that counts; empty for any."""

    products: tuple[Product, ...]
    version: str = ""

    def status(self, versions: Versions) -> str:
        """Return whether a documented name counts for the version asked for."""
        return OTHER_VERSION if self.version and versions and self.version not in versions else SEEN

    def event(self, adapter: str, event: str) -> Match:
        """Say whether an event is documented.

        A name without a dot is general: what one product documents as `session` may be another product's own event.
        """
        near = Match(NOT)
        for one in self.products:
            if not one.events or not one.speaks_of(adapter):
                continue
            if event in one.events:
                surely = "." in event or adapter in one.own
                return Match(self.status(one.events[event]) if surely else GENERAL, one.name, one.events[event])
            if near.status == NOT:
                near = almost(event, one.events, one.name, siblings(event, one.events))
        return near

    def field(self, adapter: str, event: str, of_event: Match, field: str, beside: Collection[str]) -> Match:
        """Say whether a field is documented, for its event or for all; `beside` are the names seen with it."""
        home = next((one for one in self.products if one.name == of_event.product), None)
        if home and (found := self.at_home(of_event, event, field, home, beside)):
            return found
        for one in self.products:
            speaks = one.speaks_of(adapter) if one.ground != DOCUMENTATION else adapter in one.own
            if speaks and (found := self.common(field, one)):
                return found
        return Match(NOT)

    def at_home(self, of_event: Match, event: str, field: str, home: Product, beside: Collection[str]) -> Match | None:
        """Return what the publication that has the event says of its field: exact, common to all, or a near miss."""
        name, known = own(field), home.fields.get(of_event.near or event, {})
        if name in known:
            status = GENERAL if of_event.status == GENERAL else self.status(known[name])
            return Match(status, home.name, known[name])
        if of_event.status == GENERAL:
            return None
        if found := self.common(field, home):
            return found
        if field == name:  # stands in the record itself, not in its data
            return None
        free = {other: versions for other, versions in known.items() if other not in beside}
        near = almost(name, free, home.name, free)
        return near if near.status != NOT else None

    def common(self, field: str, one: Product) -> Match | None:
        """Return what a publication says of a field that may stand in any event."""
        public = one.ground != DOCUMENTATION
        if field == TAGS:
            return Match(SOURCE_CODE, one.name) if public else None
        if field in one.common:
            versions = one.common[field]
            return Match(SOURCE_CODE if public else self.status(versions), one.name, versions)
        *parents, last = field.replace("[]", "").split(".")
        return Match(SOURCE_CODE, one.name) if last in one.loose and not {*parents} & {*one.free} else None


def own(field: str) -> str:
    """Return the name of a field under `data`, as documentation has it; any other place as it is."""
    return field.removeprefix("data.")


def almost(name: str, known: Mapping[str, Versions], of: str, candidates: Collection[str] | Iterator[str]) -> Match:
    """Return the near miss of a name: one that differs in case or separators, else the most similar candidate."""
    if found := {fold(other): other for other in known}.get(fold(name)):
        return Match(SPELLING, of, known[found], found)
    best = max(((ratio(name, other), other) for other in candidates), default=(0.0, ""))
    return Match(RENAMED, of, known[best[1]], best[1]) if best[0] >= SIMILAR else Match(NOT)


@lru_cache(maxsize=100_000)  # documented names are folded once, whatever number of names was seen
def fold(name: str) -> str:
    """Return a name without case and separators."""
    return SEPARATORS.sub("", name.casefold())


def ratio(name: str, other: str) -> float:
    """Return how similar two names are, 0 to 1; cheap bounds first, for there are many pairs."""
    matcher = SequenceMatcher(None, fold(name), fold(other), autojunk=False)
    return matcher.ratio() if min(matcher.real_quick_ratio(), matcher.quick_ratio()) >= SIMILAR else 0.0


def siblings(name: str, known: Mapping[str, Versions]) -> Iterator[str]:
    """Give the documented names with the same parents, or with the same telling last part."""
    parents, _, last = name.rpartition(".")
    for other in known:
        above, _, end = other.rpartition(".")
        if (parents and above == parents) or (len(last) >= TELLING and end == last):
            yield other

"""Two recordings side by side: what is new, gone or changed in endpoints, events, fields, properties and categories."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from portalscope.analysis import labels, schema
from portalscope.analysis.frames import Frames, load
from portalscope.analysis.summary import summary

DIFFERENCES = schema.table(
    "What differs between two recordings: one row a difference.",
    [
        schema.must("kind", schema.WORD, "`endpoint`, `event`, `field`, `property` or `category`."),
        schema.must("change", schema.WORD, "`new`, `gone` or `changed`."),
        schema.must("aspect", schema.WORD, "What changed: `presence`, `count`, `type`, `class` or `destination`."),
        schema.must("subject", schema.TEXT, "Host, event, `event :: part:shape`, property, or category and country."),
        schema.must("before", schema.TEXT, "In the first recording; empty when it was not there."),
        schema.must("after", schema.TEXT, "In the second recording; empty when it is not there."),
        schema.must("category", schema.WORD, "Category of the data, where it has one."),
        schema.must("adapter", schema.WORD, "Adapter of the event or field."),
    ],
)
CHANGES = ("new", "gone", "changed")
NUMBERS = {"int", "float"}
ABSENT = ("null", "empty")  # kinds of values that say nothing of the type


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What one side says of one subject: `facts` by aspect, in words; `event` is the one that a field belongs to."""

    subject: str
    facts: Mapping[str, str]
    category: str = ""
    adapter: str = ""
    event: str = ""


class Side(NamedTuple):
    """One side of the comparison, with its summary made once."""

    frames: Frames
    summary: pd.DataFrame


type Things = dict[tuple[str, ...], Thing]


def differences(frames: Frames, before: str | Iterable[str], after: str | Iterable[str]) -> pd.DataFrame:
    """Return the table that `DIFFERENCES` describes, in a stable order.

    Each side is one run or several, whose contents are put together. Fields are compared inside the events that both
    sides have: an event that is new or gone says so once. Raises ValueError for a run that is not there.
    """
    loaded = (load(frames.dataset, [side] if isinstance(side, str) else side) for side in (before, after))
    first, second = (Side(found, summary(found)) for found in loaded)
    rows = [row for kind, things in KINDS.items() for row in changes(kind, things(first), things(second))]
    table = pd.DataFrame(rows, columns=DIFFERENCES.names)
    order = table.assign(
        kind=table["kind"].map({name: n for n, name in enumerate(KINDS)}),
        change=table["change"].map({name: n for n, name in enumerate(CHANGES)}),
    )
    keys = ["kind", "change", "adapter", "subject", "aspect"]
    return table.loc[order.sort_values(keys, kind="stable").index].reset_index(drop=True)


def changes(kind: str, before: Things, after: Things) -> Iterator[tuple[str, ...]]:
    """Give a row for each subject that only one side has, and for each fact in which they differ."""
    events = {thing.event for thing in before.values()} & {thing.event for thing in after.values()}
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        thing = old or new
        if thing is None or (thing.event and thing.event not in events):
            continue
        about = (thing.category, thing.adapter)
        if old is None or new is None:
            change = "gone" if new is None else "new"
            yield kind, change, "presence", thing.subject, told(old), told(new), *about
            continue
        for aspect in [name for name in old.facts if differ(name, old.facts[name], new.facts[name])]:
            yield kind, "changed", aspect, new.subject, old.facts[aspect], new.facts[aspect], *about


def differ(aspect: str, before: str, after: str) -> bool:
    """Whether two facts differ. What one side has no word for does not, nor do numbers that are whole by chance."""
    if aspect == "type" and {*before.split(", "), *after.split(", ")} <= NUMBERS:
        return not set(before.split(", ")) & set(after.split(", "))
    return bool(before and after and before != after)


def told(thing: Thing | None) -> str:
    """Return all that one side says of a subject."""
    return "; ".join(fact for fact in thing.facts.values() if fact) if thing else ""


def endpoints(side: Side) -> Things:
    """Hosts: how often they were asked, whose and where they are."""
    found: Things = {}
    for host, rows in side.frames.wire(side.frames.endpoints).groupby("host", observed=True):
        requests, closed = int(rows["requests"].sum()), int(rows["closed"].sum())
        count = labels.counted(requests, "request")
        count += f", {labels.counted(closed, 'connection')} not opened" if closed else ""
        where = {f"{row.company} {labels.in_place(str(row.country), str(row.location))}" for row in rows.itertuples()}
        facts = {"count": count, "destination": "; ".join(sorted(where))}
        found[(str(host),)] = Thing(subject=str(host), facts=facts)
    return found


def events(side: Side) -> Things:
    """Events and requests, by adapter and name: how often, to which hosts."""
    table = side.frames.events[side.frames.events["kind"] != "response"]
    own = ["run", "exchange", "host", "adapter"]
    table = table.astype({"run": "str", "exchange": "str"}).merge(
        side.frames.exchanges[own].astype({"run": "str", "exchange": "str"}), on=["run", "exchange"]
    )
    found: Things = {}
    for key, rows in table.groupby(["adapter", "name"], observed=True):
        adapter, name = map(str, key)
        facts = {"count": labels.counted(len(rows), "event"), "destination": ", ".join(sorted(set(rows["host"])))}
        found[adapter, name] = Thing(subject=name, facts=facts, adapter=adapter)
    return found


def fields(side: Side) -> Things:
    """Fields that were sent, by event, part and shape: the type of their values and what they are."""
    columns = ["adapter", "event_name", "part", "shape", "property", "class", "category", "value_kind", "sent"]
    leaves = side.frames.leaves(columns)
    distinct = leaves[leaves["sent"]].drop_duplicates(columns)
    found: Things = {}
    for key, rows in distinct.groupby(["adapter", "event_name", "part", "shape"], observed=True):
        adapter, event, part, shape = map(str, key)
        types = sorted(set(rows["value_kind"]) - set(ABSENT))
        judged = sorted(
            {f"{labels.property_label(p)} ({c})" for p, c in zip(rows["property"], rows["class"], strict=True)}
        )
        _, category = max(
            (labels.severity(code), name) for code, name in zip(rows["class"], rows["category"], strict=True)
        )
        found[adapter, event, part, shape] = Thing(
            subject=f"{event} :: {part}:{shape}",
            facts={"type": ", ".join(types), "class": ", ".join(judged)},
            category=str(category),
            adapter=adapter,
            event=f"{adapter} {event}",
        )
    return found


def properties(side: Side) -> Things:
    """Kinds of data: their class, and which party got them in which country."""
    found: Things = {}
    for name, rows in side.summary.groupby("property", observed=True):
        where = {f"{row.company} {labels.in_place(str(row.country), str(row.location))}" for row in rows.itertuples()}
        classes = ", ".join(sorted(set(rows["class"])))
        facts = {"class": classes, "destination": "; ".join(sorted(where))}
        found[(str(name),)] = Thing(subject=str(name), facts=facts, category=str(rows["category"].iloc[0]))
    return found


def categories(side: Side) -> Things:
    """Categories in each country: of how many properties they are."""
    found: Things = {}
    for key, rows in side.summary.groupby(["category", "country", "location"], observed=True):
        category, country, location = map(str, key)
        place = labels.in_place(country, location)
        facts = {"count": f"{labels.counted(rows['property'].nunique(), 'kind')} of data"}
        found[category, place] = Thing(subject=f"{category} {place}", facts=facts, category=category)
    return found


KINDS: dict[str, Callable[[Side], Things]] = {
    "endpoint": endpoints,
    "event": events,
    "field": fields,
    "property": properties,
    "category": categories,
}

"""Documented or not: the events and fields that were sent, beside those that the vendor tells its customers of."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from portalscope.analysis import coverage, schema
from portalscope.analysis.documentation import product, products
from portalscope.analysis.documented_names import (
    GENERAL,
    NOT,
    SEEN,
    SOURCE_CODE,
    STATUSES,
    TAGS,
    UNSEEN,
    Asked,
    Match,
    own,
)
from portalscope.analysis.frames import Frames

EVENT, FIELD = "event", "field"

DOCUMENTED = schema.table(
    "Events and fields against the vendor's documentation: one row an event or field, seen, documented or both.",
    [
        schema.must("what", schema.WORD, "`event` or `field`."),
        schema.must(
            "status",
            schema.WORD,
            "`documented`; `other version`; near misses: `other spelling` (case, separators), `similar name`, "
            "`general name` (`session`, documented for one product, may be another product's own event); "
            "`source code only`; `not documented`; `documented, not seen`.",
        ),
        schema.must("adapter", schema.WORD, "The adapter; empty for an event that was not seen."),
        schema.must("event", schema.TEXT, "Name of the event."),
        schema.must("field", schema.TEXT, "Place of the field in the record; empty for an event."),
        schema.must("product", schema.WORD, "The publication that has it, or almost; empty when none has."),
        schema.must("versions", schema.TEXT, "Versions or pages of the publication that have it."),
        schema.must("near", schema.TEXT, "The documented name, where it differs from the one that was sent."),
        schema.must("property", schema.WORD, "What the field is; empty for an event."),
        schema.must("class", schema.WORD, "Its class; empty for an event."),
        schema.must("count", schema.SIZE, "Events, or leaves of the field; 0 when it was not seen."),
        schema.must("run", schema.WORD, "Run in which it was seen first; empty when it was not."),
        schema.must("exchange", schema.WORD, "Exchange in which it was seen first; empty when it was not."),
    ],
)
SHARES = schema.table(
    "How much of what was sent is documented: one row a kind, publication and status.",
    [
        schema.must("what", schema.WORD, "`event` or `field`."),
        schema.must("product", schema.WORD, "The publication; `none` for what none has, `all` for all together."),
        schema.must("status", schema.WORD, "As in the table of events and fields."),
        schema.must("count", schema.SIZE, "Different events or fields."),
        schema.must("share", schema.REAL, "Of all that were seen; for `documented, not seen` of all that are listed."),
    ],
)
KEYS = ["adapter", "event_name", "field"]


class Seen(NamedTuple):
    """A field of an event, or the event itself, as it was sent: what it is, how often, where first."""

    adapter: str
    event: str
    field: str = ""
    property: str = ""
    code: str = ""
    times: int = 0
    run: str = ""
    exchange: str = ""


type Events = Mapping[tuple[str, str], Match]
type Row = tuple[object, ...]


def documented(frames: Frames, name: str = "", version: str = "", *, unseen: bool = False) -> pd.DataFrame:
    """Return the table that `DOCUMENTED` describes, over all telemetry records; what is not documented comes first.

    `name` is a publication, all by default; `version` one of its versions. Documented fields of events that were seen
    are listed in any case, documented events that were not seen for one publication, or when `unseen` asks for all.
    Raises ValueError for a publication or a version that is not there.
    """
    asked = Asked(products=(product(name),) if name else tuple(products()), version=version)
    versions = [known for one in asked.products for known in one.versions]
    if version and version not in versions:
        raise ValueError(f"no version {version}; there are {', '.join(versions) or 'none'}")
    fields, events = seen_fields(frames), seen_events(frames)
    names = dict.fromkeys((one.adapter, one.event) for one in (*events, *fields))
    matches = {key: asked.event(*key) for key in names}
    rows = [row(EVENT, matches[one.adapter, one.event], one) for one in events]
    rows += [*field_rows(fields, matches, asked), *unseen_fields(fields, matches, asked)]
    if unseen or name:
        rows += unseen_events(matches, asked)
    table = ordered(pd.DataFrame(rows, columns=DOCUMENTED.names))
    table.attrs["completeness"] = coverage.line(frames)
    return table


def ordered(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in a stable order: events before fields, the worst status first, what was not seen last."""
    place = {status: -n for n, status in enumerate(STATUSES)} | {UNSEEN: 1}
    order = table.assign(status=table["status"].map(place))
    position = order.sort_values(["what", "status", "adapter", "event", "field"], kind="stable").index
    return table.loc[position].reset_index(drop=True)


def seen_events(frames: Frames) -> list[Seen]:
    """Return the different events that were sent as records."""
    keys = ["run", "exchange"]
    records = frames.events[frames.events["kind"] == "record"][[*keys, "name"]].astype("str")
    found = records.merge(frames.exchanges[[*keys, "adapter"]].astype("str"), on=keys, how="left")
    groups = found.groupby(["adapter", "name"], sort=False)
    first = groups[keys].first().assign(count=groups.size()).reset_index()
    columns = (first[name] for name in ("adapter", "name", "count", *keys))
    return [Seen(a, e, times=int(n), run=r, exchange=x) for a, e, n, r, x in zip(*columns, strict=True)]


def seen_fields(frames: Frames) -> list[Seen]:
    """Return the different fields of records."""
    leaves = frames.leaves(["exchange", "adapter", "event_name", "kind", "part", "shape", "property", "class"])
    leaves = leaves[(leaves["kind"] == "record") & (leaves["part"] == "body")]
    places = {shape: place(shape) for shape in leaves["shape"].unique()}
    groups = leaves.assign(field=leaves["shape"].map(places)).groupby(KEYS, observed=True, sort=False)
    first = groups[["property", "class", "run", "exchange"]].first().assign(count=groups.size()).reset_index()
    texts = [first[name].astype("str") for name in (*KEYS, "property", "class", "run", "exchange")]
    return [
        Seen(adapter, event, field, property_, code, int(count), run, exchange)
        for adapter, event, field, property_, code, run, exchange, count in zip(*texts, first["count"], strict=True)
    ]


def place(shape: str) -> str:
    """Return where a field stands in its record, without what is inside its value: `data.AppName`, `ext.app.id`."""
    outside = shape.partition("|")[0]
    inside = outside.partition("[].")[2] or outside
    return TAGS if inside.startswith(f"{TAGS}.") else inside


def beside(fields: list[Seen]) -> dict[tuple[str, str], set[str]]:
    """Return the names of all fields of each event."""
    found: dict[tuple[str, str], set[str]] = {}
    for one in fields:
        found.setdefault((one.adapter, one.event), set()).add(own(one.field))
    return found


def field_rows(fields: list[Seen], events: Events, asked: Asked) -> Iterator[Row]:
    """Give a row for each field that was seen."""
    others = beside(fields)
    for one in fields:
        key = one.adapter, one.event
        yield row(FIELD, asked.field(*key, events[key], one.field, others[key]), one)


def unseen_fields(fields: list[Seen], events: Events, asked: Asked) -> Iterator[Row]:
    """Give a row for each documented field of a seen event that was not seen in it."""
    by_name = {one.name: one for one in asked.products}
    for (adapter, event), there in beside(fields).items():
        match = events[adapter, event]
        if match.status not in (NOT, GENERAL):
            for name, versions in by_name[match.product].fields.get(match.near or event, {}).items():
                if name not in there and asked.status(versions) == SEEN:
                    yield row(FIELD, Match(UNSEEN, match.product, versions), Seen(adapter, event, f"data.{name}"))


def unseen_events(events: Events, asked: Asked) -> Iterator[Row]:
    """Give a row for each documented event that was not seen."""
    there = {match.near or event for (_, event), match in events.items() if match.status not in (NOT, GENERAL)}
    for one in asked.products:
        for name, versions in one.events.items():
            if name not in there and asked.status(versions) == SEEN:
                yield row(EVENT, Match(UNSEEN, one.name, versions), Seen("", name))


def row(what: str, match: Match, one: Seen) -> Row:
    """Return one row of the table."""
    said = (match.product, " ".join(sorted(match.versions)), match.near)
    return (what, match.status, one.adapter, one.event, one.field, *said, *one[3:])


def shares(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table that `SHARES` describes, of a table that `documented` made; how complete it is goes with it."""
    rows: list[Row] = []
    named = table.assign(product=table["product"].where(table["product"] != "", "none"))
    for (what, of), part in pd.concat([named.assign(product="all"), named]).groupby(["what", "product"], sort=False):
        counts = {status: int((part["status"] == status).sum()) for status in STATUSES}
        seen = sum(counts.values()) - counts[UNSEEN]
        listed = seen - counts[NOT] - counts[SOURCE_CODE] + counts[UNSEEN]
        rows += [(what, of, s, n, n / (listed if s == UNSEEN else seen)) for s, n in counts.items() if n]
    found = pd.DataFrame(rows, columns=SHARES.names)
    found.attrs.update(table.attrs)
    return found

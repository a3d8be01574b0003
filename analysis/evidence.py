"""The grounds of the report: every field that was sent, where it stood first, and why it is what it is."""

import json
from collections.abc import Iterable, Iterator

import pandas as pd

from portalscope.analysis import labels
from portalscope.analysis.exhibits import Row, anchor, named, records
from portalscope.analysis.frames import SENT, Frames
from portalscope.analysis.summary import telling

NAMING = ("D1",)
TYING = ("D2", "D3")
LINKING = ("D4",)
VERDICTS = {
    "identified": "holds a direct identifier",
    "pseudonymous": "holds an identifier of person, device or installation",
    "session": "holds an identifier of a session",
    "beside": "no identifier in it, but in the request that carries it",
    "none": "no identifier recognised in it or beside it",
}


def fields(frames: Frames) -> pd.DataFrame:
    """Return the fields that were sent, with how often, with how many values, and where they stood first."""
    own = ["run", "exchange", "field", "path", "value_kind", "value_size", "value_hash"]
    seen = frames.observations(own[1:])
    groups = seen.groupby("field", observed=True, sort=False)
    counted = groups.agg(
        leaves=("path", "size"),
        distinct=("value_hash", "nunique"),
        largest=("value_size", "max"),
        run=("run", "first"),
        exchange=("exchange", "first"),
        path=("path", "first"),
    )
    kinds = seen[["field", "value_kind"]].drop_duplicates().astype("str").groupby("field")["value_kind"].agg(", ".join)
    sent = frames.fields[frames.fields["part"].isin(SENT)].drop(columns="run").drop_duplicates("field")
    sent = sent.assign(field=sent["field"].astype("str"))
    counted.index = counted.index.astype("str")
    return sent.merge(counted.astype({"run": "str"}), left_on="field", right_index=True).assign(
        kinds=lambda found: found["field"].map(kinds)
    )


def events(frames: Frames, found: pd.DataFrame) -> list[Row]:
    """T5: events with their fields; those that name a person come first."""
    counts, carried = event_counts(frames), carried_events(frames)
    rows = []
    for key, part in found.groupby(["adapter", "event_name", "kind"], observed=True, sort=False):
        adapter, name, kind = map(str, key)
        classes = set(part.loc[~part["candidate"].astype("bool"), "class"])
        says = verdict(classes, beside=key in carried)
        judged = [field(row) for row in records(part)]
        rows.append(
            {
                "name": name,
                "adapter": adapter,
                "kind": kind,
                "count": int(counts.get((adapter, name, kind), 0)),
                "verdict": says,
                "says": VERDICTS[says],
                "categories": categories(judged),
                "fields": sorted(judged, key=lambda row: (labels.rank(row["code"], row["property"]), row["shape"])),
            }
        )
    order = list(VERDICTS)
    return sorted(rows, key=lambda row: (order.index(row["verdict"]), row["kind"], row["name"], row["adapter"]))


def event_counts(frames: Frames) -> "pd.Series[int]":
    """Return the number of events by adapter, name and kind."""
    keys = ["run", "exchange"]
    adapters = frames.exchanges[[*keys, "adapter"]].astype("str")
    table = frames.events[[*keys, "name", "kind"]].astype("str").merge(adapters, on=keys)
    return table.groupby(["adapter", "name", "kind"]).size()


def carried_events(frames: Frames) -> set[tuple[str, ...]]:
    """Return adapter, name and kind of the events that came in a request with an identifier of person or device."""
    keys = ["run", "exchange", "adapter", "event_name", "kind", "class", "candidate"]
    leaves = telling(frames, keys)[keys].drop_duplicates().astype({"run": "str", "exchange": "str"})
    request = pd.MultiIndex.from_frame(leaves[["run", "exchange"]])
    naming = leaves["class"].isin((*NAMING, *TYING)) & ~leaves["candidate"].astype("bool")
    found = leaves[request.isin(request[naming])][["adapter", "event_name", "kind"]].drop_duplicates()
    return {tuple(map(str, row)) for row in found.itertuples(index=False)}


def verdict(classes: Iterable[str], *, beside: bool = False) -> str:
    """Say what the surest identifiers of a record make of it, or of the request that carries it; candidates do not."""
    found = set(classes)
    ranks = {"identified": NAMING, "pseudonymous": TYING, "session": LINKING}
    own = next((name for name, codes in ranks.items() if found.intersection(codes)), "none")
    return "beside" if own == "none" and beside else own


def categories(rows: Iterable[Row]) -> dict[str, int]:
    """Count different properties by category."""
    pairs = {(row["category"], row["property"]) for row in rows}
    order = list(labels.vocabulary().categories)
    present = sorted({category for category, _ in pairs}, key=lambda name: order.index(name) if name in order else 99)
    return {category: sum(c == category for c, _ in pairs) for category in present}


def field(row: Row) -> Row:
    """Return one field as a line of T5 and of the evidence."""
    size = f", up to {row['largest']:,} bytes" if row["largest"] else ""
    return {
        **named(str(row["property"]), str(row["class"]), str(row["category"])),
        "anchor": anchor("p", str(row["property"])),
        "id": f"f-{row['field']}",
        "event": str(row["event_name"]),
        "part": str(row["part"]),
        "shape": str(row["shape"]),
        "leaves": int(row["leaves"]),
        "distinct": int(row["distinct"]),
        "kinds": f"{row['kinds']}{size}",
        "level": str(row["evidence_level"]),
        "because": str(row["because"]),
        "candidate": bool(row["candidate"]),
        "tags": str(row["tags"]),
        "run": str(row["run"]),
        "exchange": str(row["exchange"]),
        "path": str(row["path"]),
        "grounds": json.loads(str(row["grounds"])),
    }


def by_property(events_: Iterable[Row]) -> list[Row]:
    """Return the properties with all their fields: the section that every other line of the report leads to."""
    found: dict[str, list[Row]] = {}
    for event in events_:
        for one in event["fields"]:
            found.setdefault(one["property"], []).append(one)
    known = labels.vocabulary().properties
    groups = []
    for name, lines in found.items():
        first = max(lines, key=lambda line: labels.severity(line["code"]))
        shown = {key: first[key] for key in ("property", "label", "code", "class", "category", "anchor")}
        groups.append({**shown, "definition": known[name].definition if name in known else "", "fields": lines})
    return sorted(groups, key=lambda group: labels.rank(group["code"], group["property"]))


def sources(rows: Iterable[Row], places: Iterable[Row], transfers: Iterable[Row] = ()) -> list[Row]:
    """Return the citations that the grounds of fields, places and rules on transfers name, with title and address."""
    used = {ground["source"] for event in rows for one in event["fields"] for ground in one["grounds"]}
    used |= {rung["source"] for row in places for rung in row["rungs"]} | {row["source"] for row in places}
    used |= {row["law"].source for row in transfers}
    return [cited(source) for source in sorted(used - {""})]


def cited(source: str) -> Row:
    """Return one citation."""
    title, url = labels.citation(source)
    return {"key": source, "title": title, "url": url, "anchor": anchor("s", source)}


def problems(frames: Frames) -> Iterator[Row]:
    """Give the bytes that nobody understood, one line each."""
    for row in records(frames.problems):
        yield {**row, "size": int(row["size"]), "entropy": float(row["entropy"])}

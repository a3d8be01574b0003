"""The tables of the report: runs, endpoints, transfers and identifiers, as rows for people."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pandas as pd

from portalscope.analysis import coverage, labels
from portalscope.analysis.countries import transfer_status
from portalscope.analysis.frames import Frames
from portalscope.analysis.local import HOST, NOT_ON_WIRE
from portalscope.analysis.summary import LEVELS, summary, telling

IDENTIFIERS = ("D1", "D2", "D3", "D4", "D5", "O1")  # classes that single out a person, device, session or organisation

type Row = dict[str, Any]


def anchor(kind: str, name: str) -> str:
    """Return the id of a place in the report; a name of the sender never becomes one."""
    return f"{kind}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"


def records(table: pd.DataFrame) -> list[Row]:
    """Return a table's rows as dictionaries."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def runs(frames: Frames) -> list[Row]:
    """T1: what was tested, a row a run."""
    rows = []
    for run in records(frames.runs):
        about = {name: json.loads(run[name]) for name in ("settings", "tools", "files", "planted")}
        requests = int((frames.exchanges["run"] == run["run"]).sum())
        steps = frames.steps[frames.steps["run"] == run["run"]]["name"].tolist()
        rows.append({**run, **about, "requests": requests, "steps": steps})
    return rows


def endpoints(frames: Frames) -> list[Row]:
    """T2: hosts, whose and where they are, on which grounds, and what was seen of them."""
    rows = []
    reached = frames.wire(frames.endpoints)
    for host, found in reached.groupby(reached["host"].astype("str")):
        first = found.iloc[0]
        rungs = [rung for text in found["rungs"] for rung in json.loads(text)]
        requests, closed = int(found["requests"].sum()), int(found["closed"].sum())
        rows.append(
            {
                **{name: str(first[name]) for name in ("company", "seat", "service", "product", "purpose", "role")},
                **{name: str(first[name]) for name in ("because", "source", "pattern")},
                "host": str(host),
                "anchor": anchor("h", str(host)),
                "places": places(found),
                "bases": sorted(set(found["basis"])),
                "rungs": list({json.dumps(rung): rung for rung in rungs}.values()),
                "requests": requests,
                "bytes": int(found["request_bytes"].sum()),
                "closed": closed,
                "opened": "yes" if requests and not closed else "partly" if requests else "no",
            }
        )
    return rows


def places(found: pd.DataFrame) -> list[Row]:
    """Return the different places of some endpoints: name, how sure, and whether it is the United States."""
    pairs = sorted({(str(row.country), str(row.location)) for row in found.itertuples()})
    return [place(country, location) for country, location in pairs]


def place(country: str, location: str) -> Row:
    """Return one place for people."""
    us = location.startswith("US")
    return {"name": labels.place(country, location), "sure": labels.certainty(location), "us": us}


def transfers(frames: Frames) -> list[Row]:
    """T10: for each party in each place the data that went there, and what the law says of such a place.

    What was seen on the device alone comes last (`local`): nobody is known to have got it.
    """
    rows = []
    table = summary(frames)
    for key, found in table.groupby(["company", "seat", "country", "location"], observed=True, sort=True):
        company, seat, country, location = map(str, key)
        rows.append(
            {
                "company": company,
                "seat": labels.place(seat, ""),
                "place": place(country, location),
                "local": location == NOT_ON_WIRE,
                "hosts": [{"name": str(host), "anchor": anchor("h", str(host))} for host in sorted(set(found["host"]))],
                "purposes": sorted({str(purpose) for purpose in found["purpose"]} - {""}),
                "law": transfer_status(country),
                "data": list(data(found)),
                "requests": int(frames.exchanges["host"].isin(found["host"]).sum()),
            }
        )
    return sorted(rows, key=lambda row: (row["local"], not row["place"]["us"], -len(row["data"]), row["company"]))


def data(found: pd.DataFrame) -> Iterator[Row]:
    """Give the kinds of data that one party got in one place, people's first."""
    rows = []
    for key, part in found.groupby(["category", "class", "property"], observed=True, sort=False):
        category, code, name = map(str, key)
        best = min(records(part), key=lambda row: strength(str(row["evidence_level"])))
        rows.append(
            {
                **named(name, code, category),
                "requests": int(part["requests"].sum()),
                "delivered": int(part["delivered"].sum()),
                "attributed": int(part["attributed"].sum()),
                "level": str(best["evidence_level"]),
                "because": str(best["because"]),
                "candidate": bool(part["candidate"].all()),
                "run": str(best["run"]),
                "exchange": str(best["exchange"]),
            }
        )
    yield from sorted(rows, key=lambda row: labels.rank(row["code"], row["property"]))


def strength(level: str) -> int:
    """Return the place of an evidence level in the order of strength."""
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)


def named(name: str, code: str, category: str) -> Row:
    """Return what every line about a property says."""
    return {
        "property": name,
        "label": labels.property_label(name),
        "code": code,
        "class": labels.class_label(code),
        "category": category,
        "anchor": anchor("p", name),
    }


def identifiers(frames: Frames) -> list[Row]:
    """T7: identifiers with their expected scope, and what the values themselves show: repeated, at several hosts."""
    keys = ["run", "property", "class", "category", "host", "company", "value_hash", "exchange"]
    leaves = telling(frames, keys)
    leaves = leaves[leaves["class"].isin(IDENTIFIERS) & leaves["value_hash"].notna()]
    rows = []
    for key, found in leaves.groupby(["property", "class", "category"], observed=True, sort=False):
        name, code, category = map(str, key)
        by_value, sent = found.groupby("value_hash", observed=True), found[found["host"] != HOST]
        known = labels.vocabulary().properties.get(name)
        rows.append(
            {
                **named(name, code, category),
                "scope": known.scope if known else "",
                "distinct": len(by_value),
                "requests": len(found[["run", "exchange"]].drop_duplicates()),
                "hosts": sorted(set(map(str, sent["host"]))),
                "companies": sorted(set(map(str, sent["company"]))),
                "across_hosts": int((sent.groupby("value_hash", observed=True)["host"].nunique() > 1).sum()),
                "across_runs": int((by_value["run"].nunique() > 1).sum()),
            }
        )
    return sorted(rows, key=lambda row: labels.rank(row["code"], row["property"]))


def limits(frames: Frames) -> list[Row]:
    """T12: what is missing, the lines of each kind together, the largest first."""
    table = coverage.limits(frames)
    kinds = table.groupby("kind", sort=False)
    return [
        {"kind": str(kind), "rows": records(rows.sort_values(["count", "subject"], ascending=[False, True]))}
        for kind, rows in kinds
    ]

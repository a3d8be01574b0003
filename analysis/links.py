"""Links: for each identifier and each recipient the shortest way to a direct identifier, and the table of them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from portalscope.analysis import joins, partition, schema, wordings
from portalscope.analysis.identifiers import RANK, Identifiers
from portalscope.analysis.joins import ADDRESS, EVENT, EXCHANGE, FIRM, GUESS, NONE, PLANT, POSSIBLE, Nodes, Seen
from portalscope.analysis.occurrences import Flags, Numbers, Occurrences

STABLE = ("D1", "D2", "D3", "S1")  # one hop over such a value is a short way; over a session it is several

LINKS = schema.table(
    "One row an identifier and a recipient: the shortest way to a direct identifier that this recipient can go.",
    [
        schema.must("identifier", schema.WORD, "Key of the identifiers: `I1`, `I2` … in the order of the table."),
        schema.must("property", schema.WORD, "What it is."),
        schema.must("class", schema.WORD, "Its class on all grounds, D1 to D5."),
        schema.must("recipient", schema.WORD, "Company that can go this way, or group of companies."),
        schema.must("affiliates", schema.FLAG, "True: only a group of companies together can go it."),
        schema.must(
            "strength", schema.WORD, "`itself`, `direct`, `directory`, `one_hop`, `multi_hop`, `possible`, `none`."
        ),
        schema.must(
            "candidate", schema.FLAG, "True: the way, or the identifier itself, rests on names or looks alone."
        ),
        schema.must("hops", schema.INT, "Records on the way; 0 when there is none to go."),
        schema.must("target", schema.WORD, "Key of the direct identifier; empty without a way."),
        schema.must("target_property", schema.WORD, "What that is."),
        schema.must("via", schema.WORD, "Properties on the way between, separated by spaces."),
        schema.must("reasons", schema.WORD, "What joins each step: `same_event`, `same_token` …, separated by spaces."),
        schema.must("run", schema.WORD, "Run of the exchange that closes the way."),
        schema.must("exchange", schema.WORD, "The exchange that closes the way."),
        schema.must("values", schema.SIZE, "Distinct values of the identifier that the recipient saw."),
        schema.must("linked", schema.SIZE, "Those of them with a way that is more than possible."),
        schema.must("steps", schema.TEXT, "JSON list: the steps, each with from, to, reason, run, exchange."),
    ],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """What joins what: the nodes, what each recipient saw, and what is looked up to explain a way.

    `begins` is where the rows of each exchange begin in `order`; `exchange` the exchange of each event; `shown` the
    identifiers, values and recipients that belong together, once each; `inside` the kinds that stand inside a token;
    `address` whether source addresses are looked at.
    """

    found: Occurrences
    known: Identifiers
    points: Nodes
    recipients: tuple[Seen, ...]
    order: Numbers
    begins: Numbers
    exchange: Numbers
    shown: pd.DataFrame
    inside: Flags
    address: bool


def graph(found: Occurrences, known: Identifiers, *, address: bool = True) -> Graph:
    """Return the graph. Without `address`, what only the source address may join is left out."""
    points = joins.nodes(found, known)
    exchange = found.rows["exchange"].to_numpy(np.int64)
    order = np.asarray(np.argsort(exchange, kind="stable"), np.int64)
    of_event = np.zeros(len(found.counts), np.int64)
    of_event[found.rows["event"].to_numpy()] = exchange
    return Graph(
        found=found,
        known=known,
        points=points,
        recipients=tuple(joins.seen(found, points, address=address)),
        order=order,
        begins=np.asarray(np.searchsorted(exchange[order], np.arange(len(found.exchanges) + 1)), np.int64),
        exchange=of_event,
        shown=shown(found, known),
        address=address,
        inside=(found.kinds["sent"] & found.kinds["shape"].str.contains("|jwt.", regex=False)).to_numpy(bool),
    )


def shown(found: Occurrences, known: Identifiers) -> pd.DataFrame:
    """Return identifier, value, recipient and the exchange where they met first, of all that provably was sent."""
    exchange = found.rows["exchange"].to_numpy()
    whose = found.exchanges[["recipient", "proven"]].iloc[exchange].reset_index(drop=True)
    rows = whose.assign(identifier=known.of_row, value=found.rows["value"].to_numpy(), exchange=exchange)
    wanted = rows["proven"] & known.table["class"].isin(RANK).to_numpy()[known.of_row]
    return rows[wanted].drop(columns="proven").drop_duplicates(["identifier", "value", "recipient"])


def links(whole: Graph) -> pd.DataFrame:
    """Return the table that `LINKS` describes. A group has a row where its companies together can do more than each."""
    rows: list[dict[str, Any]] = []
    best: dict[tuple[int, str], int] = {}
    for one in whole.recipients:
        for identifier, row in of_recipient(whole, one):
            rank = wordings.of("strength")[row["strength"]]["rank"]
            before = best.get((identifier, one.group), len(wordings.of("strength")))
            best[identifier, one.group] = min(rank, before)
            if not one.affiliates or rank < before:
                rows.append({"order": identifier, **row})
    rows.sort(key=lambda row: (row["order"], row["affiliates"], row["recipient"]))
    return pd.DataFrame(rows, columns=["order", *LINKS.names]).drop(columns="order")


def of_recipient(whole: Graph, one: Seen) -> Iterator[tuple[int, dict[str, Any]]]:
    """Give a row for each identifier that the recipient saw: the surest and shortest way that one of its values has."""
    part = whole.shown[whole.shown["recipient"].isin(one.recipients)].drop_duplicates(["identifier", "value"])
    value = part["value"].to_numpy(np.int64)
    place = np.minimum(np.searchsorted(one.values, value), max(len(one.values) - 1, 0))
    node = one.values[place] == value if len(one.values) else np.zeros(len(value), bool)
    sure = np.where(node, one.sure[place] if len(one.values) else NONE, NONE)
    part = part.assign(place=np.where(node, place, -1), sure=sure, linked=sure < POSSIBLE)
    part["hops"] = one.ways.hops[part["place"].to_numpy()] if len(one.values) else -1
    first = part.sort_values(["identifier", "sure", "hops", "value"]).drop_duplicates("identifier")
    counted = part.groupby("identifier").agg(values=("value", "size"), linked=("linked", "sum"))
    for identifier, place_, sure_ in first[["identifier", "place", "sure"]].itertuples(index=False):
        values, linked = counted.loc[identifier]
        yield (
            int(identifier),
            row(whole, one, int(identifier), int(place_), int(sure_))
            | {
                "values": int(values),
                "linked": int(linked),
            },
        )


def row(whole: Graph, one: Seen, identifier: int, place: int, sure: int) -> dict[str, Any]:
    """Return one row of the table, without its counts."""
    about = whole.known.table.iloc[identifier]
    steps = [] if sure == NONE else explained(whole, one, place)
    strength = strength_of(whole, one, place, sure, steps)
    if strength not in {"direct", "itself"} and directory(one, str(about["property"]), str(about["class"])):
        strength, steps, sure = "directory", [], FIRM
    end = steps[-1] if steps else {"run": "", "exchange": "", "to": ""}
    target = str(about["key"]) if strength == "itself" else str(end["to"])
    properties = whole.known.table.set_index("key")["property"]
    reasons = [step["reason"] for step in steps] or ([strength] if strength in {"itself", "directory"} else [])
    return {
        "identifier": about["key"],
        "property": about["property"],
        "class": about["class"],
        "recipient": one.company,
        "affiliates": one.affiliates,
        "strength": strength,
        "candidate": sure == GUESS or bool(about["candidate"]),
        "hops": len(steps),
        "target": target,
        "target_property": properties.get(target, ""),
        "via": " ".join(str(properties[step["to"]]) for step in steps[:-1]),
        "reasons": " ".join(reasons),
        "run": end["run"],
        "exchange": end["exchange"],
        "steps": json.dumps(steps),
    }


def strength_of(whole: Graph, one: Seen, place: int, sure: int, steps: list[dict[str, str]]) -> str:
    """Return how sure and short a way is (R6)."""
    if sure == NONE:
        return "none"
    if sure == POSSIBLE:
        return "possible"
    between = [str(whole.points.code[one.values[after]]) for _, after, _, _ in one.ways.way(place)][:-1]
    if len(between) == 1 and between[0] in STABLE:
        return "one_hop"
    return "multi_hop" if between else "direct" if steps else "itself"


def directory(one: Seen, name: str, code: str) -> bool:
    """Whether the recipient runs the directory that a pseudonym is a key of."""
    return code == "D2" and any(
        one.group == table["group"] and name in table["properties"] for table in wordings.lists()["directory"]
    )


def explained(whole: Graph, one: Seen, place: int) -> list[dict[str, str]]:
    """Return the steps from a value to a direct identifier, in words of the closed lists and keys of the tables."""
    keys = whole.known.table["key"]
    steps = []
    for start, after, layer, record in one.ways.way(place):
        values = int(one.values[start]), int(one.values[after])
        exchange = int(whole.exchange[record]) if layer == EVENT else record if layer == EXCHANGE else -1
        steps.append(
            {
                "from": str(keys.iat[whole.points.identifier[values[0]]]),
                "to": str(keys.iat[whole.points.identifier[values[1]]]),
                "reason": reason(whole, values, layer, exchange),
                **where(whole, exchange, record if layer == ADDRESS else -1),
            }
        )
    return steps


def where(whole: Graph, exchange: int, run: int) -> dict[str, str]:
    """Return run, exchange and host of a step; what no exchange holds happened in a run at most."""
    if exchange < 0:
        return {"run": whole.found.frames.names[run] if run >= 0 else "", "exchange": "", "host": ""}
    row = whole.found.exchanges.iloc[exchange]
    return {name: str(row[name]) for name in ("run", "exchange", "host")}


def reason(whole: Graph, values: tuple[int, int], layer: int, exchange: int) -> str:
    """Return what joins two values, the closest reason that holds."""
    codes = {str(whole.points.code[value]) for value in values}
    if layer in {PLANT, ADDRESS}:
        return "derived" if layer == PLANT else "same_address"
    if "L1" in codes:
        return "same_locator"
    if "S1" in codes:
        return "same_token"
    rows = whole.order[whole.begins[exchange] : whole.begins[exchange + 1]]
    mine = whole.found.rows.iloc[rows]
    inside = whole.inside[mine["kind"].to_numpy()]
    ends = [bool(inside[(mine["value"] == value).to_numpy()].all()) for value in values]
    if ends == [False, True]:
        return "token_subject"
    return "same_event" if layer == EVENT else "same_request"


def write(table: pd.DataFrame, dataset: Path) -> Path:
    """Write the table into the dataset as `links/part-0.parquet`, stamped like its runs and with their names."""
    stamps = dict(partition.stamps(dataset))
    stamp = next(iter(stamps.values()), {})
    columns = schema.stamped(LINKS, stamp.get("knowledge", ""), stamp.get("value_key", ""))
    columns = columns.with_metadata({**columns.metadata, b"runs": " ".join(stamps).encode()})
    arrays = [pa.array(table[field.name].tolist(), field.type) for field in columns]
    path = dataset / "links" / partition.FILE
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(f".{path.name}")
    pq.write_table(pa.Table.from_arrays(arrays, schema=columns), draft, compression="zstd", compression_level=1)
    draft.replace(path)
    return path

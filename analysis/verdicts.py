"""Verdicts: what an event, a request and a destination say of a person, and which identifier makes them say it (C.4).

The source address stands in every request without being a field: an implicit locator, which no verdict rests on.
Content and secrets keep flags of their own. What rests on names or looks alone is said apart, as `candidate`.
"""

import numpy as np
import pandas as pd

from portalscope.analysis import schema, wordings
from portalscope.analysis.identifiers import RANK
from portalscope.analysis.joins import FIRM, GUESS, attributed
from portalscope.analysis.links import Graph
from portalscope.analysis.occurrences import Flags, Numbers

VERDICTS = tuple(sorted(wordings.of("verdict"), key=lambda word: wordings.of("verdict")[word]["rank"]))
PLACE = {word: n for n, word in enumerate(VERDICTS)}
ATTRIBUTED, LINKABLE, UNDECODED = (PLACE[w] for w in ("pseudonymous_attributable", "session_linkable", "undecoded"))
BY_CLASS = {
    "D1": PLACE["identified"],
    "D2": PLACE["pseudonymous_unattributed"],
    "D3": PLACE["device_scoped"],
    "D4": LINKABLE,
    "D5": LINKABLE,
}
FLAGS = ("content", "secret", "locator", "unknown", "described")
SENT = ("request", "record")  # the kinds of events that the device sends

EVENTS = schema.table(
    "One row an event, with its verdict.",
    [
        schema.must("exchange", schema.WORD, "Key of the exchanges table."),
        schema.must("event", schema.INT, "Key of the events table, with the exchange."),
        schema.must("kind", schema.WORD, "`request`, `record` or `response`."),
        schema.must("name", schema.WORD, "Name of the event."),
        schema.must("host", schema.WORD, "Name of the host."),
        schema.must("company", schema.WORD, "Company behind it, the host when nobody knows."),
        schema.must("proven", schema.FLAG, "False: seen on the device only, upload not proven."),
        schema.must("address", schema.FLAG, "True: the source address came along, an implicit locator (L1)."),
        schema.must("verdict", schema.WORD, "What the event holds, on firm grounds."),
        schema.must("candidate", schema.WORD, "The same with guesses; equal to the verdict when these add nothing."),
        schema.must("identifier", schema.WORD, "Key of the identifier that causes the verdict; empty when none does."),
        schema.must("property", schema.WORD, "What it is."),
        schema.must("class", schema.WORD, "Its class."),
        schema.must("content", schema.SIZE, "Leaves of class C1: content of users or the organisation."),
        schema.must("secret", schema.SIZE, "Leaves of class S1."),
        schema.must("locator", schema.SIZE, "Leaves of class L1; the source address is not among them."),
        schema.must("unknown", schema.SIZE, "Leaves that nobody understood."),
        schema.must(
            "described", schema.SIZE, "Leaves about behaviour, device or place: personal beside an identifier."
        ),
    ],
)


def events(whole: Graph) -> pd.DataFrame:
    """Return the table that `EVENTS` describes, with the run."""
    frames, found = whole.found.frames, whole.found
    rank, cause, guess = ranked(whole)
    exchange = positions(whole)
    empty = undecoded(whole, exchange)
    rank, guess = np.where(empty & (rank == 0), UNDECODED, rank), np.where(empty & (guess == 0), UNDECODED, guess)
    about = found.exchanges[["host", "company", "proven"]].iloc[exchange].reset_index(drop=True)
    table = frames.events[["run", "exchange", "event", "kind", "name"]].reset_index(drop=True)
    known = {
        name: np.append(whole.known.table[name].to_numpy(object), "")[cause] for name in ("key", "property", "class")
    }
    verdicts = pd.CategoricalDtype(list(VERDICTS), ordered=True)
    columns = ["run", *EVENTS.names]
    return table.assign(
        **{name: about[name] for name in about.columns},
        address=about["proven"].to_numpy(bool) & whole.address & frames.events["kind"].isin(SENT).to_numpy(bool),
        verdict=pd.Categorical.from_codes(rank, dtype=verdicts),
        candidate=pd.Categorical.from_codes(np.maximum(rank, guess), dtype=verdicts),
        identifier=known["key"].astype(str),
        property=known["property"].astype(str),
        **{"class": known["class"].astype(str)},
        **{name: found.counts[name] for name in FLAGS},
    )[columns]


def ranked(whole: Graph) -> tuple[Numbers, Numbers, Numbers]:
    """Return for each event its verdict, the identifier that causes it (-1: none), and the verdict with guesses."""
    rows, code = whole.found.rows, whole.known.code.astype("U2")
    place = np.asarray(pd.Series(BY_CLASS).reindex(code).fillna(0), np.int64)
    once = (code == "D5") & ~np.isin(np.arange(len(rows)), whole.points.rows)
    sure = sureness(whole)
    lifted = np.isin(code, ("D2", "D3"))
    firm = np.where(whole.known.firm & ~once, np.where(lifted & (sure == FIRM), ATTRIBUTED, place), 0)
    guess = np.where(once, 0, np.where(lifted & (sure <= GUESS), ATTRIBUTED, place))
    event, size = rows["event"].to_numpy(), len(whole.found.counts)
    best, cause, with_guess = np.zeros(size, np.int64), np.full(size, -1, np.int64), np.zeros(size, np.int64)
    np.maximum.at(with_guess, event, guess)
    order = np.lexsort((-whole.known.of_row, np.asarray(pd.Series(RANK).reindex(code).fillna(0)), firm))
    order = order[firm[order] > 0]
    best[event[order]] = firm[order]  # the last assignment stays: the highest
    cause[event[order]] = whole.known.of_row[order]
    return best, cause, with_guess


def sureness(whole: Graph) -> Numbers:
    """Return for each row how surely its recipient can join its value to a direct identifier."""
    rows, found = whole.found.rows, whole.found
    exchange, value = rows["exchange"].to_numpy(), rows["value"].to_numpy()
    recipient = found.exchanges["recipient"].to_numpy()[exchange]
    sure = np.full(len(rows), GUESS + 1, np.int64)
    for number, sures in attributed(list(whole.recipients), len(found.values)).items():
        chosen = recipient == number
        sure[chosen] = sures[value[chosen]]
    sure[~found.exchanges["proven"].to_numpy(bool)[exchange]] = GUESS + 1
    return np.where(kept_by_recipient(whole), FIRM, sure)


def kept_by_recipient(whole: Graph) -> Flags:
    """Return for each row whether its recipient runs the directory that the value is a key of."""
    found = whole.found
    names = found.kinds["property"].to_numpy(object)[found.rows["kind"].to_numpy()].astype(str)
    exchange = found.rows["exchange"].to_numpy()
    groups, proven = (
        found.exchanges["group"].to_numpy(object)[exchange].astype(str),
        found.exchanges["proven"].to_numpy(bool)[exchange],
    )
    kept: Flags = np.zeros(len(names), bool)
    for table in wordings.lists()["directory"]:
        kept |= np.isin(names, table["properties"]) & (groups == table["group"])
    return np.asarray(kept & proven & (whole.known.code.astype("U2") == "D2"), bool)


def positions(whole: Graph) -> Numbers:
    """Return for each event the position of its exchange."""
    frames = whole.found.frames
    keys = ["run", "exchange"]
    own = frames.exchanges[keys].astype("str").assign(position=np.arange(len(frames.exchanges)))
    joined = frames.events[keys].astype("str").merge(own, on=keys, how="left", sort=False)
    return np.asarray(joined["position"], np.int64)


def undecoded(whole: Graph, exchange: Numbers) -> Flags:
    """Return for each event whether bytes of it could not be read; those of the body count for the request event."""
    frames = whole.found.frames
    kind = frames.events["kind"].astype("str").to_numpy(object)
    lost = {name: frames.exchanges[f"{name}_unread"].to_numpy(np.int64)[exchange] > 0 for name in ("body", "response")}
    inside = whole.found.counts["undecoded"].to_numpy() > 0
    return np.asarray(inside | (lost["body"] & (kind == "request")) | (lost["response"] & (kind == "response")), bool)


def requests(found: pd.DataFrame) -> pd.DataFrame:
    """Return one row a request: the strongest verdict of what was sent with it, and what caused that."""
    sent = found[found["kind"].isin(SENT)]
    keys = ["run", "exchange"]
    best = strongest(sent, keys).drop(columns=["event", "kind", "name", *FLAGS])
    groups = sent.groupby(keys, observed=True)
    sums = groups[list(FLAGS)].sum().assign(events=groups.size(), candidate=groups["candidate"].max())
    return best.drop(columns="candidate").merge(sums.reset_index(), on=keys)


def strongest(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return for each of `keys` the row with the strongest verdict, the identifier that is listed first."""
    number = pd.to_numeric(rows["identifier"].str.removeprefix("I"), errors="coerce").fillna(0)
    order = rows.assign(number=number).sort_values(
        [*keys, "verdict", "number"], ascending=[*[True] * len(keys), False, True], kind="stable"
    )
    return order.drop_duplicates(keys).drop(columns="number")


def destinations(found: pd.DataFrame, whole: Graph) -> pd.DataFrame:
    """Return one row a host: the strongest verdict of its requests, how many have which, and what stayed closed.

    A host that was tried and never opened is `undecoded`: nothing can be said of what it got.
    """
    one = requests(found)
    keys = ["host", "company"]
    best = strongest(one, keys)
    groups = one.groupby(keys)
    counts = one.groupby([*keys, "verdict"], observed=False).size().unstack("verdict")
    table = best[[*keys, "verdict", "identifier", "property", "class", "proven", "address"]].set_index(keys)
    table = table.assign(candidate=groups["candidate"].max(), requests=groups.size(), **groups[list(FLAGS)].sum())
    table = table.join(counts).reset_index()
    table = pd.concat([table, unopened(whole, set(table["host"]))], ignore_index=True)
    closed = whole.found.frames.endpoints.groupby(whole.found.frames.endpoints["host"].astype("str"))["closed"].sum()
    table["closed"] = table["host"].map(closed).fillna(0).astype("int64")
    order = table["verdict"].map(PLACE).astype("int64")
    return (
        table.assign(order=-order)
        .sort_values(["order", "company", "host"])
        .drop(columns="order")
        .reset_index(drop=True)
    )


def unopened(whole: Graph, opened: set[str]) -> pd.DataFrame:
    """Return rows for hosts whose connections all stayed closed."""
    places = whole.found.frames.endpoints
    shut = places[(places["closed"] > 0) & ~places["host"].astype("str").isin(opened)]
    rows = [
        {"host": host, "company": company if company != "unknown company" else host}
        for host, company in shut[["host", "company"]].astype("str").drop_duplicates().itertuples(index=False)
    ]
    constant = {
        "verdict": "undecoded",
        "candidate": "undecoded",
        "identifier": "",
        "property": "undecoded",
        "class": "U1",
    }
    zero = dict.fromkeys(("requests", *FLAGS, *VERDICTS), 0)
    return pd.DataFrame([{**row, **constant, "proven": True, "address": whole.address, **zero} for row in rows])

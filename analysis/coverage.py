"""How complete the answer is: what stayed closed, unread, unclassified, guessed or not located. Nothing vanishes."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from portalscope.analysis import labels, schema
from portalscope.analysis.frames import SENT, Frames
from portalscope.analysis.where import ANYCAST, UNKNOWN

LIMITS = schema.table(
    "Limits of the answer: one row for each thing that is not known, and how much of it there is.",
    [
        schema.must("kind", schema.WORD, "What is missing: `not opened`, `not decoded`, `not classified` and so on."),
        schema.must("subject", schema.TEXT, "Host, decoding step or adapter that it is about."),
        schema.must("count", schema.SIZE, "Connections, places, leaves or requests."),
        schema.must("bytes", schema.SIZE, "Bytes, 0 where none are counted."),
        schema.must("share", schema.REAL, "Share of all of that kind, 0 to 1."),
        schema.must("why", schema.TEXT, "The reason."),
    ],
)
ROW = tuple[str, str, int, int, float, str]
PARTS = {"body": "body", "response": "response"}  # part of an exchange -> how its columns begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Counts over all runs of the frames. Bytes are those of bodies, sent and received; leaves those that were sent.

    `stored` are leaves that were seen on the device alone: they are no part of the other counts, but of the bytes.
    `faults` are the sentences that say where the two equations do not hold: size = decoded + unread, and leaves =
    classified + unknown. There are none unless a decoder or the dataset is broken.
    """

    hosts: int
    closed: int
    unlocated: int
    size: int
    unread: int
    leaves: int
    unknown: int
    candidates: int
    faults: tuple[str, ...]
    stored: int = 0


def coverage(frames: Frames) -> Coverage:
    """Return the counts."""
    every = counted_fields(frames).query("part in @SENT", local_dict={"SENT": SENT})
    sent = frames.wire(every)
    places = frames.wire(frames.endpoints.assign(located=located(frames), opened=frames.endpoints["requests"] > 0))
    hosts = places.groupby(places["host"].astype("str"))[["located", "opened"]].any()
    exchanges = frames.exchanges
    return Coverage(
        hosts=len(hosts),
        closed=int((~hosts["opened"]).sum()),
        unlocated=int((~hosts["located"]).sum()),
        size=int(exchanges["body_size"].sum() + exchanges["response_size"].sum()),
        unread=int(exchanges["body_unread"].sum() + exchanges["response_unread"].sum()),
        leaves=int(sent["leaves"].sum()),
        unknown=int(sent.loc[sent["category"] == "unknown", "leaves"].sum()),
        candidates=int(sent.loc[sent["candidate"].astype("bool"), "leaves"].sum()),
        faults=tuple(faults(frames)),
        stored=int(every["leaves"].sum() - sent["leaves"].sum()),
    )


def located(frames: Frames) -> "pd.Series[bool]":
    """Return for each endpoint whether anything is known of its place: a country, or at least an area."""
    return ~frames.endpoints["location"].isin((UNKNOWN, ANYCAST))


def counted_fields(frames: Frames) -> pd.DataFrame:
    """Return the fields with the number of their leaves, in the column `leaves`."""
    counts = frames.observations(["field"]).groupby(["run", "field"], observed=True).size().rename("leaves")
    keys = {"run": "str", "field": "str"}
    found = frames.fields.astype(keys).merge(counts.reset_index().astype(keys), on=["run", "field"], how="left")
    return found.assign(leaves=found["leaves"].fillna(0).astype("int64"))


def faults(frames: Frames) -> Iterator[str]:
    """Say where the accounts do not balance."""
    for part, name in PARTS.items():
        size, decoded, unread = (frames.exchanges[f"{name}_{what}"] for what in ("size", "decoded", "unread"))
        if wrong := int((size != decoded + unread).sum()):
            yield f"{part}: size is not decoded + unread in {wrong} exchanges"
        problems = frames.problems[frames.problems["part"] == part]
        told = problems.groupby([problems["run"].astype("str"), problems["exchange"].astype("str")])["size"].sum()
        key = pd.MultiIndex.from_frame(frames.exchanges[["run", "exchange"]].astype("str"))
        if wrong := int((told.reindex(key, fill_value=0).to_numpy() != unread.to_numpy()).sum()):
            yield f"{part}: unread bytes are not those of the problems in {wrong} exchanges"
    leaves, counted = int(frames.events["leaves"].sum()), int(counted_fields(frames)["leaves"].sum())
    if leaves != counted:
        yield f"events hold {leaves} leaves, {counted} of them are classified or unknown"


def line(frames: Frames) -> str:
    """Return one line that says how complete all of this is; every summary carries it."""
    found = coverage(frames)
    text = (
        f"{found.hosts - found.closed} of {found.hosts} hosts opened; "
        f"{percent(found.size - found.unread, found.size)} of {found.size:,} bytes in bodies decoded; "
        f"{percent(found.leaves - found.unknown, found.leaves)} of {found.leaves:,} values sent are classified "
        f"({percent(found.candidates, found.leaves)} by name or look alone); "
        f"{found.hosts - found.unlocated} of {found.hosts} hosts located."
    )
    if found.stored:
        text += f" {found.stored:,} values were seen on the device alone: their upload is not proven."
    return text + "".join(f" FAULT: {fault}." for fault in found.faults)


def percent(part: int, whole: int) -> str:
    """Return a share with one decimal, never rounded up to all nor down to none."""
    if not whole:
        return "none"
    share = 100 * part / whole
    if part in (0, whole):
        return f"{share:.0f} %"
    return f"{min(max(share, 0.1), 99.9):.1f} %"


def limits(frames: Frames) -> pd.DataFrame:
    """Return the table that `LIMITS` describes."""
    rows = [*closed(frames), *undelivered(frames), *undecoded(frames), *unclassified(frames), *unlocated(frames)]
    rows += [("fault", "accounts", 1, 0, 1.0, fault) for fault in faults(frames)]
    return pd.DataFrame(rows, columns=LIMITS.names)


def closed(frames: Frames) -> Iterator[ROW]:
    """Connections that could not be read, by host and reason."""
    shut = frames.connections[frames.connections["opaque_because"].notna()]
    for (host, why), rows in shut.groupby(["host", "opaque_because"], observed=True):
        share = len(rows) / len(frames.connections)
        yield "not opened", str(host), len(rows), int(rows["sent"].fillna(0).sum()), share, str(why)


def undelivered(frames: Frames) -> Iterator[ROW]:
    """Requests that were attempted and never answered, by host."""
    lost = frames.wire(frames.exchanges[~frames.exchanges["delivered"].astype("bool")])
    for host, rows in lost.groupby("host", observed=True):
        share, why = len(rows) / len(frames.exchanges), "; ".join(sorted(set(rows["error"].dropna())))
        yield "not delivered", str(host), len(rows), int(rows["request_bytes"].sum()), share, why or "no answer"


def undecoded(frames: Frames) -> Iterator[ROW]:
    """Bytes that nobody understood, by part, step and reason."""
    size = int(frames.exchanges["body_size"].sum() + frames.exchanges["response_size"].sum())
    keys = [frames.problems[name].astype("str") for name in ("part", "step", "why")]
    for (part, step, why), rows in frames.problems.groupby(keys):
        lost = int(rows["size"].sum())
        kind = "file not read" if part == "file" else "not decoded"
        yield kind, f"{part}, {step}", len(rows), lost, lost / size if size else 0.0, str(why)


def unclassified(frames: Frames) -> Iterator[ROW]:
    """Leaves that no rule knows, and those that are only guessed at, by adapter."""
    fields = counted_fields(frames)
    sent, wire = fields["part"].isin(SENT), fields.index.isin(frames.wire(fields).index)
    parts = {"sent": sent & wire, "stored on the device": sent & ~wire, "received": ~sent}
    for whose, chosen in ((whose, fields[rows]) for whose, rows in parts.items()):
        whole = max(int(chosen["leaves"].sum()), 1)
        unknown, guessed = chosen["category"] == "unknown", chosen["candidate"].astype("bool")
        for kind, rows in (("not classified", chosen[unknown]), ("by name or look only", chosen[guessed])):
            for adapter, part in rows.groupby("adapter", observed=True):
                count = int(part["leaves"].sum())
                yield (
                    kind,
                    f"{adapter}, {whose}",
                    count,
                    0,
                    count / whole,
                    labels.counted(part["field"].nunique(), "different field"),
                )


def unlocated(frames: Frames) -> Iterator[ROW]:
    """Hosts whose country is not known at any address."""
    places = frames.wire(frames.endpoints.assign(located=located(frames)))
    hosts = places.groupby(places["host"].astype("str"))
    for host, rows in hosts:
        if not rows["located"].any():
            requests = int(rows["requests"].sum())
            why = "; ".join(sorted(set(rows["basis"].astype("str")) - {""})) or "no ground for any country"
            yield "not located", str(host), requests, int(rows["request_bytes"].sum()), 1 / len(hosts), why

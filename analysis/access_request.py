"""A vendor's answer to a request for access beside what was captured: in both, in the one, or in the other alone."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from portalscope.analysis import coverage, schema, values
from portalscope.analysis.access_export import Exported
from portalscope.analysis.frames import Frames
from portalscope.analysis.mask import Mask

BOTH = "in both"
SENT = "sent, not in the answer"
NOT_SEEN = "in the answer, not seen"
OUTSIDE = "in the answer, outside the recordings"
NOTHING = "no answer given"
WINDOW = timedelta(seconds=60)  # between two clocks, the sender's and the vendor's
NEAREST = 200  # captured events that are compared with one of the answer; more of one name in one minute are alike
TYING = ("D1", "D2", "D3", "D4", "D5", "O1", "L1")

COMPARISON = schema.table(
    "Access request: what was captured beside what the vendor's answer holds, one row an event.",
    [
        schema.must("status", schema.WORD, f"`{BOTH}`, `{SENT}`, `{NOT_SEEN}`, `{OUTSIDE}` or `{NOTHING}`."),
        schema.must("name", schema.TEXT, "Name of the event; masked where it looks personal."),
        schema.may("time", schema.TIME, "The sender's time, else that of the request, else that of the answer."),
        schema.must(
            "matched_by", schema.WORD, "`name`, `name, time` or `name, time, identifier`; empty when not in both."
        ),
        schema.may("seconds", schema.REAL, "Time of the answer minus time of the event."),
        schema.must("identifiers", schema.INT, "Identifiers of the answer that stand in the event as well."),
        schema.may("level", schema.INT, "Level that the sender states: 1 required, 2 optional."),
        schema.must("adapter", schema.WORD, "The adapter; empty for what was not seen."),
        schema.must("host", schema.WORD, "Host that got it; empty for what was not seen."),
        schema.must("delivered", schema.FLAG, "Whether the request was answered; false for what was not seen."),
        schema.must("run", schema.WORD, "Run; empty for what was not seen."),
        schema.must("exchange", schema.WORD, "Exchange; empty for what was not seen."),
        schema.may("event", schema.INT, "Event in the exchange."),
        schema.may("row", schema.SIZE, "Position in the answer, from 0."),
    ],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """One telemetry record that was sent: where it is, when the sender made it, hashes of its identifiers."""

    name: str
    time: datetime
    level: int | None
    adapter: str
    host: str
    delivered: bool
    run: str
    exchange: str
    event: int
    hashes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """An event of the answer (by position) and a captured one (by position): how close they are."""

    answer: int
    captured: int
    identifiers: int
    seconds: float | None

    @property
    def worth(self) -> tuple[int, bool, float, int, int]:
        """The smaller, the closer: more identifiers, a time, a shorter time between."""
        gap = self.seconds
        return (-self.identifiers, gap is None, abs(gap or 0.0), self.answer, self.captured)

    @property
    def by(self) -> str:
        """What they have in common."""
        parts = ["name", "time" if self.seconds is not None else "", "identifier" if self.identifiers else ""]
        return ", ".join(filter(None, parts))


def comparison(
    frames: Frames, answer: Sequence[Exported] | None = None, key: bytes | None = None, window: timedelta = WINDOW
) -> pd.DataFrame:
    """Return the table that `COMPARISON` describes: what was sent and is not in the answer first.

    Events are the same when they have the same name in any case and their times are no more than `window` apart; of
    several the one with more identifiers in common is taken, then the nearest. Identifiers are compared by the keyed
    hash of the dataset, so without its `key` names and times alone decide. Each event is taken once. Without an answer
    every event has the status `no answer given`.
    """
    events = captured(frames)
    if answer is None:
        rows = [row(NOTHING, one, None, None) for one in events]
    else:
        pairs = {pair.answer: pair for pair in chosen(pairings(events, answer, key, window))}
        rows = [row(BOTH, events[pair.captured], answer[at], pair) for at, pair in pairs.items()]
        taken = {pair.captured for pair in pairs.values()}
        rows += [row(SENT, one, None, None) for n, one in enumerate(events) if n not in taken]
        spans = recorded(events, window)
        rows += [row(unseen(one, spans), None, one, None) for n, one in enumerate(answer) if n not in pairs]
    table = pd.DataFrame(rows, columns=COMPARISON.names)
    place = {status: n for n, status in enumerate((NOTHING, SENT, NOT_SEEN, OUTSIDE, BOTH))}
    order = table.assign(status=table["status"].map(place))
    position = order.sort_values(["status", "name", "time", "row"], kind="stable").index
    table = typed(table.loc[position].reset_index(drop=True))
    table.attrs["completeness"] = coverage.line(frames)
    return table


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with columns that know null: times in UTC, whole numbers."""
    table["time"] = pd.to_datetime(table["time"], utc=True)
    return table.astype({"level": "Int32", "event": "Int32", "row": "Int64", "seconds": "Float64"})


def captured(frames: Frames) -> list[Captured]:
    """Return the telemetry records that were sent, in order."""
    keys = ["run", "exchange"]
    records = frames.events[frames.events["kind"] == "record"]
    about = frames.exchanges[[*keys, "at", "adapter", "host", "delivered"]].astype(dict.fromkeys(keys, "str"))
    found = records.astype(dict.fromkeys(keys, "str")).merge(about, on=keys, how="left")
    hashes = identifiers(frames)
    return [
        Captured(
            name=str(one["name"]),
            time=one["at"] if pd.isna(one["time"]) else one["time"],
            level=None if pd.isna(one["level"]) else int(one["level"]),
            adapter=str(one["adapter"]),
            host=str(one["host"]),
            delivered=bool(one["delivered"]),
            run=one["run"],
            exchange=one["exchange"],
            event=int(one["event"]),
            hashes=hashes.get((one["run"], one["exchange"], int(one["event"])), frozenset()),
        )
        for one in found.to_dict("records")
    ]


def identifiers(frames: Frames) -> Mapping[tuple[str, str, int], frozenset[str]]:
    """Return the hashes of the identifiers in each event."""
    leaves = frames.leaves(["exchange", "event", "class", "value_hash"])
    leaves = leaves[leaves["class"].isin(TYING) & leaves["value_hash"].notna()]
    names = [leaves[name].astype("str") for name in ("run", "exchange", "value_hash")]
    found: dict[tuple[str, str, int], set[str]] = {}
    for run, exchange, value, event in zip(*names, leaves["event"], strict=True):
        found.setdefault((run, exchange, int(event)), set()).add(value)
    return {at: frozenset(hashes) for at, hashes in found.items()}


def pairings(
    events: Sequence[Captured], answer: Sequence[Exported], key: bytes | None, window: timedelta
) -> Iterable[Pairing]:
    """Give the pairs of events that could be the same."""
    by_name: dict[str, list[tuple[datetime, int]]] = {}
    for n, one in enumerate(events):
        by_name.setdefault(one.name.casefold(), []).append((one.time, n))
    for alike in by_name.values():
        alike.sort()
    for n, said in enumerate(answer):
        hashes = digests(said.identifiers, key)
        for time, at in near(by_name.get(said.name.casefold(), []), said.time, window):
            gap = (said.time - time).total_seconds() if said.time else None
            yield Pairing(answer=n, captured=at, identifiers=len(hashes & events[at].hashes), seconds=gap)


def near(
    alike: Sequence[tuple[datetime, int]], time: datetime | None, window: timedelta
) -> Sequence[tuple[datetime, int]]:
    """Return the events of one name within the window, the nearest ones when there are very many."""
    if time is None:
        return alike[:NEAREST]
    low = bisect_left(alike, time - window, key=lambda pair: pair[0])
    high = bisect_right(alike, time + window, key=lambda pair: pair[0])
    return sorted(alike[low:high], key=lambda pair: abs(pair[0] - time))[:NEAREST]


def digests(said: Iterable[str], key: bytes | None) -> frozenset[str]:
    """Return the hashes of the identifiers of an answer, as they stand and in lower and upper case."""
    if key is None:
        return frozenset()
    spelled = {form for one in said for form in (one, one.lower(), one.upper())}
    return frozenset(values.digest(key, values.as_bytes(form)) for form in spelled)


def chosen(pairs: Iterable[Pairing]) -> Iterable[Pairing]:
    """Give the pairs, the closest first, so that every event is in one at most."""
    answered, seen = set(), set()
    for pair in sorted(pairs, key=lambda pair: pair.worth):
        if pair.answer not in answered and pair.captured not in seen:
            answered.add(pair.answer)
            seen.add(pair.captured)
            yield pair


def recorded(events: Iterable[Captured], window: timedelta) -> list[tuple[datetime, datetime]]:
    """Return from when to when each run has events, with the window around."""
    times: dict[str, list[datetime]] = {}
    for one in events:
        times.setdefault(one.run, []).append(one.time)
    return [(min(found) - window, max(found) + window) for found in times.values()]


def unseen(said: Exported, spans: Iterable[tuple[datetime, datetime]]) -> str:
    """Say whether an event of the answer lies in the time of a recording at all."""
    inside = said.time is None or any(first <= said.time <= last for first, last in spans)
    return NOT_SEEN if inside else OUTSIDE


def row(status: str, one: Captured | None, said: Exported | None, pair: Pairing | None) -> tuple[object, ...]:
    """Return one row of the table. The name in an answer is a stranger's text: it is masked like any other name."""
    name = one.name if one else Mask()(said.name) if said else ""
    time = one.time if one else said.time if said else None
    shared = (pair.by, pair.seconds, pair.identifiers) if pair else ("", None, 0)
    sent = (one.level, one.adapter, one.host, one.delivered) if one else (None, "", "", False)
    place = (one.run, one.exchange, one.event) if one else ("", "", None)
    return (status, name, time, *shared, *sent, *place, said.row if said else None)


def counts(table: pd.DataFrame) -> dict[str, int]:
    """Return how many events have each status, in the order of the table."""
    return {str(status): int(count) for status, count in table["status"].value_counts(sort=False).items()}

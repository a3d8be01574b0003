"""Scope: how long and for whom a value stays the same, as far as the run matrix shows: never more than it shows.

A scope is possible as long as nothing that was seen speaks against it. Within a run: one value in several requests is
not request-scoped (a retry may repeat a request, so two alike count as one); three or more values, each in one
exchange, are. Between two runs: a value that changed depends on a factor that changed, or may have; a value that stayed
depends on none that changed. What is left is an interval, and a factor that was not changed alone, and would narrow it,
is "not tested".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from portalscope.analysis import wordings
from portalscope.analysis.arms import Pair, closure
from portalscope.analysis.occurrences import Flags, Numbers, Occurrences, numbered

SCOPES = tuple(wordings.of("scope"))
FACTORS = tuple(wordings.of("factor"))
EVERY = (1 << len(SCOPES)) - 1
BIT = {name: 1 << n for n, name in enumerate(SCOPES)}
VARYING = 3  # values from which on "another one each time" is no accident
ANYWHERE = "generic"  # the adapter of messages that nobody knows: there the host belongs to the field


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One field of one app, through all runs.

    `of_row` is the series of each row of the occurrences. For each series: `kind`, one of those it consists of;
    `possible` (bits of `SCOPES`, at least one); `tested` (bits of `FACTORS` that were changed alone); `compared`,
    whether two runs could be compared at all; `contradictory`.
    """

    of_row: Numbers
    kind: Numbers
    possible: Numbers
    tested: Numbers
    compared: Flags
    contradictory: Flags


def series(found: Occurrences, pairs: Sequence[Pair]) -> Series:
    """Return the series with the scopes that are possible for each."""
    of_row = split(found)
    first = np.asarray(np.unique(of_row, return_index=True)[1], np.int64)
    rows = found.rows.assign(series=of_row, target=targets(found)[found.rows["exchange"].to_numpy()])
    rows = rows[rows["telling"]]
    masks = np.full(len(first), EVERY, np.int64)
    tested = np.zeros(len(first), np.int64)
    seen_twice = np.zeros(len(first), bool)
    np.bitwise_and.at(masks, *in_runs(rows))
    sets = rows[["series", "run", "value"]].drop_duplicates()
    for pair in pairs:
        changed, same = compared(sets, pair, len(first))
        masks[changed] &= consistent(pair, changed=True)
        masks[same] &= consistent(pair, changed=False)
        tested[changed | same] |= alone(pair)
        seen_twice |= changed | same
    wrong = masks == 0
    return Series(
        of_row=of_row,
        kind=found.rows["kind"].to_numpy(np.int64)[first],
        possible=np.where(wrong, EVERY, masks),
        tested=tested,
        compared=seen_twice,
        contradictory=wrong,
    )


def split(found: Occurrences) -> Numbers:
    """Return the series of each row.

    A field is one series for each app, and for each property where it holds several at once (a list of identifiers).
    """
    rows, kinds = found.rows, found.kinds
    place = numbered(kinds, ["adapter", "part", "shape"])
    unknown = (kinds["adapter"] == ANYWHERE).to_numpy()
    hosts, _ = pd.factorize(found.exchanges["host"])
    names, _ = pd.factorize(kinds["property"])
    kind, exchange, event = (rows[name].to_numpy() for name in ("kind", "exchange", "event"))
    keys = pd.DataFrame(
        {
            "place": place[kind],
            "host": np.where(unknown[kind], hosts[exchange], -1),
            "stream": found.streams[event] if len(rows) else kind,
            "run": rows["run"].to_numpy(),
            "property": names[kind],
        }
    )
    field = ["place", "host", "stream"]
    several = keys.drop_duplicates().groupby([*field, "run"]).size()
    mixed = several[several > 1].reset_index()[field].drop_duplicates()
    both = keys[field].merge(mixed.assign(mixed=True), on=field, how="left")["mixed"].notna().to_numpy()
    keys["property"] = np.where(both, keys["property"], -1)
    return numbered(keys, [*field, "property"])


def targets(found: Occurrences) -> Numbers:
    """Return a number for host and path of each exchange: a retry goes to the same one."""
    return numbered(found.exchanges, ["host", "target"])


def in_runs(rows: pd.DataFrame) -> tuple[Numbers, Numbers]:
    """Return a series for each run in which it is, and the scopes that are possible for what that run shows of it."""
    keys = ["series", "run", "value"]
    seen = rows[[*keys, "exchange", "event", "target"]].drop_duplicates()
    by_value = pd.DataFrame(
        {
            "exchanges": seen.drop_duplicates([*keys, "exchange"]).groupby(keys).size(),
            "targets": seen.drop_duplicates([*keys, "target"]).groupby(keys).size(),
        }
    )
    again = (by_value["exchanges"] >= VARYING) | (by_value["targets"] > 1)
    by_value = by_value.assign(again=again, once=by_value["exchanges"] == 1)
    of_run = by_value.groupby(["series", "run"]).agg(
        again=("again", "any"), once=("once", "all"), values=("once", "size")
    )
    in_event = seen.drop_duplicates([*keys, "event"]).groupby(["series", "run", "event"]).size()
    events = in_event.groupby(["series", "run"]).agg(events="size", most="max")
    exchanges = seen.drop_duplicates(["series", "run", "exchange"]).groupby(["series", "run"]).size()
    of_run = of_run.join(events).assign(exchanges=exchanges)
    many = (of_run["exchanges"] >= VARYING) | (of_run["values"] == of_run["events"])
    varies = (of_run["values"] >= VARYING) & of_run["once"] & (of_run["most"] == 1) & many
    same = (of_run["values"] == 1) & of_run["again"]
    masks = np.where(varies, BIT["request"], np.where(same, EVERY & ~BIT["request"], EVERY)).astype(np.int64)
    return of_run.index.get_level_values("series").to_numpy(np.int64), masks


def compared(sets: pd.DataFrame, pair: Pair, size: int) -> tuple[Flags, Flags]:
    """Return the series whose values are all new in the other run, and those whose values are all there again.

    Where some stayed and some did not, or one of the runs has none, nothing is said.
    """
    one, other = (sets.loc[sets["run"] == run, ["series", "value"]] for run in (pair.base, pair.run))
    sizes = [np.bincount(part["series"], minlength=size) for part in (one, other)]
    least = np.minimum(*sizes)
    common = np.bincount(one.merge(other, on=["series", "value"])["series"], minlength=size)
    return (least > 0) & (common == 0), (least > 0) & (common == least)


def consistent(pair: Pair, *, changed: bool) -> int:
    """Return the scopes for which values behave so between two runs, as bits."""
    return sum(bit for name, bit in BIT.items() if changed in expected(name, pair.changed, pair.maybe))


def expected(scope: str, changed: frozenset[str], maybe: frozenset[str]) -> tuple[bool, ...]:
    """Return whether values of a scope are new when these factors changed: yes, no, or either."""
    depends = {*wordings.of("scope")[scope]["depends"]}
    if depends & changed or "request" in depends:
        return (True,)
    return (True, False) if depends & maybe else (False,)


def alone(pair: Pair) -> int:
    """Return the factor that two runs test, as bits of `FACTORS`: it changed, with what it implies, and no other."""
    if pair.maybe:
        return 0
    return sum(1 << n for n, name in enumerate(FACTORS) if pair.changed == closure([name]))


def names(mask: int) -> tuple[str, ...]:
    """Return the scopes of some bits, narrow ones first."""
    return tuple(name for name, bit in BIT.items() if mask & bit)


def untested(mask: int, tested: int) -> tuple[str, ...]:
    """Return the factors that were not changed alone and would narrow the interval; `request`: more requests would."""
    left = names(mask)
    missing = ["request"] if {"request", "session"} <= {*left} else []
    for n, name in enumerate(FACTORS):
        answers = {expected(scope, closure([name]), frozenset()) for scope in left}
        if not tested & 1 << n and len(answers) > 1:
            missing.append(name)
    return tuple(missing)


def interval(mask: int) -> tuple[str, str]:
    """Return the narrowest and the widest scope that are possible."""
    left = names(mask)
    return left[0], left[-1]

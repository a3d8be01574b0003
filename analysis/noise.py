"""The noise band: which differences between two settings are larger than those between repeats of one setting.

A client samples its events, batches and repeats its requests, and starts its jobs by its own clock: two recordings of
the same thing differ. So a difference counts only when *every* repeat of the one setting is on one side of it and every
repeat of the other on the other. One recording a side never shows that. How much it shows with more is `chance`: if the
setting had no effect, all n + m recordings could stand in any order, and in 2 of the C(n + m, n) orders they would be
parted as neatly (the exact permutation test). With two recordings a side that is 1 in 3, with four 1 in 35. It holds
for one difference that was named beforehand: of many differences some are parted neatly by chance.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import comb
from typing import NamedTuple

import pandas as pd

from portalscope.analysis import compare, labels, schema
from portalscope.analysis.compare import Side, Things
from portalscope.analysis.frames import Frames, load
from portalscope.analysis.summary import summary

OUTSIDE, INSIDE, ONE = "outside", "inside", "one run"
FIXED = ("app", "app_version", "device", "platform", "os_build", "account", "tenant", "scenario")
REPEATED = ("arm", "session")  # settings that say that a run is a repeat: they are no difference
COUNT = "count"
DIGITS = re.compile(r"\d[\d,]*")

NOISE = schema.table(
    "Differences between two settings, each beside the noise of the repeats: one row a difference.",
    [
        *compare.DIFFERENCES,
        schema.must("band", schema.WORD, "`outside` the noise, `inside` it, or `one run`: a side has no repeat."),
        schema.must(
            "in_before", schema.TEXT, "In how many of the first side's recordings: `2 of 2`, or lowest–highest count."
        ),
        schema.must("in_after", schema.TEXT, "The same of the second side."),
        schema.must("chance", schema.REAL, "How likely so neat a split is without any effect; 1 when it is not neat."),
        schema.must("why", schema.TEXT, "The reason, in words."),
    ],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What one recording says of all subjects of a kind; `events` are those that its fields are in."""

    things: Things
    events: frozenset[str]

    @classmethod
    def of(cls, things: Things) -> "Recording":
        """Return the recording with its events."""
        return cls(things=things, events=frozenset(thing.event for thing in things.values()))

    def could(self, thing: compare.Thing) -> bool:
        """Whether the recording could have a subject: a field only where its event is there at all."""
        return not thing.event or thing.event in self.events


class Words(NamedTuple):
    """What is said of one difference: what both sides say, and in how many recordings or with which counts."""

    change: str
    aspect: str
    before: str
    after: str
    in_before: str
    in_after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """How the recordings of both sides stand to one subject: how many could have it, and what each says of it."""

    before: Sequence[compare.Thing]
    after: Sequence[compare.Thing]
    of_before: int
    of_after: int

    @property
    def clean(self) -> bool:
        """Whether all recordings of one side have it and none of the other."""
        return (len(self.before), len(self.after)) in ((0, self.of_after), (self.of_before, 0))

    @property
    def having(self) -> "Sides":
        """Return the sides with those recordings alone that have it, as only they say anything of it."""
        return replace(self, of_before=len(self.before), of_after=len(self.after))

    @property
    def chance(self) -> float:
        """How likely a neat split is by chance."""
        return min(1.0, 2 / comb(self.of_before + self.of_after, self.of_before))


def repeats(frames: Frames, run: str) -> tuple[str, ...]:
    """Return the runs that repeat a run, itself first: same settings, app, version, device, account and scenario.

    A run of which nothing is said has no repeats. Raises ValueError for a run that is not there.
    """
    said = {str(row["run"]): described(row) for row in frames.runs.to_dict("records")}
    if run not in said:
        raise ValueError(f"no run {run}; there are {', '.join(said)}")
    about = said[run]
    others = [name for name, its in said.items() if name != run and its == about] if any(about) else []
    return (run, *others)


def described(row: Mapping[object, object]) -> tuple[str, ...]:
    """Return all that makes two runs repeats of each other when it is equal."""
    settings: dict[str, str] = json.loads(str(row["settings"]))
    kept = {name: value for name, value in sorted(settings.items()) if name not in REPEATED}
    return (json.dumps(kept) if kept else "", *(str(row[name]) for name in FIXED))


def judged(frames: Frames, before: str | Iterable[str], after: str | Iterable[str]) -> pd.DataFrame:
    """Return the table that `NOISE` describes, in the order of `compare.differences`.

    A side is a list of recordings, or one of them: then its repeats are looked up. Raises ValueError for a run that is
    not there, or on both sides.
    """
    first, second = (chosen(frames, side) for side in (before, after))
    if both := sorted(set(first) & set(second)):
        raise ValueError(f"{', '.join(both)}: on both sides of the comparison")
    sides = [[side_of(frames, run) for run in runs] for runs in (first, second)]
    rows: list[tuple[object, ...]] = []
    for kind, things in compare.KINDS.items():
        rows += of_kind(kind, *([Recording.of(things(side)) for side in runs] for runs in sides))
    table = pd.DataFrame(rows, columns=NOISE.names)
    order = table.assign(
        kind=table["kind"].map({name: n for n, name in enumerate(compare.KINDS)}),
        change=table["change"].map({name: n for n, name in enumerate(compare.CHANGES)}),
    )
    position = order.sort_values(["kind", "change", "adapter", "subject", "aspect"], kind="stable").index
    return table.loc[position].reset_index(drop=True)


def chosen(frames: Frames, side: str | Iterable[str]) -> tuple[str, ...]:
    """Return the recordings of a side."""
    return repeats(frames, side) if isinstance(side, str) else tuple(dict.fromkeys(side))


def side_of(frames: Frames, run: str) -> Side:
    """Return one recording as it is compared."""
    found = load(frames.dataset, [run])
    return Side(found, summary(found))


def of_kind(kind: str, before: list[Recording], after: list[Recording]) -> Iterator[tuple[object, ...]]:
    """Give the differences in one kind of subjects."""
    every = {key: thing for recording in (*before, *after) for key, thing in recording.things.items()}
    for key in sorted(every):
        found = Sides(
            before=[recording.things[key] for recording in before if key in recording.things],
            after=[recording.things[key] for recording in after if key in recording.things],
            of_before=sum(recording.could(every[key]) for recording in before),
            of_after=sum(recording.could(every[key]) for recording in after),
        )
        if found.of_before and found.of_after:
            yield from present(kind, found)
            yield from facts(kind, found.having)


def present(kind: str, found: Sides) -> Iterator[tuple[object, ...]]:
    """Give a row when some recordings have the subject and others do not."""
    here, there = len(found.before), len(found.after)
    if (here, there) == (found.of_before, found.of_after):
        return
    share = here / found.of_before, there / found.of_after
    change = "new" if share[0] < share[1] else "gone" if share[0] > share[1] else "changed"
    old, new = (compare.told(things[0] if things else None) for things in (found.before, found.after))
    counts = f"{here} of {found.of_before}", f"{there} of {found.of_after}"
    yield row(kind, found, Words(change, "presence", old, new, *counts), split=found.clean)


def facts(kind: str, found: Sides) -> Iterator[tuple[object, ...]]:
    """Give a row for each fact in which a recording of one side differs from one of the other."""
    if not found.before or not found.after:
        return
    for aspect in found.before[0].facts:
        old, new = ([thing.facts[aspect] for thing in things] for things in (found.before, found.after))
        different = [compare.differ(aspect, one, other) for one in old for other in new]
        if any(different):
            seen = (span(old), span(new)) if aspect == COUNT else (distinct(old), distinct(new))
            split = apart(old, new) if aspect == COUNT else all(different)
            yield row(kind, found, Words("changed", aspect, old[0], new[0], *seen), split=split)


def row(kind: str, found: Sides, words: Words, *, split: bool) -> tuple[object, ...]:
    """Return one row of the table, with its verdict."""
    thing = (*found.before, *found.after)[0]
    alone = min(found.of_before, found.of_after) < 2
    band = INSIDE if not split else ONE if alone else OUTSIDE
    chance = found.chance if split else 1.0
    told = (words.before, words.after, thing.category, thing.adapter)
    seen = (words.in_before, words.in_after, chance, reason(band, found))
    return kind, words.change, words.aspect, thing.subject, *told, band, *seen


def reason(band: str, found: Sides) -> str:
    """Say why a difference is where it is."""
    if band == INSIDE:
        return "recordings with the same settings differ in it as well, or both sides overlap"
    if band == ONE:
        lonely = [name for name, n in (("first", found.of_before), ("second", found.of_after)) if n < 2]
        return f"one recording of the {labels.listed(lonely)} side: it may be sampling, batching or a job's own clock"
    runs = labels.counted(found.of_before + found.of_after, "recording")
    return f"the {runs} are parted by it; without any effect that happens in {found.chance:.0%} of all cases"


def numbers(fact: str) -> tuple[int, ...]:
    """Return the numbers in a count: `2 requests, 1 connection not opened` -> 2, 1."""
    return tuple(int(found.replace(",", "")) for found in DIGITS.findall(fact))


def apart(old: Iterable[str], new: Iterable[str]) -> bool:
    """Whether the first number of every count of one side is larger than that of every count of the other."""
    before, after = ([numbers(fact)[:1] or (0,) for fact in side] for side in (old, new))
    return max(before) < min(after) or max(after) < min(before)


def span(told: Iterable[str]) -> str:
    """Return the lowest and the highest count."""
    found = sorted({(numbers(fact) or (0,))[0] for fact in told})
    return f"{found[0]:,}" if len(found) == 1 else f"{found[0]:,}–{found[-1]:,}"


def distinct(told: Iterable[str]) -> str:
    """Return what the recordings of a side say, each thing once."""
    return " | ".join(sorted(set(filter(None, told))))

"""The answer in one sentence: which personal and pseudonymous data and secrets went to which party and country."""

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pandas as pd

from portalscope.analysis import labels
from portalscope.analysis.countries import covered, reads_as
from portalscope.analysis.coverage import coverage
from portalscope.analysis.frames import Frames
from portalscope.analysis.local import NOT_ON_WIRE
from portalscope.analysis.summary import summary
from portalscope.analysis.where import RUNGS

PLACE = ["company", "country", "location"]
TOLD = {"personal": "personal data", "pseudonymous": "pseudonymous data", "behaviour": "behaviour beside them"}


class Party(NamedTuple):
    """Who got something and where, and how that is known: `2 hosts; likely, by host name`."""

    name: str
    note: str

    def __str__(self) -> str:
        return f"{self.name} ({self.note})"


class Clause(NamedTuple):
    """Which things went to which parties; a clause without parties says what could not be seen."""

    things: str
    parties: tuple[Party, ...] = ()

    def __str__(self) -> str:
        parties = labels.listed(map(str, self.parties), most=len(self.parties))
        return f"{self.things} went to {parties}" if parties else self.things


class Answer(NamedTuple):
    """The sentence, taken apart."""

    runs: str
    clauses: tuple[Clause, ...]

    def __str__(self) -> str:
        return f"{self.runs}, {'; '.join(map(str, self.clauses))}."


def sentence(frames: Frames) -> str:
    """Return the answer: what was recognised, where it went, how sure that is, and what could not be seen.

    It never says that something is anonymous, is no personal data or was not sent: nobody can see that in traffic.
    """
    return str(answer(frames))


def answer(frames: Frames) -> Answer:
    """Return the answer, taken apart."""
    table = summary(frames)
    runs = f"In {len(frames.names)} runs" if len(frames.names) > 1 else f"In the run {frames.names[0]}"
    went, kept = table[table["location"] != NOT_ON_WIRE], table[table["location"] == NOT_ON_WIRE]
    told = [*parties(frames, went, list(TOLD)), *parties(frames, went, ["secret"]), *stored(kept)]
    if not told:
        told = [Clause("no personal or pseudonymous data of a kind known to portalscope were recognised")]
    return Answer(runs, (*told, *map(Clause, unseen(frames))))


def parties(frames: Frames, table: pd.DataFrame, categories: list[str]) -> Iterator[Clause]:
    """Say what went to each party in each country: the United States first, then who got most kinds of data."""
    chosen = telling(table, categories)
    groups = {at: rows for at, rows in chosen.groupby(PLACE, sort=True) if set(rows["category"]) != {"behaviour"}}
    same: dict[str, list[Party]] = {}
    for at in sorted(groups, key=lambda at: (not groups[at]["us"].any(), -groups[at]["property"].nunique())):
        same.setdefault(what(groups[at]), []).append(party(frames, groups[at], *map(str, at)))
    for things, found in same.items():
        yield Clause(things, tuple(found))


def stored(table: pd.DataFrame) -> Iterator[Clause]:
    """Say what was seen on the device alone: it went to nobody, as far as anybody saw."""
    chosen = telling(table, [*TOLD, "secret"])
    if len(chosen):
        yield Clause(f"{what(chosen)} were seen on the device alone: their upload is not proven")


def telling(table: pd.DataFrame, categories: list[str]) -> pd.DataFrame:
    """Return the rows of some categories, people first; behaviour only where it stands beside an identifier."""
    attributed = (table["category"] != "behaviour") | (table["attributed"] > 0)
    chosen = table[table["category"].isin(categories) & attributed]
    chosen = chosen.astype(dict.fromkeys(("category", "class", "property", *PLACE), "str"))
    ranks = [labels.rank(code, name) for code, name in zip(chosen["class"], chosen["property"], strict=True)]
    return chosen.iloc[sorted(range(len(chosen)), key=ranks.__getitem__)]


def what(rows: pd.DataFrame) -> str:
    """Name the data: `personal data (e-mail address) and pseudonymous data (device identifier)`."""
    kinds = []
    for category, found in rows.groupby("category", sort=False):
        sure = found[~found["candidate"]]["property"].unique()
        guessed = [name for name in found["property"].unique() if name not in sure]
        names = [labels.lowered(labels.property_label(name)) for name in sure]
        names += [f"{labels.lowered(labels.property_label(name))}, a candidate" for name in guessed]
        kinds.append(f"{TOLD.get(str(category), 'secrets')} ({labels.listed(names)})")
    return labels.listed(kinds)


def party(frames: Frames, rows: pd.DataFrame, company: str, country: str, location: str) -> Party:
    """Name a party and its place: `Microsoft Corporation in the United States`, `2 hosts; likely, by host name`."""
    hosts = rows["host"].astype("str").unique()
    at = frames.endpoints[(frames.endpoints["location"] == location) & (frames.endpoints["country"] == country)]
    grounds = deciding(at[at["host"].isin(hosts)]["rungs"], country, location)
    sure = labels.certainty(location)
    by = f"; {sure}, by {labels.listed(grounds)}" if sure else ""
    tried = "" if rows["delivered"].any() else "; attempted, never answered"
    name = f"{company} {labels.in_place(country, location)}"
    return Party(name, f"{labels.counted(len(hosts), 'host')}{by}{tried}")


def deciding(rungs: Iterable[str], country: str, location: str) -> list[str]:
    """Name the kinds of grounds that speak for a verdict's place, in the order of the ladder; outvoted ones do not."""
    said = [rung for text in rungs for rung in json.loads(text) if rung["says"] and rung["strength"]]
    kinds = {rung["kind"] for rung in said if allows(rung["says"], country, location)}
    return [words for kind, words in RUNGS.items() if kind in kinds]


def allows(says: str, country: str, location: str) -> bool:
    """Whether a ground that says one place allows a verdict's country, or its area when it has no country."""
    return country in covered(says) if country else reads_as(says) == location.partition(" ")[0]


def unseen(frames: Frames) -> Iterator[str]:
    """Say how many hosts could not be located, and how many could not be looked into."""
    found = coverage(frames)
    if found.unlocated:
        yield f"{labels.counted(found.unlocated, 'host')} could not be located"
    if found.closed:
        yield f"what went to {labels.counted(found.closed, 'host')} could not be read"

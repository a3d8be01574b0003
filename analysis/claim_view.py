"""What claims are tested on: the values that were sent, by recording, app and event, and what is known of them."""

import json
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache, cached_property

import pandas as pd

from portalscope.analysis import apps, labels
from portalscope.analysis.claims import Claim, Filter
from portalscope.analysis.frames import Frames
from portalscope.analysis.summary import telling
from portalscope.decoders import knowledge
from portalscope.decoders.names import names
from portalscope.decoders.planted import property_of

UNSTATED = "none"  # word for the level of an event that states none
PLANTED = "planted "  # what a ground's detail says before the name of a planted value
COLUMNS = ("exchange", "event", "event_name", "kind", "part", "shape", "property", "class", "candidate")
MORE = ("because", "evidence_level", "detail", "adapter", "host", "purpose", "company", "level")
NAMES = {"event": "event_name"}  # word in a claim -> column
KEYS = ["run", "exchange", "event"]


class View:
    """Everything that the tests look at, made once for all claims."""

    def __init__(self, frames: Frames, key: bytes | None = None, answer: pd.DataFrame | None = None) -> None:
        self.frames, self.key, self.answer = frames, key, answer
        self.settings = {
            str(run): {k.casefold(): str(v).casefold() for k, v in json.loads(said).items()}
            for run, said in zip(frames.runs["run"], frames.runs["settings"], strict=True)
        }
        self.apps: dict[str, pd.DataFrame] = {}

    @cached_property
    def leaves(self) -> pd.DataFrame:
        """All that was sent and says something, with the level as a word and what kind of planted value is in it."""
        found = telling(self.frames, [*COLUMNS, *MORE])
        level = pd.Categorical(found["level"].astype("string").fillna(UNSTATED))
        planted = found["detail"].map({detail: planted_as(str(detail)) for detail in found["detail"].unique()})
        text = {"run": "str", "exchange": "str", "event": "int64"}
        return found.assign(level=level, planted=planted.astype("category")).drop(columns="detail").astype(text)

    def runs(self, settings: Filter) -> tuple[str, ...]:
        """Return the recordings with these positions of switches."""
        wanted = {name.casefold(): {word.casefold() for word in words} for name, words in settings.items()}
        return tuple(run for run, said in self.settings.items() if all(said.get(n) in w for n, w in wanted.items()))

    def of_app(self, name: str) -> pd.DataFrame:
        """Return the events of an app, with who says so."""
        if name not in self.apps:
            self.apps[name] = apps.events_of(self.frames, name, self.key)
        return self.apps[name]

    def tested(self, claim: Claim, settings: Filter) -> tuple[str, ...]:
        """Return the recordings with these settings in which the claim's app was tested, or seen."""
        runs = self.runs(settings)
        if not claim.app:
            return runs
        seen = {*apps.runs_of(self.frames, claim.app), *self.of_app(claim.app)["run"]}
        return tuple(run for run in runs if run in seen)

    def scope(self, claim: Claim, runs: Iterable[str]) -> pd.DataFrame:
        """Return the leaves of these recordings that the claim speaks of."""
        found = self.leaves[self.leaves["run"].isin(list(runs))]
        if claim.app:
            keys = KEYS[:2] if claim.whole else KEYS
            mine = pd.MultiIndex.from_frame(self.of_app(claim.app)[keys].drop_duplicates())
            found = found[pd.MultiIndex.from_frame(found[keys]).isin(mine)]
        return found[chosen(found, claim.within)]

    @cached_property
    def planted(self) -> Mapping[str, frozenset[str]]:
        """For each recording the kinds of data of which values were planted."""
        return {
            str(run): frozenset(map(kind_of_planted, json.loads(said)))
            for run, said in zip(self.frames.runs["run"], self.frames.runs["planted"], strict=True)
        }


def planted_as(detail: str) -> str:
    """Return the kind of data of the planted value that a ground speaks of, in whatever form; empty for another."""
    _, told, rest = detail.partition(PLANTED)
    return kind_of_planted(rest.partition(",")[0]) if told else ""


@cache
def kind_of_planted(name: str) -> str:
    """Return the property of a planted name."""
    known = knowledge.load()
    words = names(known.tables["names"], known.rows["known-fields"], labels.vocabulary())
    return property_of(name, known.tables["planted"]["property"], words)


def chosen(leaves: pd.DataFrame, wanted: Filter) -> "pd.Series[bool]":
    """Return which leaves fit every entry of a filter; `*` in a word is anything."""
    found = pd.Series(data=True, index=leaves.index)
    for name, patterns in wanted.items():
        column = leaves[NAMES.get(name, name)]
        words = column.astype("str").unique()
        fitting = [word for word in words if any(fnmatchcase(word, pattern) for pattern in patterns)]
        found &= column.isin(fitting)
    return found

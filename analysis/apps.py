"""Whose event it is: an app's, because the event states so or because the researcher says so of the run."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from portalscope.analysis import values
from portalscope.analysis.frames import Frames

DATA = Path(__file__).parent / "data" / "apps.toml"
EVENT = ["run", "exchange", "event"]  # the key of an event
BY_EVENT, BY_RUN = "event", "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An app: `ids` are what its events state, `names` what a run's description calls it."""

    name: str
    title: str
    names: tuple[str, ...]
    ids: tuple[str, ...]


@cache
def table() -> Mapping[str, Any]:
    """Return all of `apps.toml`."""
    return tomllib.loads(DATA.read_text("utf-8"))


def app(name: str) -> App:
    """Return an app by its key. Raises ValueError for one that `apps.toml` does not have."""
    found = table()["app"].get(name)
    if found is None:
        raise ValueError(f"no app {name}; there are {', '.join(table()['app'])}")
    return App(name=name, title=found["title"], names=tuple(found["names"]), ids=tuple(found["ids"]))


def runs_of(frames: Frames, name: str) -> tuple[str, ...]:
    """Return the runs of which the researcher says that this app was tested."""
    named = {word.casefold() for word in app(name).names}
    return tuple(
        str(run)
        for run, said in zip(frames.runs["run"], frames.runs["app"], strict=True)
        if str(said).strip().casefold() in named
    )


def events_of(frames: Frames, name: str, key: bytes | None = None) -> pd.DataFrame:
    """Return the keys of an app's events: `run`, `exchange`, `event`, and `by`, who says so, `event` or `run`.

    An event that states an id of the app is the app's. In a run of the app so is every event that states no other app:
    without the key of the dataset's hashes nobody can see which one an event states, then it is every event.
    """
    keys = frames.events[EVENT].astype({"run": "str", "exchange": "str", "event": "int64"})
    index = pd.MultiIndex.from_frame(keys)
    own, other = stated(frames, app(name).ids, key)
    by_event = index.isin(own)
    by_run = keys["run"].isin(runs_of(frames, name)).to_numpy() & ~index.isin(other)
    found = keys.assign(by=[BY_EVENT if says else BY_RUN for says in by_event])
    return found[by_event | by_run].reset_index(drop=True)


def stated(frames: Frames, ids: Iterable[str], key: bytes | None) -> tuple[pd.MultiIndex, pd.MultiIndex]:
    """Return the events that state one of these ids, and those that state another app; none of both without a key."""
    columns = ["exchange", "event", "property", "shape", "value_hash", "sent"]
    leaves = frames.leaves(columns)
    leaves = leaves[leaves["sent"] & (leaves["property"] == "appId") & leaves["value_hash"].notna()]
    if key is None:
        leaves = leaves.iloc[:0]
    own = leaves["value_hash"].isin(digests(tuple(ids), key or b""))
    strange = leaves["shape"].isin(table()["states"]) & ~own
    return events(leaves[own]), events(leaves[strange])


def events(leaves: pd.DataFrame) -> pd.MultiIndex:
    """Return the keys of the events that these leaves are in."""
    return pd.MultiIndex.from_frame(
        leaves[EVENT].astype({"run": "str", "exchange": "str", "event": "int64"}).drop_duplicates()
    )


def digests(ids: tuple[str, ...], key: bytes) -> set[str]:
    """Return the hashes of these ids in every spelling: with each platform's prefix, as given and in lower case."""
    spelled = {f"{prefix}{word}" for one in ids for word in (one, one.lower()) for prefix in table()["prefixes"]}
    return {values.digest(key, word.encode()) for word in spelled}

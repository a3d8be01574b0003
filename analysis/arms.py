"""The run matrix: what differs between a run and the base run, read from what the researcher wrote in run.toml.

`arm` in a run's settings says what was changed from the run with `arm = "base"`; the words are those of identity.toml.
Everything else is then the same. Besides, two runs differ in the device, user, tenant or installation when both name
one (`device`, `account`, `tenant` of run.toml, `install` and `session` of its settings) in different words. Without
`arm`, the same words mean the same thing, unless they are masked, and what is not named may be the same or not. Runs of
different apps or platforms are not compared; a new version of an app may have begun a new installation.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from portalscope.analysis import wordings

NAMED = {"device": "device", "account": "user", "tenant": "tenant"}  # column of the runs table -> factor
SETTINGS = ("install", "session")  # settings of the same name as the factor
ORDER = {"base": 0, "repeat": 1, "": 2}  # which run the others are compared with; one with a changed factor comes last
MASK = "{"  # of a masked word nobody can say whether it is the same


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of a run: its position in the frames, arm (empty: none), app and so on, and words for factors."""

    run: int
    arm: str
    app: str
    platform: str
    version: str
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A run beside its base run: factors that `changed`, and those that `maybe` did. The others are the same."""

    base: int
    run: int
    changed: frozenset[str]
    maybe: frozenset[str]


def pairs(runs: pd.DataFrame) -> tuple[Pair, ...]:
    """Return the runs of each app and platform beside its base run: that with the arm `base`, or the nearest to it.

    Of several base runs the one that has the same device, user and tenant is taken.
    """
    groups: dict[tuple[str, str], list[About]] = {}
    for number, row in enumerate(runs.to_dict("records")):
        one = described(number, row)
        groups.setdefault((one.app, one.platform), []).append(one)
    return tuple(found for group in groups.values() for found in beside_base(group))


def beside_base(group: Sequence[About]) -> Iterator[Pair]:
    """Give the pairs of runs that can be compared."""
    first = min(group, key=lambda one: (ORDER.get(one.arm, len(ORDER)), one.run))
    others = [one for one in group if one.arm == "base" and one is not first]
    for run in group:
        if run is not first:
            yield pair(min([first, *(others if run not in others else ())], key=lambda base: distance(base, run)), run)


def distance(one: About, other: About) -> int:
    """Return in how many words two runs differ."""
    return sum(difference(one.words[name], other.words[name]) is True for name in one.words)


def described(number: int, row: Mapping[object, object]) -> About:
    """Return what a row of the runs table says."""
    settings: dict[str, str] = json.loads(str(row["settings"]))
    words = {factor: str(row[column]) for column, factor in NAMED.items()}
    words |= {name: str(settings.get(name, "")) for name in SETTINGS}
    arm = settings.get("arm", "")
    known = arm if arm in wordings.of("arm") else ""
    app, platform, version = (str(row[column]) for column in ("app", "platform", "app_version"))
    return About(run=number, arm=known, app=app, platform=platform, version=version, words=words)


def strange(runs: pd.DataFrame) -> Iterator[str]:
    """Say which runs name an arm that is none."""
    for name, settings in zip(runs["run"], runs["settings"], strict=True):
        arm = json.loads(settings).get("arm", "")
        if arm and arm not in wordings.of("arm"):
            yield f"run {name}: {arm!r} is not an arm; it is one of {', '.join(wordings.of('arm'))}"


def pair(base: About, other: About) -> Pair:
    """Return what differs. With arms at both, what is not named is the same; without, it may have changed."""
    words = {name: difference(base.words[name], other.words[name]) for name in wordings.of("factor")}
    changed = {name for name, differs in words.items() if differs}
    maybe: set[str] = set()
    if base.arm and other.arm:
        arms = [wordings.of("arm")[one.arm] for one in (base, other)]
        (maybe if base.arm == other.arm else changed).update(*(arm["changes"] for arm in arms))
        maybe.update(*(arm["maybe"] for arm in arms))
    else:
        maybe |= {name for name, differs in words.items() if differs is None}
    if base.version != other.version:
        maybe.add("install")
    changed_ = closure(changed)
    return Pair(base=base.run, run=other.run, changed=changed_, maybe=closure(maybe) - changed_)


def difference(one: str, other: str) -> bool | None:
    """Whether two words differ; None when one of them says nothing, or cannot be told because it is masked."""
    if not one or not other or (one == other and MASK in one):
        return None
    return one != other


def closure(factors: Iterable[str]) -> frozenset[str]:
    """Return factors with all that changes with them."""
    table = wordings.of("factor")
    return frozenset(factors).union(*(table[name]["implies"] for name in factors))

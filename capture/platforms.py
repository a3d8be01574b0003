"""How a device of each platform is prepared and recorded: the one source of `record --platform` and docs/how-to."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from portalscope.capture.endpoints import sources, vocabulary

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What to do, in one line for the terminal, and `more` of it in Markdown for the page."""

    do: str
    because: str
    source: str
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """A way to get the traffic: mitmproxy's mode, when to take it, the command."""

    mode: str
    when: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """What is known to stay closed, and where that is known from."""

    what: str
    says: str
    because: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A switch of the user or the organisation. `as_of` is the date of the page that says so."""

    name: str
    where: str
    who: str
    effect: str
    organisation: str
    source: str
    as_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Something worth a run of its own; `text` is Markdown."""

    name: str
    text: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """Everything that is known of recording on one platform."""

    id: str
    title: str
    intro: str
    steps: tuple[Step, ...]
    modes: tuple[Mode, ...]
    closed: tuple[Closed, ...]
    controls: tuple[Control, ...]
    scenes: tuple[Scene, ...] = ()

    def todo(self, authority: Path) -> list[str]:
        """Return the steps in one line each, with the path of the certificate."""
        return [step.do.format(ca=authority) for step in self.steps]


@cache
def platforms() -> Mapping[str, Platform]:
    """Read the platforms by their ids: android, ios, macos, windows."""
    tables = tomllib.loads((DATA / "platforms.toml").read_text("utf-8"))
    return {name: platform(name, table) for name, table in tables.items()}


def platform(name: str, table: Mapping[str, Any]) -> Platform:
    """Build one platform. TypeError: a key that is missing or does not belong there."""
    return Platform(
        id=name,
        title=table["title"],
        intro=table["intro"].strip(),
        steps=tuple(Step(**row) for row in table["steps"]),
        modes=tuple(Mode(**row) for row in table["modes"]),
        closed=tuple(Closed(**row) for row in table["closed"]),
        controls=tuple(Control(**row) for row in table["controls"]),
        scenes=tuple(Scene(**row) for row in table.get("scenes", ())),
    )


def faults() -> Iterator[str]:
    """Say which words and sources the table has that the closed lists do not."""
    reasons, known = vocabulary()["because"], sources()
    for one in platforms().values():
        said: list[Step | Closed] = [*one.steps, *one.closed]
        for row in said:
            if row.because not in reasons:
                yield f"platforms.toml: {one.id}: unknown because {row.because!r}"
        for source in (*(row.source for row in said), *(control.source for control in one.controls)):
            if source not in known:
                yield f"platforms.toml: {one.id}: unknown source {source!r}"

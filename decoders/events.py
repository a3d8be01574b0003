"""Records in a body: where they are, what they are called, when they were made."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from portalscope.decoders.adapters import Layout
from portalscope.decoders.message import NOTHING, Event, Field, Missing, Tree
from portalscope.decoders.tree import at

_DOTNET = re.compile(r"/Date\((-?\d{1,18})")
_EPOCHS = (  # smallest number of that unit that counts, units in a second, the unit's epoch
    (5 * 10**17, 10**7, datetime(1, 1, 1, tzinfo=UTC)),  # .NET ticks
    (10**17, 10**7, datetime(1601, 1, 1, tzinfo=UTC)),  # FILETIME
    (10**14, 10**6, datetime(1970, 1, 1, tzinfo=UTC)),
    (10**11, 10**3, datetime(1970, 1, 1, tzinfo=UTC)),
    (10**8, 1, datetime(1970, 1, 1, tzinfo=UTC)),
)


def split(tree: Tree | Missing, events: str) -> tuple[list[tuple[str, Tree]], Tree | Missing]:
    """Return the records with their paths, and the body without them; `events` is `[]` or `key[]`."""
    if not events or isinstance(tree, Missing):
        return [], tree
    key = events.removesuffix("[]")
    found = at(tree, key) if key else tree
    if not isinstance(found, list):
        return ([("", tree)], NOTHING) if not key and isinstance(tree, dict) else ([], tree)
    records = [(f"{key}[{i}]", record) for i, record in enumerate(found)]
    rest = {k: v for k, v in tree.items() if k != key} if isinstance(tree, dict) else {}
    return records, rest or NOTHING


def record_event(index: int, record: Tree, fields: tuple[Field, ...], layout: Layout) -> Event:
    """One record as an event."""
    raw = text(record, layout.time)
    level = text(record, layout.level)
    return Event(
        index=index,
        kind="record",
        name=text(record, layout.name) or "(no name)",
        fields=fields,
        time=when(raw),
        time_raw=raw,
        schema=text(record, layout.schema),
        level=int(level) if level.isdigit() and len(level) < 6 else None,
    )


def text(record: Tree, paths: Sequence[str]) -> str:
    """The first of these fields that is there, as text."""
    found = (at(record, path) for path in paths)
    return next((str(value) for value in found if isinstance(value, str | int | float) and value != ""), "")


def when(raw: str) -> datetime | None:
    """A sender's time in UTC, cut to microseconds: ISO 8601, Unix s/ms/µs, .NET ticks, FILETIME, `/Date(ms)/`."""
    try:
        if found := _DOTNET.match(raw):
            raw = found[1]
        if raw.isdigit():
            return counted(int(raw))
        time = datetime.fromisoformat(raw) if raw else None
        return time.replace(tzinfo=UTC) if time and time.tzinfo is None else time and time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def counted(number: int) -> datetime | None:
    """A number of units since an epoch; which, the size of the number says."""
    for least, units, epoch in _EPOCHS:
        if number >= least:
            return epoch + timedelta(seconds=number // units, microseconds=number % units * 10**6 // units)
    return None

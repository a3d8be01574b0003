"""An event that a device keeps a copy of: an exchange with nobody, since no upload of it was seen."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from portalscope.capture.exchange import Exchange, Headers
from portalscope.capture.problem import Problem

HOST = "local-transcript"  # stands where the name of a server stands: there was none
METHOD = "TRANSCRIPT"
UNPROVEN = "seen on the device; its upload is not proven"
NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # of an event that says no time; a problem says so too

STATED = re.compile(rb'"time"\s*:\s*"([0-9T:.Z+-]{10,40})"')  # the envelope of Common Schema begins ver, name, time


def stored(
    body: bytes, about: Headers, *, run: str, where: str, path: str, at: datetime | None
) -> Iterator[Exchange | Problem]:
    """Yield the exchange for one stored event, and what it lacks.

    `body` is the payload exactly as it is stored, `about` what the store says of it. Without `at` the time is the one
    that the payload says.
    """
    known = at or stated(body)
    yield Exchange(
        id=where,
        run=run,
        at=known or NO_TIME,
        method=METHOD,
        scheme="local",
        host=HOST,
        port=0,
        path=path,
        headers=about,
        body=body,
        error=UNPROVEN,
    )
    if not body:
        yield lacks(where, "an event without payload")
    if known is None:
        yield lacks(where, "the event says no time with a time zone")


def stated(payload: bytes) -> datetime | None:
    """Return the time that a payload says first, None if it says none with a time zone."""
    found = STATED.search(payload[:4096])
    return moment(found[1].decode()) if found else None


def moment(iso: str) -> datetime | None:
    """Return the UTC time of ISO 8601, None for anything else and for a time without time zone."""
    try:
        at = datetime.fromisoformat(iso)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def lacks(where: str, why: str) -> Problem:
    """Return the problem of one event."""
    return Problem(exchange=where, part="body", step="transcript", why=why)

"""Events of the corpus: Common Schema 4.0, as the Android SDK of 1DS builds them."""

import random
import uuid
from collections.abc import Callable

KINDS = 250
NAMES = 3470  # with the envelope 3,494 paths
AREAS = ("state", "count", "screen", "error", "policy", "duration", "cached", "sync")
# How often a kind of value stands in a field, of 100; with the envelope, a quarter of all values are new ones.
VALUES: dict[str, int] = {
    "word": 24,
    "flag": 16,
    "few": 12,
    "many": 12,
    "seconds": 8,
    "guid": 16,
    "time": 8,
    "session": 4,
}

MAKE: dict[str, Callable[[random.Random], object]] = {
    "word": lambda dice: dice.choice(("Success", "NotStarted", f"state {dice.randint(0, 30)}", "Enrolled", "none")),
    "flag": lambda dice: dice.random() < 0.5,
    "few": lambda dice: dice.randint(0, 40),
    "many": lambda dice: dice.randint(0, 10**6),
    "seconds": lambda dice: round(dice.random() * 100, 3),
    "guid": lambda dice: guid(dice),  # noqa: PLW0108 – defined below
    "time": lambda dice: moment(dice),  # noqa: PLW0108 – defined below
    "session": lambda dice: str(uuid.UUID(int=1 << 100 | dice.randint(1, 40))),
}


def BUILDS(dice: random.Random) -> list[dict[str, str]]:  # noqa: N802
    """The kinds of events: for each its fields, with the kind of value that stands there."""
    kinds = dice.choices(list(VALUES), list(VALUES.values()), k=NAMES)
    every = [(f"{AREAS[number % len(AREAS)]}{number}", kind) for number, kind in enumerate(kinds)]
    return [dict(dice.sample(every, dice.randint(19, 59))) for _ in range(KINDS)]


def event(dice: random.Random, builds: list[dict[str, str]]) -> dict[str, object]:
    """One event."""
    build = dice.randrange(len(builds))
    return {
        "ver": "4.0",
        "name": f"CompanyPortal.Event{build}",
        "time": moment(dice),
        "iKey": "o:0123456789abcdef0123456789abcdef",
        "ext": {
            "app": {
                "id": "A:com.microsoft.windowsintune.companyportal",
                "ver": "5.0.6152.0",
                "sesId": str(uuid.UUID(int=1 << 99 | dice.randint(1, 40))),
            },
            "device": {"localId": f"a:{dice.randint(1, 5):016x}", "make": "Google", "model": "Pixel 7"},
            "os": {"name": "Android", "ver": "14"},
            "user": {"locale": "nl-NL", "localId": f"u:{dice.randint(1, 5):08x}"},
            "sdk": {
                "ver": "EVT-Android-C++-No-3.10.173.1",
                "seq": dice.randint(1, 99999),
                "epoch": "1795410",
                "installId": "0f8fad5b-d9cb-469f-a165-70867728950e",
            },
            "net": {"type": "Wifi", "cost": "Unmetered"},
            "loc": {"tz": "+01:00"},
        },
        "data": {name: MAKE[kind](dice) for name, kind in builds[build].items()},
    }


def guid(dice: random.Random) -> str:
    """A random GUID."""
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))


def moment(dice: random.Random) -> str:
    """A time in milliseconds, as the SDK writes it."""
    day, hour, minute, second = dice.randint(10, 28), dice.randint(10, 23), dice.randint(10, 59), dice.randint(10, 59)
    return f"2026-11-{day}T{hour}:{minute}:{second}.{dice.randint(100, 999)}Z"

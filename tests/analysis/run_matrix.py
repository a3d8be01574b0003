"""SYNTHETIC runs: invented identifiers of a known scope in invented requests. Nothing in here was ever captured.

A run is a list of requests; a request is a host, a path and the leaves of its events. `matrix` makes the runs of a run
matrix, in which every identifier changes exactly when its scope says so.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from portalscope.analysis.dataset import Writer
from portalscope.analysis.where import locate
from portalscope.capture.endpoints import load_endpoints
from portalscope.capture.exchange import Connection, Exchange
from portalscope.capture.problem import Problem
from portalscope.capture.run import Run
from portalscope.decoders.finding import Evidence, Finding
from portalscope.decoders.message import Account, Event, Field, Message

KEY = bytes(range(32))
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EVENTS, GRAPH, THIRD = "mobile.events.data.microsoft.com", "graph.microsoft.com", "app.adjust.com"
CATEGORY = dict.fromkeys(("D1", "C1", "L1"), "personal") | dict.fromkeys(("D2", "D3", "D4"), "pseudonymous")
CATEGORY |= {"B1": "behaviour", "S1": "secret", "U1": "unknown"}

# what each run of the matrix has: two runs with the same number share it; every run is a session of its own
STATE = {
    "base": {"session": 0, "install": 0, "device": 0, "user": 0, "tenant": 0},
    "repeat": {"session": 1, "install": 0, "device": 0, "user": 0, "tenant": 0},
    "session": {"session": 2, "install": 0, "device": 0, "user": 0, "tenant": 0},
    "reinstall": {"session": 3, "install": 1, "device": 0, "user": 0, "tenant": 0},
    "device": {"session": 4, "install": 2, "device": 1, "user": 0, "tenant": 0},
    "user": {"session": 5, "install": 0, "device": 0, "user": 1, "tenant": 0},
    "tenant": {"session": 6, "install": 0, "device": 0, "user": 2, "tenant": 1},
    "toggle_off": {"session": 7, "install": 0, "device": 0, "user": 0, "tenant": 0},
    "idle": {"session": 8, "install": 0, "device": 0, "user": 0, "tenant": 0},
}
SIX = ("base", "session", "reinstall", "device", "user", "tenant")
DEPENDS = {
    "request": ("session", "request"),
    "session": ("session",),
    "install": ("install",),
    "user+device": ("user", "device"),
    "device": ("device",),
    "user": ("user",),
    "tenant": ("tenant",),
    "constant": (),
}
NINE = {
    "body:requestId": "request",
    "body:sessionId": "session",
    "body:installId": "install",
    "body:profileId": "user+device",
    "body:hardwareId": "device",
    "body:objectId": "user",
    "body:sdkUserId": "user",
    "body:tenantId": "tenant",
    "body:appId": "constant",
}


@dataclass(frozen=True, kw_only=True)
class Said:
    """A leaf's judgement: property, class, level and reason; `planted` is the name and form of a planted value."""

    is_: str = "otherIdentifiers"
    code: str = "D3"
    level: str = "H2"
    because: str = "value shape"
    planted: str = ""

    @property
    def finding(self) -> Finding:
        detail = f"planted {self.planted}" if self.planted else ""
        because = "planted" if self.planted else self.because
        ground = Evidence(level=self.level, because=because, property=self.is_, code=self.code, detail=detail)
        return Finding(
            property=self.is_,
            code=self.code,
            category=CATEGORY.get(self.code, "technical"),
            candidate=self.level in {"H1", "H2"},
            evidence=() if self.code == "U1" else (ground,),
        )


GUESS = Said()
UPN = Said(is_="upn", code="D1", level="E1", planted="upn, plain")

type Leaves = Mapping[str, tuple[str, Said]]


@dataclass(frozen=True, kw_only=True)
class Request:
    """One exchange: leaves of the request, of each record, and of the answer, by `part:path`."""

    host: str = EVENTS
    path: str = "/collect"
    request: Leaves = field(default_factory=dict)
    records: Sequence[Leaves] = ()
    response: Leaves = field(default_factory=dict)
    unread: int = 0
    status: int | None = 200


def value(name: str, *state: object) -> str:
    """An invented identifier: 32 hexadecimal digits that depend on its name and the state of the run."""
    return hashlib.sha256(repr((name, state)).encode()).hexdigest()[:32]


def events(request: Request) -> list[tuple[Event, tuple[Finding, ...]]]:
    """The request's events with their findings."""
    parts = [("request", request.request), *(("record", leaves) for leaves in request.records)]
    if request.status is not None:
        parts.append(("response", request.response))
    found = []
    for index, (kind, leaves) in enumerate(parts):
        fields = tuple(leaf(key, text) for key, (text, _) in leaves.items())
        event = Event(index=index, kind=kind, name=f"Synthetic{index}", fields=fields)  # type: ignore[arg-type]
        found.append((event, tuple(said.finding for _, said in leaves.values())))
    return found


def leaf(key: str, text: str) -> Field:
    """A leaf; a number in brackets is a position in a list."""
    part, _, path = key.partition(":")
    shape = "".join("[]" if bit.isdigit() else bit for bit in path.replace("]", "[").split("["))
    return Field(part=part, path=path, shape=shape, value=text, depth=path.count("|"))  # type: ignore[arg-type]


def write(dataset: Path, run: Run, requests: Iterable[Request], closed: Sequence[str] = ()) -> None:
    """Write one synthetic run; `closed` are hosts whose connections could not be read."""
    known = load_endpoints()
    with Writer(dataset, run, knowledge="synthetic", key=KEY) as writer:
        for number, request in enumerate(requests):
            one = Exchange(
                id=f"synthetic#{number}", run=run.id, at=AT + timedelta(seconds=number), method="POST", scheme="https",
                host=request.host, port=443, path=request.path, query="", status=request.status,
            )  # fmt: skip
            found = events(request)
            lost = Problem(exchange=one.id, part="body", step="json", why="synthetic", rest=bytes(request.unread))
            message = Message(
                exchange=one.id,
                adapter="synthetic",
                events=tuple(event for event, _ in found),
                problems=(lost,) if request.unread else (),
                accounts={"body": Account(wire=9, size=request.unread, decoded=0, unread=request.unread)},
            )
            writer.exchange(one, message, tuple(findings for _, findings in found))
        for host in closed:
            why = "tls failed: the client does not trust the certificate"
            writer.connection(
                Connection(id=f"c#{host}", run=run.id, at=AT, transport="tls", host=host, port=443, opaque_because=why)
            )
        for place in writer.destinations.all():
            where = locate(place.host, place.server_ip, place.cnames)
            writer.endpoint(place, known.find(place.host), where)


def matrix(dataset: Path, arms: Iterable[str] = SIX, fields: Mapping[str, str] = NINE, requests: int = 4) -> None:
    """Write a run matrix with these arms: every run sends some requests that hold all of the fields."""
    for arm in arms:
        state = STATE[arm]
        run = Run(id=arm, app="synthetic", settings={"arm": arm})
        write(dataset, run, [Request(path=f"/p{n}", records=[leaves(fields, state, n)]) for n in range(requests)])


def leaves(fields: Mapping[str, str], state: Mapping[str, int], number: int) -> Leaves:
    """The fields in one request of a run."""
    now = {**state, "request": number}
    return {key: (value(key, *(now[name] for name in DEPENDS[scope])), GUESS) for key, scope in fields.items()}

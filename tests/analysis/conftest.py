"""One small run of hand-made messages and findings, with an e-mail address wherever one could slip through."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portalscope.analysis.dataset import Findings, Writer
from portalscope.analysis.where import locate
from portalscope.capture.endpoints import load_endpoints
from portalscope.capture.exchange import Connection, Exchange, Step
from portalscope.capture.problem import Problem
from portalscope.capture.run import Run
from portalscope.decoders.finding import Evidence, Finding
from portalscope.decoders.message import Account, Event, Field, Message, Scalar, Tag

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EMAIL = "anna.honeypot@contoso-honey.example"
FORMULA = '=HYPERLINK("http://evil.example","click")'
MARKUP = "<script>alert(1)</script>"
KEY = bytes(range(32))


def ground(level: str, because: str, property: str, code: str, source: str = "", detail: str = "") -> Evidence:  # noqa: A002
    return Evidence(level=level, because=because, property=property, code=code, source=source, detail=detail)


UPN = Finding(
    property="upn",
    code="D1",
    category="personal",
    evidence=(
        ground("E1", "planted", "upn", "D1", detail=f"planted upn, plain, not {EMAIL}"),
        ground("E2", "sender's tag", "upn", "D1", detail="pii 10"),
    ),
)
DEVICE = Finding(
    property="deviceId",
    code="D3",
    category="pseudonymous",
    evidence=(ground("E5", "source code", "deviceId", "D3", "cpp-sdk"),),
)
NAME = Finding(
    property="eventName",
    code="B1",
    category="behaviour",
    evidence=(ground("E3", "documented", "eventName", "B1", "cs"),),
)
VERSION = Finding(
    property="sdkVersion",
    code="N1",
    category="technical",
    evidence=(ground("E3", "documented", "sdkVersion", "N1", "cs"),),
)
GUESS = Finding(
    property="deviceName",
    code="Q1",
    category="technical",
    candidate=True,
    evidence=(ground("H1", "obvious name", "deviceName", "Q1"),),
)
TOKEN = Finding(
    property="accessToken",
    code="S1",
    category="secret",
    evidence=(ground("E3", "documented", "accessToken", "S1", "cs"),),
)
EMPTY = Finding(
    property="deviceId", code="N1", category="technical", evidence=(ground("H2", "sentinel", "deviceId", "N1"),)
)
UNKNOWN = Finding(property="unknown", code="U1", category="unknown")


def leaf(key: str, value: Scalar, *tags: Tag, depth: int = 0, opened: bool = False) -> Field:
    part, _, path = key.partition(":")
    shape = path.replace("[0]", "[]").replace("[1]", "[]")
    return Field(part=part, path=path, shape=shape, value=value, tags=tags, depth=depth, opened=opened)  # type: ignore[arg-type]


def exchange(number: int, run: str, host: str = "mobile.events.data.microsoft.com", **more: object) -> Exchange:
    given: dict[str, object] = {
        "id": f"flows.mitm#{number}",
        "run": run,
        "at": AT,
        "method": "POST",
        "scheme": "https",
        "host": host,
        "port": 443,
        "path": f"/devices/{EMAIL}",
        "query": f"upn={EMAIL}",
        "body": b"x" * 100,
        "status": 200,
        "server_ip": "20.42.73.24",
        **more,
    }
    return Exchange(**given)  # type: ignore[arg-type]


def telemetry(found: Exchange, version: str = "3.1") -> tuple[Message, Findings]:
    """A request with two records and an answer; an e-mail address in path, key, event name, reason and value."""
    request = {
        leaf("path:literal", "/devices/{user}"): VERSION,
        leaf("path:user", EMAIL): UPN,
        leaf("query:upn", EMAIL): UPN,
        leaf("header:authorization", "Bearer s3cr3t"): TOKEN,
        leaf("cookie:empty", ""): EMPTY,
    }
    first = {
        leaf("body:[0].name", "Start"): NAME,
        leaf("body:[0].ext.device.localId", "c:1234"): DEVICE,
        leaf(f"body:[0].users.{EMAIL}", FORMULA, Tag(scheme="pii", code=10)): GUESS,
        leaf("body:[0].nil", None): EMPTY,
        leaf("body:[0].odd", MARKUP): UNKNOWN,
    }
    second = {
        leaf("body:[1].name", "Stop"): NAME,
        leaf("body:[1].ext.device.localId", "c:1234"): DEVICE,
        leaf("body:[1].ver", version): VERSION,
        leaf("body:[1].count", 1): UNKNOWN,
        leaf("body:[1].flag", True): UNKNOWN,
        leaf("body:[1].raw", b"\xff\x00"): UNKNOWN,
    }
    answer = {leaf("response:token", "s3cr3t"): TOKEN, leaf("response:upn", EMAIL): UPN}
    parts = [
        ("request", "Telemetry", request),
        ("record", "Start", first),
        ("record", f"Stop {EMAIL}", second),
        ("response", "200", answer),
    ]
    events = tuple(
        Event(index=i, kind=kind, name=name, fields=tuple(leaves), time=AT, time_raw="2026-03-01T12:00:00Z", level=1)  # type: ignore[arg-type]
        for i, (kind, name, leaves) in enumerate(parts)
    )
    problem = Problem(exchange=found.id, part="body", step="json", why=f"stopped at {EMAIL}", rest=b"\x00\x01\x02")
    message = Message(
        exchange=found.id,
        adapter="onecollector",
        events=events,
        problems=(problem,),
        accounts={
            "body": Account(wire=100, size=203, decoded=200, unread=3),
            "response": Account(wire=20, size=20, decoded=20, unread=0),
        },
    )
    return message, tuple(tuple(leaves.values()) for *_, leaves in parts)


def write(dataset: Path, run: str, exchanges: list[Exchange], version: str = "3.1", **more: object) -> None:
    """Write one run of these exchanges, one closed connection and one step."""
    described = Run(id=run, label=f"Run {run}", started=AT, app="Company Portal", planted={"upn": (EMAIL,)})
    known = load_endpoints()
    with Writer(dataset, described, knowledge="abc", key=KEY, **more) as writer:  # type: ignore[arg-type]
        for one in exchanges:
            writer.exchange(one, *telemetry(one, version))
        closed = {"host": "settings-win.data.microsoft.com", "port": 443, "ip": "51.104.136.2"}
        why = "tls failed: the client does not trust the certificate"
        writer.connection(
            Connection(id="c#1", run=run, at=AT, transport="tls", opaque_because=why, sent=500, **closed)  # type: ignore[arg-type]
        )
        writer.step(Step(run=run, at=AT, name=f"signed in as {EMAIL}"))
        for place in writer.destinations.all():
            where = locate(place.host, place.server_ip, place.cnames)
            writer.endpoint(place, known.find(place.host), where)


@pytest.fixture(scope="session")
def write_run() -> Callable[..., None]:
    return write


@pytest.fixture(scope="session")
def make_exchange() -> Callable[..., Exchange]:
    return exchange


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset with two runs, `a` of two requests and `b` of one."""
    path: Path = tmp_path_factory.mktemp("out") / "dataset"
    write(path, "a", [exchange(1, "a"), exchange(2, "a", error=f"gone {EMAIL}", status=None, server_ip=None)])
    write(path, "b", [exchange(1, "b", host="eu-mobile.events.data.microsoft.com", server_ip="20.50.88.235")], "3.2")
    return path

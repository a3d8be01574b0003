"""The corpus: flow files made once, the same for every run. Synthetic bodies, in the forms that real SDKs send."""

import gzip
import json
import random
import uuid
from collections.abc import Iterator
from pathlib import Path

from mitmproxy.http import Headers, HTTPFlow, Request, Response
from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow

SHAPES = 250
HOSTS = ("mobile.events.data.microsoft.com", "eu-mobile.events.data.microsoft.com", "browser.events.data.microsoft.com")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(600)


def dense(count: int, seed: int = 7) -> Iterator[HTTPFlow]:
    """Telemetry at its densest: gzip'd batches of 5–50 Common Schema events with 40–80 leaves each."""
    dice = random.Random(seed)
    shapes = [names(dice) for _ in range(SHAPES)]
    for _ in range(count):
        lines = "\n".join(json.dumps(event(dice, shapes)) for _ in range(dice.randint(5, 50)))
        yield telemetry(dice, lines.encode())


def mixed(count: int, seed: int = 11) -> Iterator[HTTPFlow]:
    """What an inspection sees: small requests, pictures, sign-in, SyncML, and telemetry now and then."""
    dice = random.Random(seed)
    shapes = [names(dice) for _ in range(SHAPES)]
    for number in range(count):
        kind = number % 10
        if kind == 0:
            lines = "\n".join(json.dumps(event(dice, shapes)) for _ in range(dice.randint(1, 6)))
            yield telemetry(dice, lines.encode())
        elif kind < 3:
            client = uuid.UUID(int=dice.getrandbits(128))
            form = f"client_id={client}&scope=openid&grant_type=refresh_token&refresh_token={'a' * 900}"
            yield flow(
                "login.microsoftonline.com",
                "/common/oauth2/v2.0/token",
                form.encode(),
                "application/x-www-form-urlencoded",
            )
        elif kind < 5:
            yield flow(
                "r.manage.microsoft.com",
                "/devicegatewayproxy/cimhandler.ashx",
                syncml(dice),
                "application/vnd.syncml.dm+xml",
            )
        elif kind < 7:
            yield flow("portal.manage.microsoft.com", f"/img/{number}.png", b"", "", PNG, "image/png")
        else:
            answer = json.dumps({"value": [{"id": dice.random(), "name": "n"} for _ in range(6)]}).encode()
            yield flow("graph.microsoft.com", "/v1.0/me", b"", "", answer, "application/json")


def names(dice: random.Random) -> list[str]:
    """The field names of one shape of event."""
    return [
        f"{dice.choice(('state', 'count', 'screen', 'error', 'policy'))}{dice.randint(0, 4000)}"
        for _ in range(dice.randint(22, 62))
    ]


def event(dice: random.Random, shapes: list[list[str]]) -> dict[str, object]:
    """One Common Schema 4.0 event."""
    shape = dice.randrange(len(shapes))
    data = {name: value(dice, n) for n, name in enumerate(shapes[shape])}
    return {
        "ver": "4.0",
        "name": f"CompanyPortal.Event{shape}",
        "time": f"2026-11-2{dice.randint(0, 9)}T10:{dice.randint(10, 59)}:00.{dice.randint(100, 999)}Z",
        "iKey": "o:0123456789abcdef0123456789abcdef",
        "ext": {
            "app": {
                "id": "A:com.microsoft.windowsintune.companyportal",
                "ver": "5.0.6152.0",
                "sesId": str(dice.randint(1, 40)),
            },
            "device": {"localId": f"a:{dice.randint(1, 5):016x}"},
            "os": {"name": "Android", "ver": "14"},
            "user": {"locale": "nl-NL", "localId": f"u:{dice.randint(1, 5)}"},
            "sdk": {
                "ver": "EVT-Android-C++-No-3.10.173.1",
                "seq": dice.randint(1, 9999),
                "installId": "0f8fad5b-d9cb-469f-a165-70867728950e",
            },
            "net": {"type": "Wifi", "cost": "Unmetered"},
            "loc": {"tz": "+01:00"},
        },
        "data": data,
    }


def value(dice: random.Random, number: int) -> object:
    """A value: text of few kinds, numbers, booleans, sometimes a GUID."""
    kind = number % 6
    if kind == 0:
        return str(uuid.UUID(int=dice.getrandbits(128)))
    return (dice.randint(0, 10**6), dice.random() < 0.5, f"state {dice.randint(0, 30)}", dice.random(), "Success")[
        kind - 1
    ]


def syncml(dice: random.Random) -> bytes:
    """A check-in message."""
    items = "".join(
        f"<Item><Source><LocURI>./DevDetail/Ext/Item{n}</LocURI></Source><Data>{dice.randint(0, 999)}</Data></Item>"
        for n in range(12)
    )
    body = f"<SyncBody><Replace><CmdID>2</CmdID>{items}</Replace><Final/></SyncBody>"
    return f'<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD></SyncHdr>{body}</SyncML>'.encode()


def telemetry(dice: random.Random, lines: bytes) -> HTTPFlow:
    """A batch to a collector."""
    return flow(
        dice.choice(HOSTS),
        "/OneCollector/1.0/",
        gzip.compress(lines, 6, mtime=0),
        "application/x-json-stream",
        b'{"acc": 1}',
        "application/json",
        "gzip",
    )


def flow(
    host: str, path: str, body: bytes, kind: str, answer: bytes = b"", answer_kind: str = "", packed: str = ""
) -> HTTPFlow:
    """One exchange as mitmproxy keeps it."""
    headers = Headers(
        ((b"content-type", kind.encode()), (b"content-encoding", packed.encode()), (b"user-agent", b"okhttp/4.9"))
    )
    made = tflow.tflow(
        req=Request(
            host,
            443,
            b"POST" if body else b"GET",
            b"https",
            b"",
            path.encode(),
            b"HTTP/2.0",
            headers,
            body,
            None,
            1.7e9,
            1.7e9,
        ),
        resp=Response(
            b"HTTP/2.0", 200, b"OK", Headers(((b"content-type", answer_kind.encode()),)), answer, None, 1.7e9, 1.7e9
        ),
    )
    made.server_conn.peername = ("20.42.73.24", 443)
    return made


def make(folder: Path, name: str, count: int) -> Path:
    """The flow file of that corpus, made when it is not there."""
    path = folder / f"{name}-{count}.mitm"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        with draft.open("wb") as file:
            writer = FlowWriter(file)
            for one in {"dense": dense, "mixed": mixed}[name](count):
                writer.add(one)
        draft.rename(path)
    return path

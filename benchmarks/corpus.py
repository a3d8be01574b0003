"""The corpus: flow files made once, the same for every run. Synthetic bodies, in the forms that real SDKs send.

`dense`: 1,300 leaves a flow, in batches of 5–50 events with 40–80 leaves, of 250 kinds with 3,494 paths; of ten flows
one or two are Bond, XML or tokens. `mixed`: what an inspection sees. Connections, certificates and the headers of the
batches are those of a real recording (`samples/ort132`), Bond records those of a real SDK (`tests/data`). A quarter of
the values of a batch are seen for the first time; in the recordings that come with this project it is 13 to 28 %.
"""

import base64
import gzip
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from mitmproxy.http import Headers, HTTPFlow, Request, Response
from mitmproxy.io import FlowReader, FlowWriter

from benchmarks.events import BUILDS, event, guid
from portalscope.capture.inspection import create_run
from portalscope.capture.run import Run

ROOT = Path(__file__).parent.parent
HOSTS = ("mobile.events.data.microsoft.com", "eu-mobile.events.data.microsoft.com", "browser.events.data.microsoft.com")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(600)
PLANTED = {
    "upn": ("b.vermeer@contoso.example",),
    "device name": ("VERMEER-PIXEL-7",),
    "phone": ("+31 6 55512345",),
    "entra object id": ("6f1d2c3b-8a97-4e5d-b0c1-2f3e4d5c6b7a",),
    "serial": ("R58M4209XKD",),
    "mac": ("a4:50:46:9c:1e:77",),
    "imei": ("356938035643809",),
    "wifi": ("Vermeer-thuis-5G",),
}

type Body = tuple[bytes, str]


def dense(count: int, dice: random.Random) -> Iterator[HTTPFlow]:
    """Telemetry at its densest."""
    record = (ROOT / "tests" / "data" / "record-cs4-all-kinds.bin").read_bytes()
    builds = BUILDS(dice)
    for _ in range(count):
        kind = dice.random()
        events = dice.randint(5, 50)
        if kind < 0.7:
            yield telemetry(dice, (batch(dice, builds, events), "application/x-json-stream; charset=utf-8"))
        elif kind < 0.77:
            yield telemetry(dice, (record * events, "application/bond-compact-binary"))
        else:
            yield check_in(dice, 80) if kind < 0.88 else sign_in(dice)


def mixed(count: int, dice: random.Random) -> Iterator[HTTPFlow]:
    """What an inspection sees: small requests, pictures, sign-in, SyncML, and telemetry now and then."""
    builds = BUILDS(dice)
    for number in range(count):
        kind = number % 10
        if kind == 0:
            yield telemetry(dice, (batch(dice, builds, dice.randint(1, 6)), "application/x-json-stream; charset=utf-8"))
        elif kind < 3:
            yield sign_in(dice)
        elif kind < 5:
            yield check_in(dice, 12)
        elif kind < 7:
            yield flow("portal.manage.microsoft.com", f"/img/{number}.png", (b"", ""), (PNG, "image/png"))
        else:
            users = [{"id": guid(dice), "displayName": f"Device {dice.randint(1, 40)}"} for _ in range(6)]
            answer = json.dumps(
                {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#devices", "value": users}
            )
            yield flow("graph.microsoft.com", "/v1.0/me/devices", (b"", ""), (answer.encode(), "application/json"))


def batch(dice: random.Random, builds: list[dict[str, str]], events: int) -> bytes:
    """Common Schema events, one a line."""
    return "\n".join(json.dumps(event(dice, builds), separators=(",", ":")) for _ in range(events)).encode()


def telemetry(dice: random.Random, body: Body) -> HTTPFlow:
    """A batch to a collector, packed; every third one with the tickets of a signed-in user."""
    more = {
        "client-id": "NO_AUTH",
        "content-encoding": "gzip",
        "sdk-version": "EVT-Android-C++-No-3.10.173.1",
        "upload-time": str(1795410696000 + dice.randint(0, 10**7)),
        "apikey": "0123456789abcdef0123456789abcdef-01234567-89ab-cdef-0123-456789abcdef-7001",
    }
    if dice.random() < 0.3:
        more["tickets"] = json.dumps({"1": f"d:{base64.b64encode(dice.randbytes(1200)).decode()}"})
    packed = (gzip.compress(body[0], 6, mtime=0), body[1])
    return flow(dice.choice(HOSTS), "/OneCollector/1.0/", packed, (b'{"acc": 1}', "application/json"), more)


def sign_in(dice: random.Random) -> HTTPFlow:
    """A token request and its answer."""
    form = (
        f"client_id={guid(dice)}&scope=openid%20profile&grant_type=refresh_token&refresh_token=0.A{secret(dice, 690)}"
    )
    claims = {"aud": guid(dice), "iat": dice.randint(17 * 10**8, 18 * 10**8), "name": "B. Vermeer", "oid": guid(dice)}
    token = ".".join((encoded(b'{"typ":"JWT","alg":"RS256"}'), encoded(json.dumps(claims).encode()), secret(dice, 256)))
    answer = {"token_type": "Bearer", "expires_in": 3599, "id_token": token, "refresh_token": f"0.A{secret(dice, 690)}"}
    kind = "application/x-www-form-urlencoded"
    said = (json.dumps(answer).encode(), "application/json; charset=utf-8")
    return flow("login.microsoftonline.com", "/common/oauth2/v2.0/token", (form.encode(), kind), said)


def secret(dice: random.Random, size: int) -> str:
    """A token of so many random bytes."""
    return encoded(dice.randbytes(size))


def encoded(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def check_in(dice: random.Random, items: int) -> HTTPFlow:
    """A SyncML session: results of queries, and the next command."""
    said = "".join(
        f"<Item><Source><LocURI>./DevDetail/Ext/Item{n}</LocURI></Source><Data>{dice.randint(0, 999)}</Data></Item>"
        for n in range(items)
    )
    answer = "<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd><Data>200</Data></Status>"
    kind = "application/vnd.syncml.dm+xml"
    bodies = (
        (syncml(f"<Replace><CmdID>2</CmdID>{said}</Replace>"), kind),
        (syncml(answer), kind),
    )
    return flow("r.manage.microsoft.com", "/devicegatewayproxy/cimhandler.ashx", *bodies)


def syncml(commands: str) -> bytes:
    """One message."""
    head = "<SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto><SessionID>1</SessionID></SyncHdr>"
    return f'<SyncML xmlns="SYNCML:SYNCML1.2">{head}<SyncBody>{commands}<Final/></SyncBody></SyncML>'.encode()


def flow(host: str, path: str, body: Body, answer: Body, more: dict[str, str] | None = None) -> HTTPFlow:
    """One exchange as mitmproxy keeps it: over the connections of a real recording."""
    made = template()
    headers = {"host": host, "accept": "*/*", "user-agent": "okhttp/4.9.3", "accept-encoding": "gzip", **(more or {})}
    made.request = Request(
        host, 443, b"POST" if body[0] else b"GET", b"https", b"", path.encode(), b"HTTP/2.0",
        fields(headers, body), body[0], None, 1.7e9, 1.7e9 + 0.01,
    )  # fmt: skip
    said = {"server": "Microsoft-HTTPAPI/2.0", "date": "Mon, 23 Nov 2026 05:11:36 GMT", "cache-control": "no-cache"}
    made.response = Response(b"HTTP/2.0", 200, b"OK", fields(said, answer), answer[0], None, 1.7e9 + 0.1, 1.7e9 + 0.11)
    return made


def fields(named: dict[str, str], body: Body) -> Headers:
    """Headers, with those of the body."""
    about = {"content-type": body[1], "content-length": str(len(body[0]))} if body[1] else {}
    return Headers(tuple((name.encode(), value.encode()) for name, value in (named | about).items()))


def template() -> HTTPFlow:
    """A real flow; its connections are kept."""
    with (ROOT / "samples" / "ort132" / "ort132.mitm").open("rb") as file:
        found = next(iter(FlowReader(file).stream()))
    assert isinstance(found, HTTPFlow)
    return found


def run_folder(path: Path) -> Path:
    """The flow file as a run of an inspection, with what was planted."""
    inspection = path.with_suffix("")
    if not (inspection / "bench" / path.name).exists():
        folder = create_run(inspection, "bench", Run(id="bench", planted=PLANTED))
        (folder / path.name).hardlink_to(path)
    return inspection / "bench"


CORPORA: dict[str, Callable[[int, random.Random], Iterator[HTTPFlow]]] = {"dense": dense, "mixed": mixed}


def make(folder: Path, name: str, count: int) -> Path:
    """The flow file of that corpus, made when it is not there."""
    path = folder / f"{name}-{count}.mitm"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        with draft.open("wb") as file:
            writer = FlowWriter(file)
            for one in CORPORA[name](count, random.Random(7)):
                writer.add(one)
        draft.rename(path)
    return path

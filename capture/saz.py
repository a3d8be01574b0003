"""Fiddler's session archives (SAZ): a ZIP with the raw request, the raw answer and some XML for each session.

Form: Telerik's page on Fiddler archives. Bits of the sessions: FiddlerCore, as read in fluxzy's SazPackager.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from portalscope.capture.as_sent import address
from portalscope.capture.exchange import Connection, Exchange, first
from portalscope.capture.har import PORTS, URL, version, when
from portalscope.capture.packets.authority import authority
from portalscope.capture.problem import Problem
from portalscope.capture.raw_message import RawMessage, raw_message
from portalscope.capture.stored_event import NO_TIME
from portalscope.capture.zip_parts import Archive, Part, names, salvaged

MEMBER = re.compile(r"raw[/\\]0*(\d{1,9})_([a-z])\.\w+")
HTTPS, DECRYPTED = 1, 0x2000  # bits of a session
DROPPED = {"body": 1 << 20, "response": 1 << 17}
OWN = "Fiddler - "  # how the reason of an answer begins that Fiddler made itself, because there was none
REQUEST, RESPONSE, ABOUT = "c", "s", "m"

type Found = dict[str, Part]


def is_saz(path: Path) -> bool:
    """Whether a ZIP archive is one of Fiddler's."""
    return any(map(MEMBER.fullmatch, names(path)))


def saz(path: Path, run: str) -> Iterator[Exchange | Connection | Problem]:
    """Yield the sessions of an archive, one in memory at a time; ids are `name#number of the session`.

    A tunnel is a connection: what Fiddler writes into its bodies nobody sent. Of an archive that is cut off the
    sessions are given that are in it.
    """
    for number, found in sessions(path):
        where = f"{path.name}#{number}" if number is not None else path.name
        for part in found.values():
            if part.why:
                yield broken(where, f"{part.name}: {part.why}")
        if number is not None:
            yield from session(found, run, where)


def sessions(path: Path) -> Iterator[tuple[int | None, Found]]:
    """Yield the number of each session with its files by letter; no number for what belongs to none."""
    try:
        archive = Archive(path)
    except zipfile.BadZipFile:
        yield None, {"": Part("the archive", b"", "it is cut off or damaged: what is in front of that is read")}
        yield from in_order(path)
        return
    with archive.file:
        members: dict[int, list[tuple[str, str]]] = {}
        for name in archive.found:
            if member := MEMBER.fullmatch(name):
                members.setdefault(int(member[1]), []).append((member[2], name))
        for number in sorted(members):
            yield number, {letter: archive.part(name) for letter, name in members[number]}


def in_order(path: Path) -> Iterator[tuple[int | None, Found]]:
    """Yield the sessions of an archive without directory; the files of one stand together."""
    present: int | None = None
    found: Found = {}
    with path.open("rb") as file:
        for part in salvaged(file):
            member = MEMBER.fullmatch(part.name)
            if not member:
                continue
            if present is not None and int(member[1]) != present:
                yield present, found
                found = {}
            present = int(member[1])
            found[member[2]] = part
    if found:
        yield present, found


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the XML of a session says: `bits`, times by name, flags by name in lower case."""

    bits: int = 0
    times: Mapping[str, datetime] = field(default_factory=dict)
    flags: Mapping[str, str] = field(default_factory=dict)


def session(found: Found, run: str, where: str) -> Iterator[Exchange | Connection | Problem]:
    """Yield what one session says, and what of it is not read."""
    for letter, part in found.items():
        if letter not in (REQUEST, RESPONSE, ABOUT):
            yield broken(where, f"{part.name}: messages of a WebSocket or stream are not read", part.data)
    about = read_about(found[ABOUT].data) if ABOUT in found else None
    if about is None:
        yield broken(where, "no times and addresses: the XML of the session is missing or damaged")
        about = About()
    request, answer = message(found.get(REQUEST)), message(found.get(RESPONSE))
    if request is None:
        yield broken(where, "a session without request", found[REQUEST].data if REQUEST in found else b"")
    elif request.start[0] == "CONNECT":
        yield tunnel(request, answer, about, run, where)
    else:
        yield from exchange(request, answer, about, run=run, where=where)


def message(part: Part | None) -> RawMessage | None:
    """Return the message in a file, None if it holds none."""
    try:
        return raw_message(part.data) if part and part.data.strip() else None
    except ValueError:
        return None


def read_about(xml: bytes) -> About | None:
    """Return what the XML of a session says, None if it cannot be read."""
    try:
        root = fromstring(xml)
        timers = {name: value for node in root.iter("SessionTimers") for name, value in node.items()}
        flags = {str(node.get("N", "")).lower(): str(node.get("V", "")) for node in root.iter("SessionFlag")}
        bits = int(root.get("BitFlags", 0))
    except (ParseError, DefusedXmlException, ValueError):
        return None
    return About(bits=bits, times=dict(times(timers)), flags=flags)


def times(timers: Mapping[str, str]) -> Iterator[tuple[str, datetime]]:
    """Give the points in time among the timers; the others are milliseconds, and the year 1 stands for none."""
    for name, value in timers.items():
        if "T" in value and not value.startswith("0001-"):
            try:
                yield name, when(value)
            except (ValueError, OverflowError):
                continue


def tunnel(request: RawMessage, answer: RawMessage | None, about: About, run: str, where: str) -> Connection:
    """Return the connection that a CONNECT asked for; whether Fiddler looked into it, the bits say."""
    host, port = authority(request.start[1])
    refused = None if answer and answer.start[1].startswith("2") else "no connection: refused"
    return Connection(
        id=where,
        run=run,
        at=begun(about),
        transport="tls",
        host=host,
        port=port or 443,
        ip=address(about.flags.get("x-hostip")),
        opaque_because=refused or (None if about.bits & DECRYPTED else "not intercepted"),
        source="proxy",
    )


def begun(about: About) -> datetime:
    """Return when a session began."""
    known = (about.times.get(name) for name in ("ClientBeginRequest", "ClientConnected", "ClientDoneRequest"))
    return next((at for at in known if at), NO_TIME)


def exchange(
    request: RawMessage, answer: RawMessage | None, about: About, *, run: str, where: str
) -> Iterator[Exchange | Problem]:
    """Yield the exchange of a session, and what its bodies lack."""
    scheme, host, port, path, query = target(request, about)
    failure = answer.start[2].removeprefix(OWN) if answer and answer.start[2].startswith(OWN) else ""
    real = answer if answer and not failure and answer.start[1].isdigit() else None
    at, end = begun(about), about.times.get("ServerDoneResponse")
    yield Exchange(
        id=where,
        run=run,
        at=at,
        method=request.start[0],
        scheme=scheme,
        host=host,
        port=port,
        path=path,
        query=query,
        http=version(request.start[2]),
        headers=request.headers,
        body=request.body,
        status=int(real.start[1]) if real else None,
        response_headers=real.headers if real else (),
        response_body=real.body if real else b"",
        server_ip=address(about.flags.get("x-hostip")),
        error=None if real else failure or "no answer in the recording",
        duration=(end - at).total_seconds() if end and at is not NO_TIME and end >= at else None,
    )
    for part, said in (("body", request), ("response", real)):
        if said and (said.why or about.bits & DROPPED[part]):
            why = said.why or "Fiddler did not keep this body"
            yield Problem(exchange=where, part=part, step="saz", why=why)


def target(request: RawMessage, about: About) -> tuple[str, str, int, str, str]:
    """Return scheme, host, port, path and query: from a full URL, or from the Host header and the bits."""
    url = URL.fullmatch(request.start[1])
    if url and url["scheme"].lower() in PORTS:
        scheme, host = url["scheme"].lower(), url["host"].strip("[]")
        return scheme, host, int(url["port"] or PORTS[scheme]), url["path"] or "/", url["query"] or ""
    scheme = "https" if about.bits & HTTPS else "http"
    named, port = authority(first(request.headers, "host"))
    path, _, query = request.start[1].partition("?")
    return scheme, named, port or PORTS[scheme], path, query


def broken(where: str, why: str, rest: bytes = b"") -> Problem:
    """Return the problem of a session or of the archive."""
    return Problem(exchange=where, part="file", step="saz", why=why, rest=rest)

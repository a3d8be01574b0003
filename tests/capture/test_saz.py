"""Fiddler archives: the ZIP is SYNTHETIC, its XML has the form of a published session of Fiddler's."""

import gzip
import zipfile

import pytest

from portalscope.capture.exchange import Connection, Exchange
from portalscope.capture.problem import Problem
from portalscope.capture.saz import is_saz, saz

XML = """<?xml version="1.0" encoding="utf-8"?>
<Session SID="{sid}" BitFlags="{bits}">
  <SessionTimers ClientConnected="2016-07-24T15:55:45.8708013+08:00" ClientBeginRequest="2016-07-24T15:56:17.1175885+08:00"
    GotRequestHeaders="2016-07-24T15:56:17.1175885+08:00" ClientDoneRequest="2016-07-24T15:56:17.1175885+08:00"
    GatewayTime="0" DNSTime="0" TCPConnectTime="32" HTTPSHandshakeTime="0"
    ServerConnected="0001-01-01T00:00:00" ServerDoneResponse="2016-07-24T15:56:17.4726088+08:00" />
  <PipeInfo CltReuse="true" />
  <SessionFlags>
    <SessionFlag N="x-clientip" V="127.0.0.1" />
    <SessionFlag N="x-hostIP" V="192.0.2.80" />
    <SessionFlag N="x-processinfo" V="companyportal:6716" />
  </SessionFlags>
</Session>"""
REQUEST = b"POST https://mobile.events.data.microsoft.com/OneCollector/1.0/?cors=true HTTP/1.1\r\nHost: x\r\n\r\n{}"
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"acc":1}'


def about(bits=0, sid=1):
    return XML.format(bits=bits, sid=sid).encode()


def write(path, *sessions, more=()):
    """An archive of (request, answer, xml) triples; what is None is left out."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        for number, triple in enumerate(sessions, 1):
            for data, end in zip(triple, ("c.txt", "s.txt", "m.xml"), strict=True):
                if data is not None:
                    made.writestr(f"raw/{number:03}_{end}", data)
        for name, data in more:
            made.writestr(name, data)
        made.writestr("_index.htm", "<html>")
    return path


@pytest.fixture
def of(tmp_path):
    return lambda *sessions, more=(): list(saz(write(tmp_path / "a.saz", *sessions, more=more), "run"))


def test_a_session_is_an_exchange(of):
    (one,) = of((REQUEST, ANSWER, about()))
    assert (one.id, one.run, one.method, one.scheme) == ("a.saz#1", "run", "POST", "https")
    assert (one.host, one.port) == ("mobile.events.data.microsoft.com", 443)
    assert (one.path, one.query, one.http) == ("/OneCollector/1.0/", "cors=true", "HTTP/1.1")
    assert (one.body, one.status, one.response_body) == (b"{}", 200, b'{"acc":1}')
    assert one.at.isoformat() == "2016-07-24T07:56:17.117588+00:00"
    assert (one.server_ip, one.error) == ("192.0.2.80", None)
    assert one.duration == pytest.approx(0.35502)


def test_bodies_are_as_sent(of):
    packed = gzip.compress(b"body", mtime=0)
    chunks = b"%x\r\n" % len(packed) + packed + b"\r\n0\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n" + chunks
    (one,) = of((REQUEST, answer, about()))
    assert one.response_body == packed


def test_a_path_alone_takes_host_and_scheme_from_elsewhere(of):
    request = b"GET /x?y HTTP/1.1\r\nHost: a.example:8443\r\n\r\n"
    plain, secured = of((request, ANSWER, about()), (request, ANSWER, about(bits=1)))
    assert (plain.scheme, plain.host, plain.port, plain.path, plain.query) == ("http", "a.example", 8443, "/x", "y")
    assert secured.scheme == "https"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (None, "no answer in the recording"),
        (b"", "no answer in the recording"),
        (b"HTTP/1.1 502 Fiddler - DNS Lookup Failed\r\n\r\n[Fiddler] says", "DNS Lookup Failed"),
        (b"nonsense", "no answer in the recording"),
    ],
)
def test_an_attempt_without_answer_is_no_answer(of, answer, error):
    (one,) = of((REQUEST, answer, about()))
    assert (one.status, one.response_body, one.response_headers, one.error) == (None, b"", (), error)


CONNECT = (
    b"CONNECT settings-win.data.microsoft.com:443 HTTP/1.1\r\nHost: x\r\n\r\nA SSLv3-compatible ClientHello was found"
)


@pytest.mark.parametrize(
    ("bits", "answer", "why"),
    [
        (0x2000, ANSWER, None),
        (0x1000, ANSWER, "not intercepted"),
        (0x1000, b"HTTP/1.1 502 Fiddler - Connection Failed\r\n\r\n", "no connection: refused"),
    ],
)
def test_a_tunnel_is_a_connection(of, bits, answer, why):
    (one,) = of((CONNECT, answer, about(bits)))
    assert isinstance(one, Connection)
    assert (one.id, one.transport, one.host, one.port) == ("a.saz#1", "tls", "settings-win.data.microsoft.com", 443)
    assert (one.ip, one.opaque_because) == ("192.0.2.80", why)


def test_bodies_that_were_not_kept_are_said(of):
    one, *problems = of((REQUEST, ANSWER, about(bits=1 << 17 | 1 << 20)))
    assert [(p.exchange, p.part, p.why) for p in problems] == [
        (one.id, "body", "Fiddler did not keep this body"),
        (one.id, "response", "Fiddler did not keep this body"),
    ]


@pytest.mark.parametrize(
    "xml", [None, b"<Session", b"<Session BitFlags='x'/>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"]
)
def test_a_session_without_xml_is_read_and_said(of, xml):
    problem, one = of((REQUEST, ANSWER, xml))
    assert problem.why.startswith("no times and addresses")
    assert (one.at.year, one.server_ip, one.status) == (1970, None, 200)


def test_what_is_not_read_is_counted(of):
    problem, one = of((REQUEST, ANSWER, about()), more=[("raw/001_w.txt", b"Request-Length: 5\r\n\r\nhello")])
    assert problem.why.startswith("raw/001_w.txt: messages of a WebSocket")
    assert problem.size == 26
    assert isinstance(one, Exchange)


def test_a_session_without_request_is_said(of):
    (problem,) = of((b"", ANSWER, about()))
    assert problem.why == "a session without request"


def test_sessions_come_by_number(of):
    found = of(*[(REQUEST, ANSWER, about())] * 12)
    assert [one.id for one in found] == [f"a.saz#{number}" for number in range(1, 13)]


@pytest.mark.parametrize("cut", [10, 400, 900])
def test_an_archive_that_is_cut_off_gives_what_is_in_it(tmp_path, cut):
    path = write(tmp_path / "a.saz", *[(REQUEST, ANSWER, about())] * 3)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"PK\x01\x02") - cut])
    first, *rest = saz(path, "run")
    assert (first.exchange, first.part) == ("a.saz", "file")
    assert first.why.startswith("the archive: it is cut off or damaged")
    exchanges = [one for one in rest if isinstance(one, Exchange)]
    assert 2 <= len(exchanges) <= 3
    assert exchanges[0].body == b"{}"
    assert all(isinstance(one, Exchange | Problem) for one in rest)


def test_other_archives_are_not_taken_for_one(tmp_path):
    assert is_saz(write(tmp_path / "a.saz", (REQUEST, ANSWER, about())))
    assert not is_saz(write(tmp_path / "b.docx", more=[("word/document.xml", b"<x/>")]))

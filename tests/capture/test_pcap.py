"""Real captures against what tshark and mitmproxy say of them; `--captures DIR` takes more of them."""

import json
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portalscope.capture.exchange import Connection, Exchange
from portalscope.capture.flows import flows
from portalscope.capture.pcap import read_pcap, read_with_keys
from portalscope.capture.problem import Problem
from tests.capture.segments import DATA, ORT132, ROOT, Dialogue, ethernet, pcap, tcp, udp

REPLACED = {"ai_py_v1", "sample_reg_v1", "sample_reg_v2"}  # a folder name in stack traces was replaced in the flow file


def pytest_generate_tests(metafunc):
    if "oracle" in metafunc.fixturenames:
        given_ = metafunc.config.getoption("--captures")
        found = sorted((Path(given_) if given_ else ROOT / "samples").glob("*/*.pcap.tshark.json"))
        metafunc.parametrize("oracle", found, ids=[path.name.removesuffix(".pcap.tshark.json") for path in found])


def recording(oracle):
    return oracle.with_name(oracle.name.removesuffix(".tshark.json"))


def only(kind, found):
    return [one for one in found if isinstance(one, kind)]


def test_names_and_dns_are_those_of_tshark(oracle):
    found = list(read_pcap(recording(oracle), "run"))
    wanted = json.loads(oracle.read_text())
    assert Counter(f"{one.transport} {one.sni}" for one in only(Connection, found) if one.sni) == wanted["sni"]
    answers = {}
    for one in only(Connection, found):
        if one.transport == "dns":
            entry = answers.setdefault(one.host, {"n": 0, "cname": set(), "addr": set()})
            entry["n"] += 1
            entry["cname"] |= set(one.cnames)
            entry["addr"] |= {one.ip} - {None}
    assert answers == {
        name: {"n": entry["n"], "cname": set(entry["cname"]), "addr": set(entry["addr"])}
        for name, entry in wanted["dns_answers"].items()
    }
    assert not only(Problem, found)


def test_exchanges_are_those_of_mitmproxy(oracle):
    name = recording(oracle).stem
    folders = [oracle.parent, ROOT / "samples" / name]
    flow_file = next((folder / f"{name}.mitm" for folder in folders if (folder / f"{name}.mitm").is_file()), None)
    found = list(read_with_keys(recording(oracle), sorted(oracle.parent.glob("*.keylog")), "run"))
    if flow_file is None:  # made without a proxy: the server's own list counts
        received = [json.loads(line) for line in oracle.with_name("sink.jsonl").read_text().splitlines()]
        assert [sha256(one.body).hexdigest() for one in only(Exchange, found)] == [
            one["body_sha256"] for one in received
        ]
        assert [one.host + one.path for one in only(Exchange, found)] == [one["host"] + one["path"] for one in received]
        return
    with flow_file.open("rb") as stream:
        wanted = [comparable(one, name) for one in only(Exchange, flows(stream, name, "run"))]
    assert Counter(comparable(one, name) for one in only(Exchange, found)) == Counter(wanted)
    assert not only(Problem, found)


def comparable(exchange, name):
    """What both must agree on; the proxy takes `Expect` away, and times differ."""
    body = b"" if name in REPLACED and "/track" in exchange.path else exchange.body
    return (
        exchange.method, exchange.scheme, exchange.host, exchange.port, exchange.path, exchange.query, body, exchange.status,
        exchange.response_body, exchange.http, exchange.server_ip, exchange.tls,
    )  # fmt: skip


def test_one_capture_in_full():
    found = list(read_with_keys(ORT132 / "ort132.pcap", [ORT132 / "ort132.keylog"], "run"))
    (exchange,) = only(Exchange, found)
    assert (exchange.id, exchange.method, exchange.host, exchange.path) == (
        "ort132.pcap#0", "POST", "mobile.events.data.microsoft.com", "/OneCollector/1.0",
    )  # fmt: skip
    assert exchange.header("Expect") == "100-continue"
    connections = only(Connection, found)
    assert Counter((one.transport, one.opaque_because) for one in connections) == {
        ("tcp", "refused"): 27,
        ("tcp", "established, then silent"): 1,
        ("tls", None): 2,
        ("dns", None): 2,
    }
    to_proxy, to_server = (one for one in connections if one.transport == "tls")
    assert (to_proxy.ip, to_proxy.source) == (None, "ort132.pcap, through proxy 127.0.0.1:18080")
    assert (to_server.ip, to_server.port) == ("127.20.1.174", 443)
    assert to_server.cnames == ("mobile.events.data.trafficmanager.net", "onedscolprdeus05.eastus.cloudapp.azure.com")
    assert (to_server.sent, to_server.received) == (2868, 3172)
    assert {one.exchanges for one in (to_proxy, to_server)} == {1}


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_decrypts_the_same():
    fields = [
        part for name in ("tcp.stream", "http.request.method", "http.host", "http.request.uri") for part in ("-e", name)
    ]
    options = ["-o", f"tls.keylog_file:{DATA / 'tls.keylog'}", "-Y", "http.request", "-T", "fields", *fields]
    said = subprocess.run(
        ["tshark", "-n", "-r", DATA / "tls.pcap", *options], capture_output=True, text=True, check=True
    )
    wanted = [line.split("\t") for line in said.stdout.splitlines()]
    found = only(Exchange, read_with_keys(DATA / "tls.pcap", [DATA / "tls.keylog"], "run"))
    assert [[str(n), one.method, f"{one.host}:{one.port}", one.path] for n, one in enumerate(found)] == wanted


def test_what_is_no_connection_is_counted(tmp_path):
    frames = [
        bytes(12) + b"\x08\x06" + bytes(28),
        bytes(12) + b"\x08\x06" + bytes(28),
        ethernet(udp(("192.0.2.1", 123), ("192.0.2.2", 123), bytes(48))),
        ethernet(tcp(("192.0.2.1", 1), ("192.0.2.2", 2)))[:30],
    ]
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap(frames)[:-5])
    found = list(read_pcap(path, "run"))
    assert [(one.exchange, one.part, one.why) for one in found] == [
        ("x.pcap", "file", "file ends inside a frame"),
        ("x.pcap", "file", "2 × neither IPv4 nor IPv6 (ARP and the like)"),
        ("x.pcap", "file", "1 × UDP, but neither DNS nor QUIC"),
        ("x.pcap", "file", "1 × header cut short"),
    ]


def test_lines_of_a_key_log_that_are_none(tmp_path):
    (tmp_path / "bad.keylog").write_text("hello\n")
    found = list(read_with_keys(DATA / "sll.pcap", [tmp_path / "bad.keylog"], "run"))
    assert [one.why for one in only(Problem, found)] == ["1 lines of the key logs are no key log lines"]


@pytest.mark.parametrize("name", ["sll.pcap", "sll2.pcap", "sll-nanoseconds.pcap"])
def test_cooked_captures(name):
    found = list(read_with_keys(DATA / name, [], "run"))
    (exchange,) = only(Exchange, found)
    assert (exchange.path, exchange.query, exchange.response_body) == ("/clear", "x=1", b"plain")
    (connection,) = only(Connection, read_pcap(DATA / name, "run"))
    assert replace(connection, exchanges=1) == only(Connection, found)[0]


def test_connections_come_while_the_file_is_read(tmp_path):
    """A long capture gives its first connection before it is read to the end, and keeps none of them."""
    frames = []
    for n in range(3000):
        one = Dialogue(client=("10.0.0.1", 1024 + n), server=("198.51.100.5", 80)).open()
        frames += one.say(True, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").close().frames
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap(frames))
    stream = read_pcap(path, "run")
    first = next(stream)
    assert first.id == "x.pcap#tcp0"
    assert stream.gi_frame is not None
    assert 1 + sum(1 for _ in stream) == 3000


def test_no_such_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        list(read_pcap(tmp_path / "none.pcap", "run"))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(24, 60_000), st.integers(0, 255)), max_size=30), st.integers(0, 60_000))
def test_damage_anywhere(tmp_path_factory, changes, size):
    data = bytearray((DATA / "tls.pcap").read_bytes())
    for place, value in changes:
        data[place] = value
    path = tmp_path_factory.getbasetemp() / "damaged.pcap"
    path.write_bytes(data[:size] if size % 2 else data)
    found = list(read_with_keys(path, [DATA / "tls.keylog"], "run"))
    assert all(one.run == "run" for one in found if not isinstance(one, Problem))

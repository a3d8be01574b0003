"""OpenSSL's own bytes (tests/data/pcap), whole, with losses and with the wrong keys."""

from collections import Counter
from dataclasses import replace

import pytest

from portalscope.capture.exchange import Connection, Exchange
from portalscope.capture.packets.packet_file import FileNotes, frames
from portalscope.capture.packets.slicing import slice_packet
from portalscope.capture.pcap import read_with_keys
from portalscope.capture.problem import Problem
from tests.capture.segments import DATA, pcap

NAMES = [
    "tls13", "tls13-chacha", "tls13-ccm", "tls13-retry", "tls13-keyupdate", "tls13-resumed", "tls13-resumed", "tls12-gcm",
    "tls12-chacha", "tls12-cbc-etm", "tls12-cbc-mte", "tls12-cbc-sha384", "tls12-resumed", "tls12-resumed", "tls12-rsa",
    "tls12-cbc-sha1",
]  # fmt: skip
FRAMES = [frame for _, _, frame in frames(DATA / "tls.pcap", FileNotes())]


def read(path, *keylogs):
    found = list(read_with_keys(path, [*keylogs], "run"))
    return [[one for one in found if isinstance(one, kind)] for kind in (Exchange, Connection, Problem)]


def test_every_cipher_and_every_kind_of_handshake():
    exchanges, connections, problems = read(DATA / "tls.pcap", DATA / "tls.keylog")
    assert [one.path for one in exchanges] == [f"/{name}.txt" for name in NAMES]
    assert [one.response_body.decode() for one in exchanges] == [f"answer for {name}\n" for name in NAMES]
    assert {one.tls for one in exchanges} == {"TLSv1.2", "TLSv1.3"}
    assert {(one.method, one.host, one.status, one.server_ip, one.error) for one in exchanges} == {
        ("GET", "server.example", 200, "::1", None)
    }
    assert [one.port for one in exchanges] == [one.port for one in connections]
    assert {(one.transport, one.sni, one.opaque_because, one.exchanges) for one in connections} == {
        ("tls", "server.example", None, 1)
    }
    assert problems == []


def test_without_keys_it_is_seen_only():
    exchanges, connections, problems = read(DATA / "tls.pcap")
    assert (exchanges, problems) == ([], [])
    assert Counter(one.opaque_because for one in connections) == {"not intercepted: seen in pcap only": 16}


def test_keys_that_do_not_fit(tmp_path):
    wrong = tmp_path / "wrong.keylog"
    wrong.write_text("\n".join(line[:-4] + "0000" for line in (DATA / "tls.keylog").read_text().splitlines()))
    exchanges, connections, problems = read(DATA / "tls.pcap", wrong)
    assert exchanges == []
    assert all("no key opened" in one.why and one.rest for one in problems)
    assert {one.opaque_because for one in connections} == {"tls failed: closed during the handshake"}


def test_some_secrets_are_not_enough(tmp_path):
    some = tmp_path / "some.keylog"
    lines = (DATA / "tls.keylog").read_text().splitlines()
    some.write_text("\n".join(line for line in lines if not line.startswith("SERVER")))
    exchanges, connections, _ = read(DATA / "tls.pcap", some)
    assert [one.tls for one in exchanges] == ["TLSv1.2"] * 9
    assert connections[0].opaque_because == "key log has only some of the secrets of this connection"


def test_traffic_secrets_alone_open_the_traffic(tmp_path):
    some = tmp_path / "some.keylog"
    lines = (DATA / "tls.keylog").read_text().splitlines()
    some.write_text("\n".join(line for line in lines if "HANDSHAKE" not in line))
    assert len(read(DATA / "tls.pcap", some)[0]) == 16


def test_keys_in_the_file_and_early_data():
    exchanges, connections, problems = read(DATA / "early.pcapng")
    assert [(one.path, one.body, one.status, one.response_body) for one in exchanges] == [
        ("/late.txt", b"late", 200, b"ok")
    ]
    assert [one.opaque_because for one in connections] == ["established, then silent", None]
    (early,) = problems
    assert early.why.startswith("0-RTT data, not opened")
    assert early.exchange == "early.pcapng#tcp1"
    assert early.size > 90


def with_payload():
    return [n for n, frame in enumerate(FRAMES) if slice_packet(1, frame)[2]]


@pytest.mark.parametrize("lost", with_payload()[::3])
def test_one_lost_packet_harms_one_connection_and_is_told(tmp_path, lost):
    path = tmp_path / "tls.pcap"
    path.write_bytes(pcap(FRAMES[:lost] + FRAMES[lost + 1 :]))
    exchanges, connections, problems = read(path, DATA / "tls.keylog")
    whole = read(DATA / "tls.pcap", DATA / "tls.keylog")[0]
    troubled = {one.exchange for one in problems}
    clean = {said(one) for one in exchanges if one.id not in troubled and one.error is None}
    assert clean <= {said(one) for one in whole}
    assert len(clean) >= 13  # two of the 16 have a namesake
    told = problems or [one for one in connections if one.opaque_because]
    assert told or clean == {said(one) for one in whole}  # a lost goodbye is no loss


def said(exchange):
    return exchange.path, exchange.body, exchange.status, exchange.response_body


def test_order_and_repetition_change_nothing(tmp_path):
    path = tmp_path / "tls.pcap"
    mixed = [frame for n in range(0, len(FRAMES), 2) for frame in reversed(FRAMES[n : n + 2])]
    path.write_bytes(pcap([frame for frame in mixed for _ in range(2)]))
    exchanges, _, problems = read(path, DATA / "tls.keylog")
    assert problems == []
    same = [replace(one, id="", at=exchanges[0].at, duration=None) for one in exchanges]
    whole = read(DATA / "tls.pcap", DATA / "tls.keylog")[0]
    assert same == [replace(one, id="", at=exchanges[0].at, duration=None) for one in whole]

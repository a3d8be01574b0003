"""Recordings copied without secrets: every flow keeps its number, what is damaged stays damaged."""

import gzip
from io import BytesIO
from pathlib import Path

import pytest
from mitmproxy.io import tnetstring
from mitmproxy.test import tflow, tutils

from portalscope.capture.clean_copy import clean_copy
from portalscope.capture.exchange import Exchange
from portalscope.capture.flows import flows
from portalscope.capture.problem import Problem
from portalscope.capture.read import read
from portalscope.capture.secrets import Secrets
from tests.windows import payload

SAMPLES = Path(__file__).parents[2] / "samples"
MSAL, ORT = SAMPLES / "msal_py" / "msal_py.mitm", SAMPLES / "ort132" / "ort132.mitm"
OF = Secrets(bytes(32))
SECRET = b"0.HONEYRT.abcdefgh"


def copied(source, tmp_path):
    target = tmp_path / "copy"
    return target, clean_copy(source, target, OF)


def record(body=b'{"refresh_token": "%s"}' % SECRET):
    return tnetstring.dumps(tflow.tflow(req=tutils.treq(content=body), resp=True).get_state())


def test_a_flow_file_keeps_its_flows_and_their_numbers(tmp_path):
    target, noted = copied(MSAL, tmp_path)
    before, after = (list(read(path, "run")) for path in (MSAL, target))
    assert [item.id.partition("#")[2] for item in after] == [item.id.partition("#")[2] for item in before]
    assert noted.types == {"access_token": 11, "refresh_token": 7, "code": 6, "password": 1, "client_secret": 1}
    assert target.stat().st_mode & 0o777 == 0o600
    assert b"HONEYRT" not in target.read_bytes()


def test_a_file_without_secrets_is_the_same_to_the_byte(tmp_path):
    target, noted = copied(ORT, tmp_path)
    assert (target.read_bytes(), bool(noted)) == (ORT.read_bytes(), False)


def test_what_is_packed_is_packed_again(tmp_path):
    packed = tmp_path / "flows.mitm"
    packed.write_bytes(gzip.compress(record()))
    target, noted = copied(packed, tmp_path)
    assert SECRET not in gzip.decompress(target.read_bytes())
    assert noted.types == {"refresh_token": 1}


@pytest.mark.parametrize("cut", [3, 40, 600])
def test_a_file_that_ends_inside_a_flow_ends_there_again(tmp_path, cut):
    torn = tmp_path / "torn.mitm"
    torn.write_bytes(record() + record()[:cut])
    target, _ = copied(torn, tmp_path)
    assert SECRET not in target.read_bytes()
    before, after = ([item for item in read(path, "run") if isinstance(item, Problem)] for path in (torn, target))
    assert [problem.why for problem in after] == [problem.why for problem in before]
    assert len(after) == 1


def test_a_flow_that_cannot_be_read_keeps_its_length(tmp_path):
    damaged = record().replace(b"4:http;", b"4:hxxp;", 1)
    odd = tmp_path / "odd.mitm"
    odd.write_bytes(damaged + record())
    target, _ = copied(odd, tmp_path)
    assert SECRET not in target.read_bytes()
    problem, exchange = list(read(target, "run"))
    assert (len(problem.rest), exchange.id) == (len(damaged), "copy#1")


def test_what_is_no_flow_is_left_out_and_said(tmp_path):
    mixed = tmp_path / "mixed.mitm"
    mixed.write_bytes(record() + b"password=H0ney!Pass&x")
    target, _ = copied(mixed, tmp_path)
    assert b"H0ney" not in target.read_bytes()
    assert list(read(target, "run"))[1].why.startswith("not a flow file from flow 1 on")


def test_a_flow_that_is_too_large_leaves_its_number(tmp_path, monkeypatch):
    monkeypatch.setattr("portalscope.capture.flow_records.LARGEST", 10_000)
    large = tmp_path / "large.mitm"
    large.write_bytes(record(b"x" * 20_000) + record())
    target, _ = copied(large, tmp_path)
    first, second = flows(BytesIO(target.read_bytes()), "copy", "run")
    assert isinstance(first, Problem)
    assert isinstance(second, Exchange)
    assert second.id == "copy#1"


def test_an_export_that_is_text(tmp_path):
    export = tmp_path / "ddv.json"
    export.write_text(payload())
    target, noted = copied(export, tmp_path)
    assert (target.read_bytes(), bool(noted)) == (export.read_bytes(), False)


def test_packets_cannot_be_cleaned(tmp_path):
    packets = tmp_path / "a.pcap"
    packets.write_bytes(bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000"))
    target, noted = copied(packets, tmp_path)
    assert noted is None
    assert not target.exists()


def test_an_existing_file_is_not_written_over(tmp_path):
    (tmp_path / "copy").touch()
    with pytest.raises(FileExistsError):
        copied(MSAL, tmp_path)

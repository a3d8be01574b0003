"""Any recording: the first bytes decide."""

import gzip
import json
import struct
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from portalscope.capture.exchange import Exchange
from portalscope.capture.problem import Problem
from portalscope.capture.read import (
    DATABASE,
    EMPTY,
    FLOWS,
    HAR,
    JOURNAL,
    PCAP,
    RECORDINGS,
    RECORDS,
    SAZ,
    TABLE,
    TRANSCRIPTS,
    kind,
    read,
)
from tests.windows import database, payload, row

SAMPLES = Path(__file__).parents[2] / "samples"
MITM = (SAMPLES / "msal_py/msal_py.mitm").read_bytes()
ARCHIVE = (SAMPLES / "msal_py/msal_py.har").read_bytes()
PCAP_HEAD = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)


@pytest.fixture
def file(tmp_path):
    def write(data, name="recording"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"", EMPTY),
        (MITM, FLOWS),
        (b"12:{", FLOWS),
        (ARCHIVE, HAR),
        (b"\xef\xbb\xbf" + ARCHIVE, HAR),
        (b'\n\t {"log":{"entries":[]}}', HAR),
        (PCAP_HEAD, PCAP),
        (struct.pack(">IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1), PCAP),
        (struct.pack("<I", 0xA1B23C4D), PCAP),
        (b"\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x4d\x3c\x2b\x1a", PCAP),
        (b'{"capture": "ort132", "log": 1}', "JSON, but not a HAR file"),
        (b"[1, 2]", "JSON, but not a HAR file"),
        (b"\x37\x7f\x06\x82rest", JOURNAL),
        (b"\x78\x9crest", "packed with zlib (mitmproxy's .zhar: save it as .har)"),
        (b"# comment\nCLIENT_RANDOM 00 11\n", "a TLS key log, not the traffic"),
        (b"CLIENT_HANDSHAKE_TRAFFIC_SECRET 00 11\n", "a TLS key log, not the traffic"),
        (b"<?xml version='1.0'?>", "XML or HTML"),
        (b"hello\n", "text"),
        ('{"log": {}}'.encode("utf-16"), "text in UTF-16"),
        (b"\x00\x01\x02", "not a format we know"),
    ],
)
def test_the_first_bytes_decide(file, data, wanted, packed):
    assert kind(file(gzip.compress(data) if packed else data)) == wanted


def test_archives_and_databases_are_what_is_in_them(file, tmp_path):
    base = database(tmp_path / "EventTranscript.db", row())
    assert kind(base) == DATABASE
    assert kind(database(tmp_path / "other.db", schema="CREATE TABLE events (x);")).startswith(
        "an SQLite database, but"
    )
    assert kind(file(gzip.compress(base.read_bytes()))) == "an SQLite database, packed with gzip: unpack it"
    with zipfile.ZipFile(tmp_path / "a.saz", "w") as made:
        made.writestr("raw/1_c.txt", b"GET http://a.example/ HTTP/1.1\r\n\r\n")
    assert kind(tmp_path / "a.saz") == SAZ
    assert kind(file(b"PK\x03\x04rest")) == "a ZIP archive, but not Fiddler's"


EVENT = json.dumps({"Name": "x", "Timestamp": "x", "Payload": payload()})


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"Name,Timestamp,Payload\r\n", TABLE),
        (b'\xef\xbb\xbf#TYPE DDVCmdlets.Containers.EventRecord\r\n"Name";"Timestamp";"Payload"\r\n', TABLE),
        ("Name,Timestamp,Payload\r\n\u00e9".encode("utf-16"), TABLE),
        (f"[{EVENT}]".encode(), RECORDS),
        (f"{EVENT}\n{EVENT}\n".encode(), RECORDS),
        (payload().encode(), RECORDS),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_exports_of_diagnostic_data_viewer(file, data, wanted, packed):
    assert kind(file(gzip.compress(data) if packed else data)) == wanted


@pytest.mark.parametrize("packed", [False, True])
def test_an_export_is_read_packed_or_not(file, packed):
    data = f"[{EVENT},{EVENT}]".encode()
    seen = list(read(file(gzip.compress(data) if packed else data, "d.json"), "run"))
    assert [one.id for one in seen] == ["d.json#0", "d.json#1"]
    assert seen[0].body.decode() == payload()


def test_a_database_is_read(tmp_path):
    (one,) = read(database(tmp_path / "EventTranscript.db", row()), "run")
    assert one.id == "EventTranscript.db#1"
    assert set(TRANSCRIPTS) < set(RECORDINGS)


def test_a_write_ahead_log_without_its_database_is_no_recording(file):
    (problem,) = read(file(b"\x37\x7f\x06\x82rest", "EventTranscript.db-wal"), "run")
    assert problem.why.startswith("this is a write-ahead log of SQLite, 8 bytes")


def test_a_write_ahead_log_beside_its_database_is_told_of_once(tmp_path):
    base = database(tmp_path / "EventTranscript.db", row())
    log = tmp_path / "EventTranscript.db-wal"
    log.write_bytes(b"\x37\x7f\x06\x82rest")
    assert list(read(log, "run")) == []
    assert [item.id for item in read(base, "run") if isinstance(item, Exchange)] == ["EventTranscript.db#1"]


@pytest.mark.parametrize("data", [MITM, ARCHIVE])
@pytest.mark.parametrize("packed", [False, True])
def test_flow_files_and_har_files_packed_or_not(file, data, packed):
    seen = list(read(file(gzip.compress(data) if packed else data, "r.bin"), "run"))
    assert [one.id for one in seen] == [f"r.bin#{number}" for number in range(10)]
    assert all(isinstance(one, Exchange) and one.run == "run" for one in seen)


@pytest.mark.parametrize("data", [b"", gzip.compress(b"")])
def test_an_empty_file_is_a_recording_of_nothing(file, data):
    assert list(read(file(data), "run")) == []


def test_what_is_no_recording_is_one_clear_problem(file):
    (problem,) = read(file(b"SQLite format 3\x00" + b"\x00" * 84, "EventTranscript.db"), "run")
    assert (problem.exchange, problem.part, problem.step) == ("EventTranscript.db", "file", "read")
    assert problem.why == (
        "this is an SQLite database, but not EventTranscript.db, 100 bytes; "
        "a recording is a mitmproxy flow file, a HAR file, pcap or pcapng, plain or packed with gzip, a Fiddler "
        "archive, EventTranscript.db, or an export of Diagnostic Data Viewer as CSV or JSON"
    )


@pytest.mark.parametrize("data", [MITM, ARCHIVE])
@pytest.mark.parametrize("cut", [-1, -5, -2000])
def test_packing_that_is_cut_off_keeps_what_is_there(file, data, cut):
    *seen, problem = read(file(gzip.compress(data)[:cut]), "run")
    assert isinstance(problem, Problem)
    assert problem.why.startswith("the gzip packing is damaged: ")
    assert sum(isinstance(one, Exchange) for one in seen) == (10 if cut >= -8 else len(seen) - 1)
    assert isinstance(seen[0], Exchange)


def test_packing_that_is_damaged_inside(file):
    packed = bytearray(gzip.compress(MITM))
    packed[5000:5010] = b"\xff" * 10
    *_, problem = read(file(packed), "run")
    assert "the gzip packing is damaged" in problem.why


def test_packing_that_is_damaged_at_once(file):
    (problem,) = read(file(b"\x1f\x8b\x08\x00garbage"), "run")
    assert problem.why.startswith("this is a damaged gzip file, 11 bytes")


@pytest.mark.parametrize("data", [MITM, ARCHIVE, gzip.compress(MITM), b"hello", b""])
def test_progress_counts_the_bytes_of_the_file(file, data):
    told = []
    list(read(file(data), "run", told.append))
    assert told == sorted(told)
    assert told[-1] == len(data)


def test_pcap_is_left_to_its_reader(file, monkeypatch):
    """The reader is replaced: what it reads is the matter of its own tests."""
    reader = SimpleNamespace(read_pcap=lambda *given: [given])
    monkeypatch.setitem(sys.modules, "portalscope.capture.pcap", reader)
    monkeypatch.setattr("portalscope.capture.pcap", reader, raising=False)  # where it stands once it was imported
    path, told = file(gzip.compress(PCAP_HEAD)), []
    assert list(read(path, "run", told.append)) == [(path, "run")]
    assert told == [path.stat().st_size]


def test_a_bomb_is_read_in_pieces(file):
    """20 MB of entries in 60 KB: read one at a time, so only their number counts."""
    entry = json.dumps({"x": "y" * 1000}).encode()
    bomb = b'{"log": {"entries": [' + b",".join([entry] * 20_000) + b"]}}"
    seen = read(file(gzip.compress(bomb)), "run")
    assert sum(1 for one in seen if isinstance(one, Problem)) == 20_000


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        list(read(tmp_path / "none", "run"))

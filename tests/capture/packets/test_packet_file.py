import gzip
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.packets.packet_file import LARGEST_FRAME, FileNotes, frames, is_capture
from tests.capture.segments import DATA, pcap


def read(path):
    notes = FileNotes()
    return list(frames(path, notes)), notes


def write(path, data):
    path.write_bytes(data)
    return path


def test_frames_have_time_link_and_bytes():
    found, notes = read(DATA / "sll.pcap")
    assert len(found) == 12
    assert {link for _, link, _ in found} == {113}
    assert found[0][0] == 1795542687316996
    assert found == sorted(found, key=lambda frame: frame[0])
    assert notes.damage == ""


def test_nanoseconds_are_cut_to_microseconds():
    assert read(DATA / "sll-nanoseconds.pcap")[0] == read(DATA / "sll.pcap")[0]


def test_big_endian_is_read(tmp_path):
    found, notes = read(write(tmp_path / "big.pcap", pcap([(7, 5, b"frame")], order=">")))
    assert found == [(7_000_005, 1, b"frame")]
    assert notes.damage == ""


def test_gzip_is_opened(tmp_path):
    packed = write(tmp_path / "x.pcap.gz", gzip.compress((DATA / "sll2.pcap").read_bytes()))
    assert read(packed) == read(DATA / "sll2.pcap")


def test_cut_gzip_gives_what_it_has(tmp_path):
    whole = gzip.compress((DATA / "tls.pcap").read_bytes())
    found, notes = read(write(tmp_path / "x.pcap.gz", whole[: len(whole) // 2]))
    assert 0 < len(found) < 300
    assert notes.damage


def test_pcapng_brings_its_key_log():
    found, notes = read(DATA / "early.pcapng")
    assert len(found) > 20
    assert found[0][0] > 1_795_000_000_000_000
    assert len(notes.secrets) == 1
    assert b"CLIENT_HANDSHAKE_TRAFFIC_SECRET " in notes.secrets[0]
    assert notes.damage == ""


@pytest.mark.parametrize("name", ["sll.pcap", "early.pcapng"])
def test_a_cut_file_gives_what_it_has_and_says_so(tmp_path, name):
    whole = (DATA / name).read_bytes()
    every, _ = read(DATA / name)
    ends = set()
    for size in range(len(whole)):
        found, notes = read(write(tmp_path / "cut", whole[:size]))
        assert found == every[: len(found)] or found[-1][2] != every[len(found) - 1][2]
        ends.add(bool(notes.damage))
        if not notes.damage:
            assert size in edges(whole)
    assert ends == {True, False}


def edges(whole):
    """Where a frame or block of a little-endian file ends."""
    at, found = (24, {24}) if whole[:4] != b"\x0a\x0d\x0d\x0a" else (0, {0})
    while at < len(whole):
        at += (
            16 + struct.unpack_from("<I", whole, at + 8)[0]
            if 24 in found
            else struct.unpack_from("<I", whole, at + 4)[0]
        )
        found.add(at)
    return found


def test_no_capture_is_said(tmp_path):
    for data in (b"", b"\xd4", b"GET / HTTP/1.1", b"\x1f\x8b" + b"rubbish" * 9, gzip.compress(b"text")):
        found, notes = read(write(tmp_path / "x", data))
        assert (found, notes.damage) == ([], "not a pcap or pcapng file")


def test_absurd_sizes_end_the_reading(tmp_path):
    huge = pcap([b"one"]) + struct.pack("<IIII", 1, 1, LARGEST_FRAME + 1, 9) + b"x" * 100
    found, notes = read(write(tmp_path / "huge.pcap", huge))
    assert [frame for _, _, frame in found] == [b"one"]
    assert notes.damage == f"a frame claims {LARGEST_FRAME + 1} bytes"
    block = (DATA / "early.pcapng").read_bytes()[:200] + struct.pack("<II", 6, 0xFFFFFFF0)
    _, notes = read(write(tmp_path / "huge.pcapng", gzip.compress(block)))
    assert notes.damage


def test_a_capture_that_kept_the_start_of_each_packet_is_whole(tmp_path):
    frame = struct.pack("<IIII", 1, 1, 4, 1500) + b"kept"
    found, notes = read(write(tmp_path / "x.pcap", pcap([]) + frame * 3))
    assert [data for _, _, data in found] == [b"kept"] * 3
    assert notes.damage == ""


def test_a_frame_of_more_than_64_kib_is_whole(tmp_path):
    found, _ = read(write(tmp_path / "x.pcap", pcap([b"x" * 65549])))
    assert len(found[0][2]) == 65549


@given(st.sampled_from([b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\x0a\x0d\x0d\x0a"]), st.binary(max_size=300))
def test_any_bytes_end_without_an_exception(tmp_path_factory, magic, rest):
    path = tmp_path_factory.getbasetemp() / "any.pcap"
    found, _ = read(write(path, magic + rest))
    assert len(found) <= len(rest)


def test_is_capture():
    assert is_capture((DATA / "sll.pcap").read_bytes()[:4])
    assert is_capture((DATA / "early.pcapng").read_bytes()[:4])
    assert not is_capture(b"\x1f\x8b\x08\x00")

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.packets.tls_records import (
    HANDSHAKE,
    LARGEST_RECORD,
    Handshakes,
    Record,
    RecordStream,
    plausible,
)


def record(payload, kind=23):
    return bytes([kind, 3, 3]) + len(payload).to_bytes(2) + payload


@given(st.lists(st.binary(max_size=50), max_size=6), st.integers(1, 20))
def test_records_come_whole_however_they_arrive(payloads, size):
    stream, found = RecordStream(), []
    data = b"".join(map(record, payloads))
    for at in range(0, len(data), size):
        stream.feed(data[at : at + size])
        while (one := stream.next()) is not None:
            found.append(one.payload)
    assert found == payloads
    assert not stream.buffer


def test_what_is_no_record():
    for start in (b"GET / HTTP", b"\x17\x02\x03\0\0", b"\x17\x03\x03\xff\xff", b"\x13\x03\x03\0\0"):
        stream = RecordStream()
        stream.feed(start)
        with pytest.raises(ValueError, match="not a TLS record"):
            stream.next()


def test_plausible_knows_the_largest():
    assert plausible(bytearray(b"\x17\x03\x03" + LARGEST_RECORD.to_bytes(2)))
    assert not plausible(bytearray(b"\x17\x03\x03" + (LARGEST_RECORD + 1).to_bytes(2)))
    assert plausible(bytearray(b"xx\x16\x03\x01\0\5"), 2)


def test_record_at_a_place():
    buffer = bytearray(b"junk" + record(b"abc", HANDSHAKE) + b"more")
    assert Record.at(buffer, 4) == (HANDSHAKE, b"\x16\x03\x03\0\3", b"abc")
    assert Record.at(buffer, len(buffer) - 3) is None
    assert Record.at(bytearray(record(b"abc")[:-1]), 0) is None


def test_messages_over_records():
    messages = Handshakes()
    assert list(messages.feed(b"\x01\0\0\x03a")) == []
    assert list(messages.feed(b"bc\x02\0\0\0\x0b\0")) == [(1, b"abc"), (2, b"")]
    assert list(messages.feed(b"\0\x01z")) == [(11, b"z")]


def test_an_absurd_message():
    with pytest.raises(ValueError, match="too large"):
        list(Handshakes().feed(b"\x01\xff\xff\xff"))

"""Protocol buffers without a schema. The bytes come from the encoding guide and from protoc."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.protobuf import guess, protobuf
from tests.decoders.wire import bounds

# google/protobuf/timestamp.proto as a FileDescriptorProto, as protoc puts it into generated code
DESCRIPTOR = (
    b'\n\x1fgoogle/protobuf/timestamp.proto\x12\x0fgoogle.protobuf";\n\tTimestamp\x12\x18\n\x07seconds\x18\x01 \x01('
    b"\x03R\x07seconds\x12\x14\n\x05nanos\x18\x02 \x01(\x05R\x05nanosB\x85\x01\n\x13com.google.protobufB\x0eTimestamp"
    b"ProtoP\x01Z2google.golang.org/protobuf/types/known/timestamppb\xf8\x01\x01\xa2\x02\x03GPB\xaa\x02\x1eGoogle.Pro"
    b"tobuf.WellKnownTypesb\x06proto3"
)
TREE = {
    "1": "google/protobuf/timestamp.proto",
    "2": "google.protobuf",
    "4": {
        "1": "Timestamp",
        "2": [
            {"1": "seconds", "3": 1, "4": 1, "5": 3, "10": "seconds"},
            {"1": "nanos", "3": 2, "4": 1, "5": 5, "10": "nanos"},
        ],
    },
    "8": {
        "1": "com.google.protobuf",
        "8": "TimestampProto",
        "10": 1,
        "11": "google.golang.org/protobuf/types/known/timestamppb",
        "31": 1,
        "36": "GPB",
        "37": "Google.Protobuf.WellKnownTypes",
    },
    "12": "proto3",
}


@pytest.mark.parametrize(
    ("data", "tree"),
    [
        ("089601", {"1": 150}),
        ("120774657374696e67", {"2": "testing"}),
        ("1a03089601", {"3": {"1": 150}}),
        ("220568656c6c6f280128022803", {"4": "hello", "5": [1, 2, 3]}),
        ("08feffffffffffffffff01", {"1": -2}),
    ],
)
def test_the_encoding_guide(data, tree):
    assert protobuf(bytes.fromhex(data)) == tree


def test_what_protoc_writes():
    assert protobuf(DESCRIPTOR) == TREE


def test_groups():
    # field 1: group { field 2: 150; field 3: "a" }, then field 4: 1
    assert protobuf(bytes.fromhex("0b1096011a01610c2001")) == {"1": {"2": 150, "3": "a"}, "4": 1}


def test_fixed_sizes():
    assert protobuf(bytes.fromhex("09000000000000f83f")) == {"1": 1.5}
    assert protobuf(bytes.fromhex("0d0000c03f")) == {"1": 1.5}
    assert protobuf(bytes.fromhex("090068e5cf8b010000")) == {"1": 1_700_000_000_000}
    assert protobuf(bytes.fromhex("0d00f15365")) == {"1": 1_700_000_000}


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"", ""),
        (b"hello", "hello"),
        ("ü – 人".encode(), "ü – 人"),
        (b"line 1\nline 2\t.", "line 1\nline 2\t."),
        (b"\x0a\x24" + b"00000000-0000-4000-8000-000000000001", {"1": "00000000-0000-4000-8000-000000000001"}),
        (b"\x01\x02\x03", [1, 2, 3]),
        (b"\xde\xad\xbe\xef", b"\xde\xad\xbe\xef"),
        (bytes(range(0xF0, 0x100)), bytes(range(0xF0, 0x100))),
    ],
)
def test_the_order_of_guesses(data, value):
    assert guess(data, 0) == value


def test_random_bytes_are_seldom_taken_for_more_than_bytes():
    source = random.Random(7)
    for size, share in ((16, 0.01), (20, 0.01), (32, 0.01), (200, 0.001)):
        kinds = [type(guess(source.randbytes(size), 0)) for _ in range(3000)]
        assert kinds.count(bytes) >= (1 - share) * len(kinds)


def test_fields_in_no_order_are_no_message():
    with pytest.raises(DecodeError, match="random"):
        protobuf(bytes.fromhex("380118010801"))


def test_a_cut_keeps_the_fields_in_front():
    with pytest.raises(DecodeError, match="ends early") as caught:
        protobuf(DESCRIPTOR[:-3])
    assert caught.value.partial == {key: value for key, value in TREE.items() if key != "12"}
    assert caught.value.rest == b"b\x06pro"


@pytest.mark.parametrize("data", ["", "00", "07", "0f01", "08", "ffffffffffffffffffff01", "0c"])
def test_what_the_format_forbids(data):
    with pytest.raises(DecodeError):
        protobuf(bytes.fromhex(data))


def test_nesting_is_bounded():
    nested = b""
    for _ in range(200):
        size = len(nested)
        nested = b"\x0a" + (bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])) + nested
    bounds.check(protobuf, nested, depth=40)
    with pytest.raises(DecodeError):
        protobuf(b"\x0b" * 100_000)


@given(st.binary(max_size=300))
def test_any_bytes(data):
    bounds.check(protobuf, data, depth=40)
    bounds.check(protobuf, b"\x08\x01\x12" + bytes([len(data) & 127]) + data, depth=40)


@given(st.integers(0, len(DESCRIPTOR)), st.integers(0, len(DESCRIPTOR) - 1), st.integers(0, 255))
def test_any_truncation_and_any_change(size, place, byte):
    bounds.check(protobuf, DESCRIPTOR[:size], depth=40)
    bounds.check(protobuf, DESCRIPTOR[:place] + bytes([byte]) + DESCRIPTOR[place + 1 :], depth=40)

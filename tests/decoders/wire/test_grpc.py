"""gRPC frames around what protoc wrote."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.content import CAP
from portalscope.decoders.wire.grpc import grpc
from tests.decoders.wire import bounds
from tests.decoders.wire.test_protobuf import DESCRIPTOR, TREE


def frame(content, flag=0):
    return bytes([flag]) + len(content).to_bytes(4) + content


TWO = frame(DESCRIPTOR) + frame(gzip.compress(DESCRIPTOR), 1)


def test_messages_plain_and_compressed():
    assert grpc(TWO) == [TREE, TREE]


def test_an_empty_message_is_one_too():
    assert grpc(frame(b"")) == [{}]


def test_json_and_what_is_neither():
    assert grpc(frame(b'{"a": 1}') + frame(b"\xff" * 8)) == [{"a": 1}, b"\xff" * 8]


def test_trailers_of_grpc_web():
    # doc/PROTOCOL-WEB.md: the top bit of the flag says that trailers follow
    assert grpc(frame(b"grpc-status:0\r\nGrpc-Message: ok\r\n", 0x80)) == [{"grpc-status": "0", "grpc-message": "ok"}]


def test_a_cut_keeps_the_messages_in_front():
    with pytest.raises(DecodeError, match="message 1: ends early") as caught:
        grpc(TWO[:-1])
    assert caught.value.partial == [TREE]
    assert caught.value.rest == TWO[len(DESCRIPTOR) + 5 : -1]


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x02\x00\x00\x00\x00", b"\x00\xff\xff\xff\xff\x00", b"{}"])
def test_what_is_no_frame(data):
    with pytest.raises(DecodeError):
        grpc(data)


def test_bombs_share_one_budget():
    bomb = frame(gzip.compress(bytes(CAP // 2)), 1)
    assert sum(len(message) for message in grpc(bomb * 6) if isinstance(message, bytes)) <= CAP + 6 * len(bomb)


@given(st.binary(max_size=200))
def test_any_bytes(data):
    bounds.check(grpc, data, depth=50)
    bounds.check(grpc, frame(data), depth=50)


@given(st.integers(0, len(TWO)))
def test_any_truncation(size):
    bounds.check(grpc, TWO[:size], factor=24, depth=50)

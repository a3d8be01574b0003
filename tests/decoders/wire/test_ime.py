"""Payloads of the management extension's gateway."""

import base64
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.wire.ime import ime_payload
from tests.decoders.wire.vectors import T7

TREE = [{"PolicyId": "00000000-0000-0000-0000-000000000001"}]


@pytest.mark.parametrize(
    "data",
    [
        T7,
        base64.b64decode(T7),
        b"\r\n".join((T7[:20], T7[20:])),
        b'[{"PolicyId": "00000000-0000-0000-0000-000000000001"}]',
    ],
)
def test_the_vector_in_every_wrapping(data):
    assert ime_payload(data) == TREE


def test_a_wrong_size_is_a_fault_and_the_content_is_kept():
    with pytest.raises(DecodeError, match="stated size") as caught:
        ime_payload(b"\x01\0\0\0" + base64.b64decode(T7)[4:])
    assert (caught.value.partial, caught.value.rest) == (TREE, b"\x01\0\0\0")


def test_a_bomb_is_cut_off():
    bomb = gzip.compress(b" " * (64 * 1024 * 1024))
    with pytest.raises(DecodeError):
        ime_payload((64 * 1024 * 1024).to_bytes(4, "little") + bomb)


@pytest.mark.parametrize("size", range(len(base64.b64decode(T7))))
def test_any_truncation(size):
    with pytest.raises(DecodeError):
        ime_payload(base64.b64decode(T7)[:size])


@given(st.binary(max_size=100))
def test_any_bytes(data):
    try:
        ime_payload(data)
    except DecodeError as error:
        assert error.why

"""DER: lengths, object identifiers and strings, against the cryptography library's encoder and the rules of X.690."""

import pytest
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.extensions import ExtendedKeyUsage
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.wire.der import Node, nodes, read


def test_a_short_and_a_long_length():
    assert read(b"\x04\x03abc").value == b"abc"
    assert read(b"\x04\x82\x01\x00" + b"x" * 256).value == b"x" * 256


@pytest.mark.parametrize(
    "dotted", ["1.2.840.113549.1.1.1", "2.5.4.3", "0.9.2342.19200300.100.1.25", "2.999.1", "1.3.6.1.4.1.311.66.1.0"]
)
def test_object_identifiers(dotted):
    encoded = ExtendedKeyUsage([ObjectIdentifier(dotted)]).public_bytes()
    (node,) = read(encoded).children()
    assert node.oid() == dotted


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\x0c\x02\xc3\xa9", "é"),
        (b"\x13\x03a!*", "a!*"),
        (b"\x1e\x02\x00\xe9", "é"),
        (b"\x0c\x01\xff", b"\xff"),
        (b"\x04\x01a", b"a"),
    ],
)
def test_text(data, text):
    assert read(data).text() == text


def test_numbers_have_a_sign():
    assert (read(b"\x02\x01\xff").number, read(b"\x02\x02\x00\xff").number) == (-1, 255)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x30", b"\x30\x80", b"\x30\x85\0\0\0\0\0", b"\x30\x02\x01", b"\x1f\x01\x00", b"\x04\x84\xff\xff\xff\xff"],
)
def test_what_does_not_fit(data):
    with pytest.raises(ValueError, match=r"value|length|longer"):
        read(data)


def test_the_number_of_values_is_bounded():
    with pytest.raises(ValueError, match="more than"):
        list(nodes(b"\x05\x00" * 20_000, 0, 40_000))


def test_what_is_no_object_identifier():
    with pytest.raises(ValueError, match="no object identifier"):
        read(b"\x06\x00").oid()


@given(st.binary(max_size=100))
def test_any_bytes(data):
    try:
        found = list(nodes(data, 0, len(data)))
    except ValueError:
        return
    assert b"".join(data[node.start : node.end] for node in found) == data
    assert all(isinstance(node, Node) for node in found)

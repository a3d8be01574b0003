import pytest
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.packet import QuicProtocolVersion
from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.packets.quic import InitialHello, is_initial

V1, V2 = QuicProtocolVersion.VERSION_1, QuicProtocolVersion.VERSION_2


def datagrams(version=V1, alpn=("h3",)):
    """What aioquic, as a client, sends first."""
    configuration = QuicConfiguration(
        is_client=True,
        server_name="mobile.events.data.microsoft.com",
        alpn_protocols=list(alpn),
        original_version=version,
        supported_versions=[version],
    )
    connection = QuicConnection(configuration=configuration)
    connection.connect(("192.0.2.1", 443), now=0.0)
    return [datagram for datagram, _ in connection.datagrams_to_send(now=0.0)]


@pytest.mark.parametrize("version", [V1, V2])
def test_one_datagram(version):
    (datagram,) = datagrams(version)
    assert is_initial(datagram)
    hello = InitialHello().feed(datagram)
    assert (hello.sni, hello.alpn) == ("mobile.events.data.microsoft.com", ("h3",))


def test_a_hello_in_two_datagrams_in_any_order():
    first, second = datagrams(alpn=["h3", *(f"{'x' * 200}{n}" for n in range(6))])
    reader = InitialHello()
    assert reader.feed(first) is None
    assert reader.feed(second).sni == "mobile.events.data.microsoft.com"
    reader = InitialHello()
    assert reader.feed(second) is None
    assert reader.feed(first).sni == "mobile.events.data.microsoft.com"


def test_a_changed_packet_does_not_open():
    datagram = bytearray(datagrams()[0])
    datagram[100] ^= 1
    with pytest.raises(ValueError, match="does not open"):
        InitialHello().feed(bytes(datagram))


def test_what_is_no_initial():
    (datagram,) = datagrams()
    assert not is_initial(datagram[:20])
    assert not is_initial(b"\x40" + datagram[1:])  # short header
    assert not is_initial(datagram[:1] + b"\xff\0\0\x1d" + datagram[5:])  # a draft
    assert not is_initial(bytes([datagram[0] | 0x30]) + datagram[1:])  # Retry
    assert not is_initial(b"")


@given(st.binary(max_size=200), st.integers(0, 1199))
def test_any_bytes(rest, cut):
    whole = DATAGRAM[:cut]
    for datagram in (DATAGRAM[:5] + rest, whole, DATAGRAM[:1] + b"\0\0\0\1" + rest):
        try:
            InitialHello().feed(datagram)
        except ValueError:
            continue


DATAGRAM = datagrams()[0]

import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.packets.tls_hello import Reader, client_hello, encrypted_extensions_alpn, server_hello


def openssl_hello(**options):
    """A ClientHello that OpenSSL makes, without record and message header."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(options.get("alpn", ["h2", "http/1.1"]))
    context.maximum_version = options.get("version", ssl.TLSVersion.TLSv1_3)
    outgoing = ssl.MemoryBIO()
    tls = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="login.microsoftonline.com")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()[9:]


def test_openssl():
    hello = client_hello(openssl_hello())
    assert hello.sni == "login.microsoftonline.com"
    assert hello.alpn == ("h2", "http/1.1")
    assert hello.versions[0] == 0x0304
    assert len(hello.random) == 32
    assert not hello.early_data


def test_without_the_extension_the_old_field_counts():
    assert client_hello(openssl_hello(version=ssl.TLSVersion.TLSv1_2)).versions == (0x0303,)


def extensions(*pairs):
    body = b"".join(kind.to_bytes(2) + len(data).to_bytes(2) + data for kind, data in pairs)
    return len(body).to_bytes(2) + body


START = b"\x03\x03" + bytes(range(32))
CLIENT = START + b"\0" + b"\0\2\x13\x01" + b"\1\0"


def test_grease_is_left_out():
    hello = client_hello(
        CLIENT + extensions((0x0A0A, b""), (16, b"\0\x06\x02\x2a\x2a\x02h2"), (43, b"\x04\xca\xca\x03\x04"), (42, b""))
    )
    assert (hello.alpn, hello.versions, hello.early_data, hello.sni) == (("h2",), (0x0304,), True, None)


def test_a_name_of_any_bytes_is_shown():
    assert client_hello(CLIENT + extensions((0, b"\0\x05\0\0\x02\xff."))).sni == "\\xff."
    assert client_hello(CLIENT + extensions((0, b"\0\x04\x07\0\x01x"))).sni is None
    assert client_hello(CLIENT).sni is None


def test_server_hello():
    tls12 = server_hello(START + b"\0" + b"\xc0\x2f\0" + extensions((16, b"\0\x03\x02h2"), (22, b"")))
    assert (tls12.version, tls12.cipher, tls12.alpn, tls12.encrypt_then_mac, tls12.retry) == (
        0x303,
        0xC02F,
        "h2",
        True,
        False,
    )
    tls13 = server_hello(START + b"\0" + b"\x13\x02\0" + extensions((43, b"\x03\x04")))
    assert (tls13.version, tls13.cipher, tls13.alpn) == (0x304, 0x1302, None)
    retry = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
    assert server_hello(b"\x03\x03" + retry + b"\0\x13\x02\0" + extensions()).retry


def test_encrypted_extensions():
    assert encrypted_extensions_alpn(extensions((16, b"\0\x03\x02h2"))) == "h2"
    assert encrypted_extensions_alpn(extensions()) is None


HELLO = openssl_hello()


@given(st.integers(0, len(HELLO) - 1))
def test_every_cut_is_an_error_or_a_hello(size):
    try:
        hello = client_hello(HELLO[:size])
    except ValueError:
        return
    assert hello.sni is None  # cut right before the extensions


@given(st.binary(max_size=100))
def test_any_bytes(rest):
    for parse in (client_hello, server_hello, encrypted_extensions_alpn):
        for data in (rest, CLIENT + rest):
            try:
                parse(data)
            except ValueError:
                continue


def test_reader_ends():
    with pytest.raises(ValueError, match="too early"):
        Reader(b"\0\5ab").vector(2)
    with pytest.raises(ValueError, match="too early"):
        Reader(b"\0").number(2)

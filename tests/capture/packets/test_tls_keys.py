import hmac

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portalscope.capture.packets.hkdf import expand_label
from portalscope.capture.packets.tls_keys import SUITES, Tls13Key, prf, tls12_keys
from portalscope.capture.packets.tls_records import Record


def test_the_prf_with_the_published_vector():
    """The vector for P_SHA256 that the TLS working group's list has had since 2009."""
    secret = bytes.fromhex("9bbe436ba940f017b17652849a71db35")
    seed = b"test label" + bytes.fromhex("a0ba9f936cda311827a6f796ffd5198c")
    assert prf(secret, seed, 100, "sha256").hex() == (
        "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af"
        "0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701"
        "87347b66"
    )


def sealed13(secret, sequence, inner):
    key, iv = expand_label(secret, "key", 16), expand_label(secret, "iv", 12)
    header = b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2)
    nonce = (int.from_bytes(iv) ^ sequence).to_bytes(12)
    return Record(23, header, AESGCM(key).encrypt(nonce, inner, header))


def test_tls_13_takes_off_padding_and_finds_the_type():
    key = Tls13Key(b"s" * 32, SUITES[0x1301])
    assert key.open(sealed13(b"s" * 32, 5, b"text\x17\0\0\0"), 5) == (23, b"text")
    assert key.open(sealed13(b"s" * 32, 0, b"\x02\x30\x15"), 0) == (21, b"\x02\x30")
    with pytest.raises(ValueError, match="does not open"):
        key.open(sealed13(b"s" * 32, 5, b"text\x17"), 6)
    with pytest.raises(ValueError, match="without content type"):
        key.open(sealed13(b"s" * 32, 5, bytes(9)), 5)
    with pytest.raises(ValueError, match="does not open"):
        key.open(Record(23, b"\x17\x03\x03\0\x03", b"abc"), 0)


def test_a_key_update():
    updated = expand_label(b"s" * 32, "traffic upd", 32)
    assert Tls13Key(b"s" * 32, SUITES[0x1301]).next().open(sealed13(updated, 0, b"new\x17"), 0) == (23, b"new")


@pytest.mark.parametrize("encrypt_then_mac", [True, False])
def test_cbc_refuses_what_does_not_belong(encrypt_then_mac):
    client, server = tls12_keys(b"m" * 48, bytes(32), bytes(32), SUITES[0xC027], encrypt_then_mac=encrypt_then_mac)
    block = prf(b"m" * 48, b"key expansion" + bytes(64), 96, "sha256")
    mac_key, key = block[:32], block[64:80]

    def mac(data):
        return hmac.digest(mac_key, bytes(8) + b"\x17\x03\x03" + len(data).to_bytes(2) + data, "sha256")

    def encrypt(plain):
        fill = 15 - len(plain) % 16
        maker = Cipher(algorithms.AES(key), modes.CBC(b"i" * 16)).encryptor()
        return b"i" * 16 + maker.update(plain + bytes([fill]) * (fill + 1))

    payload = (
        (lambda data: data + mac(data))(encrypt(b"hello")) if encrypt_then_mac else encrypt(b"hello" + mac(b"hello"))
    )
    record = Record(23, b"\x17\x03\x03" + len(payload).to_bytes(2), payload)
    assert client.open(record, 0) == (23, b"hello")
    assert client.next() is None
    for key, sequence in ((client, 1), (server, 0)):
        with pytest.raises(ValueError, match="does not open"):
            key.open(record, sequence)
    for size in range(len(payload)):
        with pytest.raises(ValueError, match=r"open|blocks"):
            client.open(record._replace(payload=payload[:size]), 0)


def test_suites_of_tls_13_have_no_mac():
    assert all(not suite.mac for number, suite in SUITES.items() if number >> 8 == 0x13)
    assert {suite.key_size for suite in SUITES.values()} == {16, 32}

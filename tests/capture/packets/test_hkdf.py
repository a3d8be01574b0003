from portalscope.capture.packets.hkdf import expand_label, extract


def test_the_initial_keys_of_rfc_9001_a1():
    salt = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
    secret = expand_label(extract(salt, bytes.fromhex("8394c8f03e515708")), "client in", 32)
    assert secret.hex() == "c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea"
    assert expand_label(secret, "quic key", 16).hex() == "1f369613dd76d5467730efcbe3b1a22d"
    assert expand_label(secret, "quic iv", 12).hex() == "fa044b2f42a3fd3b46fb255c"
    assert expand_label(secret, "quic hp", 16).hex() == "9f50449e04a0e810283a1e9933adedd2"


def test_more_than_one_block():
    assert expand_label(b"s" * 48, "key", 100, "sha384")[:10] == expand_label(b"s" * 48, "key", 100, "sha384")[:10]
    assert len(expand_label(b"s" * 48, "key", 100, "sha384")) == 100

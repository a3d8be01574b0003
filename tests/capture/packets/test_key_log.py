from portalscope.capture.packets.key_log import CLIENT_TRAFFIC, MASTER, KeyLog

ONE, TWO = bytes(32), bytes([1]) * 32


def line(label, random, secret):
    return f"{label} {random.hex()} {secret.hex()}\n".encode()


def test_lines():
    log = KeyLog([b"# comment\r\n\r\n" + line(MASTER, ONE, b"m" * 48), line(CLIENT_TRAFFIC, TWO, b"t" * 32)])
    assert log.of(ONE) == {MASTER: b"m" * 48}
    assert log.of(TWO) == {CLIENT_TRAFFIC: b"t" * 32}
    assert log.of(b"x" * 32) == {}
    assert log.skipped == 0


def test_capitals_windows_line_ends_and_more_later():
    log = KeyLog([line(MASTER, ONE, b"\xab" * 48).upper().replace(b"\n", b"\r\n")])
    log.add(line("EXPORTER_SECRET", ONE, b"e" * 32))
    assert set(log.of(ONE)) == {MASTER, "EXPORTER_SECRET"}


def test_the_old_form_for_rsa_is_known_and_not_needed():
    log = KeyLog([b"RSA 0011223344556677 " + b"ab" * 48])
    assert (log.secrets, log.skipped) == ({}, 0)


def test_other_lines_are_counted_not_shown():
    log = KeyLog([b"hello\n" + b"CLIENT_RANDOM 00 11\n" + b"x" * 100_000 + b"\n\xff\xfe\n"])
    assert log.skipped == 4
    assert not log.secrets

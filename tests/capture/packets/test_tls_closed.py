import pytest

from portalscope.capture.packets.talk import Talk
from portalscope.capture.packets.tls_closed import NOT_INTERCEPTED, ClosedTls, alert
from tests.capture.packets.test_tls_hello import HELLO, START, extensions


def record(kind, payload):
    return bytes([kind, 3, 3]) + len(payload).to_bytes(2) + payload


def message(kind, body):
    return bytes([kind]) + len(body).to_bytes(3) + body


CLIENT = record(22, message(1, HELLO))
TLS13 = record(22, message(2, START + b"\0\x13\x02\0" + extensions((43, b"\x03\x04"))))
TLS12 = record(22, message(2, START + b"\0\xc0\x2f\0" + extensions((16, b"\0\x09\x08http/1.1"))))
FINISHED = record(23, bytes(53))


def hear(*said):
    talk = Talk({"tls": ClosedTls})
    for client, data in said:
        talk.data(1, data, client=client)
    return talk


def test_tls_13():
    talk = hear((True, CLIENT[:100]), (True, CLIENT[100:]), (False, TLS13 + record(23, bytes(900))))
    assert not talk.done
    talk.data(1, record(20, b"\x01") + FINISHED, client=True)
    facts = talk.facts
    assert talk.done
    assert (facts.spoken, facts.sni, facts.alpn, facts.version, facts.opaque) == (
        "tls", "login.microsoftonline.com", "h2,http/1.1", 0x304, NOT_INTERCEPTED,
    )  # fmt: skip


def test_tls_12_says_what_was_chosen():
    talk = hear((True, CLIENT), (False, TLS12), (True, record(20, b"\x01")))
    assert talk.done
    assert (talk.facts.alpn, talk.facts.version) == ("http/1.1", 0x303)


@pytest.mark.parametrize(
    ("last", "why"),
    [
        ((True, record(21, b"\x02\x30")), "tls failed: client sent unknown_ca"),
        ((False, record(21, b"\x02\x28")), "tls failed: server sent handshake_failure"),
        ((True, record(21, b"\x02\xf0")), "tls failed: client sent alert 240"),
    ],
)
def test_alerts_in_clear(last, why):
    assert hear((True, CLIENT), last).facts.opaque == why


def test_an_alert_that_is_encrypted_shows_by_its_size():
    talk = hear((True, CLIENT), (False, TLS13), (True, record(23, bytes(19))))
    assert talk.facts.opaque == "tls failed: client sent an encrypted alert instead of Finished"


def test_a_client_that_goes_away():
    talk = hear((True, CLIENT), (False, TLS13))
    talk.close()
    assert talk.facts.opaque == "tls failed: closed during the handshake"


def test_what_cannot_be_followed_is_still_tls():
    talk = hear((True, CLIENT + b"rubbish"))
    assert talk.done
    assert (talk.facts.sni, talk.facts.opaque) == ("login.microsoftonline.com", f"{NOT_INTERCEPTED} (not a TLS record)")
    talk = hear((True, CLIENT))
    talk.gap(3, client=False)
    assert talk.done
    assert talk.facts.opaque == NOT_INTERCEPTED


def test_alert_names():
    assert alert(48) == "unknown_ca"
    assert alert(1) == "alert 1"

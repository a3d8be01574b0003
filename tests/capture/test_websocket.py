"""Messages of a WebSocket."""

from datetime import UTC, datetime

from portalscope.capture.exchange import Exchange
from portalscope.capture.websocket import message

AT, LATER = datetime(2026, 5, 4, 9, 30, tzinfo=UTC), datetime(2026, 5, 4, 9, 31, tzinfo=UTC)
HANDSHAKE = Exchange(
    id="f.mitm#12",
    run="r",
    at=AT,
    method="GET",
    scheme="https",
    host="example.com",
    port=443,
    path="/socket",
    query="token=1",
    headers=(("Cookie", "c"),),
    status=101,
    response_headers=(("Upgrade", "websocket"),),
    server_ip="192.0.2.7",
    duration=1.0,
)


def test_a_message_of_the_client_is_a_body():
    said = message(HANDSHAKE, 3, b"hello", at=LATER, sent=True)
    assert (said.id, said.method, said.at, said.body, said.response_body) == (
        "f.mitm#12/ws3", "WEBSOCKET", LATER, b"hello", b"",
    )  # fmt: skip
    assert (said.host, said.path, said.server_ip, said.status) == ("example.com", "/socket", "192.0.2.7", 101)


def test_a_message_of_the_server_is_a_response_body():
    said = message(HANDSHAKE, 0, b"hello", at=LATER, sent=False)
    assert (said.body, said.response_body) == (b"", b"hello")


def test_what_the_handshake_said_is_not_said_again():
    said = message(HANDSHAKE, 0, b"", at=LATER, sent=True, error="dropped at the proxy")
    assert (said.query, said.headers, said.response_headers, said.duration) == ("", (), (), None)
    assert said.error == "dropped at the proxy"

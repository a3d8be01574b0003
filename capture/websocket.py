"""A message of a WebSocket as an exchange of its own."""

from dataclasses import replace
from datetime import datetime

from portalscope.capture.exchange import Exchange


def message(
    handshake: Exchange, number: int, content: bytes, *, at: datetime, sent: bool, error: str | None = None
) -> Exchange:
    """Return the exchange for one message of the WebSocket that a request opened; `number` counts from 0.

    The method is `WEBSOCKET`; the id is the handshake's with `/ws3`. What the client sent is the `body`, what the
    server sent is the `response_body`; the other side is empty. Query and headers stay with the handshake.
    `error` says why a message is not the client's own or never left the proxy.
    """
    return replace(
        handshake,
        id=f"{handshake.id}/ws{number}",
        at=at,
        method="WEBSOCKET",
        query="",
        headers=(),
        body=content if sent else b"",
        response_headers=(),
        response_body=b"" if sent else content,
        error=error,
        duration=None,
    )

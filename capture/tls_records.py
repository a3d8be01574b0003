"""Cut a TLS byte stream into records and records into handshake messages (RFC 8446 sections 5.1 and 4)."""

from collections.abc import Iterator
from typing import NamedTuple

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA = 20, 21, 22, 23
HEADER = 5
LARGEST_RECORD = (1 << 14) + 2048  # RFC 5246 section 6.2.3; TLS 1.3 allows less
LARGEST_MESSAGE = 1 << 20  # certificate chains stay far below


class Record(NamedTuple):
    """One record: content type, the five header bytes (they are authenticated), the payload as sent."""

    type: int
    header: bytes
    payload: bytes


class RecordStream:
    """Collects the bytes of one direction and gives back whole records."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.lost = False

    def feed(self, data: bytes) -> None:
        """Add the next bytes of the stream."""
        self.buffer += data

    def records(self) -> Iterator[Record]:
        """Yield the records that are whole; ValueError when the stream is not TLS."""
        while len(self.buffer) >= HEADER:
            header = bytes(self.buffer[:HEADER])
            if not plausible(header):
                raise ValueError("not a TLS record")
            end = HEADER + int.from_bytes(header[3:])
            if len(self.buffer) < end:
                return
            payload = bytes(self.buffer[HEADER:end])
            del self.buffer[:end]
            yield Record(header[0], header, payload)


def plausible(header: bytes) -> bool:
    """Say whether five bytes can start a TLS record."""
    return (
        CHANGE_CIPHER_SPEC <= header[0] <= APPLICATION_DATA
        and header[1] == 3
        and header[2] <= 4
        and int.from_bytes(header[3:5]) <= LARGEST_RECORD
    )


class Handshakes:
    """Collects handshake payloads of one direction and gives back whole messages."""

    def __init__(self) -> None:
        self.buffer = bytearray()

    def feed(self, payload: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield the messages that are whole now as (type, body); ValueError when one claims to be huge."""
        self.buffer += payload
        while len(self.buffer) >= 4:
            size = int.from_bytes(self.buffer[1:4])
            if size > LARGEST_MESSAGE:
                raise ValueError("TLS handshake message too large")
            if len(self.buffer) < 4 + size:
                return
            message = self.buffer[0], bytes(self.buffer[4 : 4 + size])
            del self.buffer[: 4 + size]
            yield message

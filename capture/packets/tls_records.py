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

    @classmethod
    def at(cls, buffer: bytearray, start: int) -> "Record | None":
        """Return the record that starts there, None when it is not whole yet."""
        header = bytes(buffer[start : start + HEADER])
        end = start + HEADER + int.from_bytes(header[3:5])
        return (
            cls(header[0], header, bytes(buffer[start + HEADER : end]))
            if len(header) == HEADER and len(buffer) >= end
            else None
        )


class RecordStream:
    """Collects the bytes of one direction and gives back whole records."""

    def __init__(self) -> None:
        self.buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Add the next bytes of the stream."""
        self.buffer += data

    def next(self) -> Record | None:
        """Return the next record, None when it is not whole yet; ValueError when the stream is not TLS."""
        buffer = self.buffer
        if len(buffer) < HEADER:
            return None
        if not plausible(buffer):
            raise ValueError("not a TLS record")
        record = Record.at(buffer, 0)
        if record is not None:
            del buffer[: HEADER + len(record.payload)]
        return record


def plausible(buffer: bytearray, at: int = 0) -> bool:
    """Say whether the five bytes there can start a TLS record."""
    return (
        CHANGE_CIPHER_SPEC <= buffer[at] <= APPLICATION_DATA
        and buffer[at + 1] == 3
        and buffer[at + 2] <= 4
        and buffer[at + 3] << 8 | buffer[at + 4] <= LARGEST_RECORD
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

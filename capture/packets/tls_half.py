"""One direction of an opened TLS connection: which key opens the next record, also after packets were lost."""

from dataclasses import dataclass, field

from portalscope.capture.packets.tls_keys import RecordKey
from portalscope.capture.packets.tls_records import (
    APPLICATION_DATA,
    HEADER,
    Handshakes,
    Record,
    RecordStream,
    plausible,
)

SMALLEST = 22  # a record with one byte in it: a loss of n bytes can have swallowed n / 22 records
MOST_SKIPPED = 512  # record numbers that are tried after a loss
MOST_TRIALS = 20_000  # in a row: bounds what bytes that only look like records can cost
START = bytes([APPLICATION_DATA, 3, 3])
MOST_KEPT = 1 << 16


@dataclass(slots=True)
class Half:
    """`key` opens the records from `sequence` on, `later` come after it; `slack` is how many numbers may be missing.

    What announces a change of keys can be lost, so the next key is simply tried when the present one does not fit:
    authenticated encryption says which one was right.
    """

    records: RecordStream = field(default_factory=RecordStream)
    handshakes: Handshakes = field(default_factory=Handshakes)
    key: RecordKey | None = None
    later: list[RecordKey] = field(default_factory=list)
    sequence: int = 0
    slack: int = 0
    seeking: bool = False
    closed: bytearray = field(default_factory=bytearray)
    failures: int = 0
    trials: int = 0

    def next(self) -> Record | None:
        """Return the next whole record; ValueError when the stream is not TLS."""
        return None if self.seeking else self.records.next()

    def lose(self, size: int) -> bool:
        """Learn that bytes are missing; return whether there is a key to find the way back with."""
        if self.key is None and self.later:
            self.key = self.later.pop(0)  # what would have announced it is lost
        self.slack = min(self.slack + size // SMALLEST + 2, MOST_SKIPPED)
        self.keep(bytes(self.records.buffer))
        self.records.buffer.clear()
        self.seeking = True
        return self.key is not None

    def seek(self) -> tuple[int, bytes] | None:
        """Look for the next record that a key opens; return its type and plaintext."""
        buffer, start = self.records.buffer, 0
        while (start := buffer.find(START, start)) >= 0 and len(buffer) >= start + HEADER:
            if plausible(buffer, start):
                record = Record.at(buffer, start)
                if record is None:
                    break
                opened = self.open(record)
                if opened is not None:
                    self.keep(bytes(buffer[:start]))
                    del buffer[: start + HEADER + len(record.payload)]
                    self.seeking = False
                    return opened
            start += 1
        done = start if start >= 0 else max(len(buffer) - len(START) + 1, 0)
        self.keep(bytes(buffer[:done]))
        del buffer[:done]
        return None

    def open(self, record: Record) -> tuple[int, bytes] | None:
        """Return type and plaintext of a record, None when no key opens it; ValueError when too many were tried."""
        if self.key is None:
            return None
        opened = self._try(self.key, record, self.sequence)
        if opened is None:
            following = self.later[0] if self.later else self.key.next()
            opened = self._try(following, record, 0) if following else None
            if opened is not None and following is not None:
                self.key, self.later = following, self.later[1:]
        return opened

    def keep(self, data: bytes) -> None:
        """Remember bytes that nobody opened."""
        self.closed += data[: MOST_KEPT - len(self.closed)]

    def take(self) -> bytes:
        """Return the bytes that nobody opened, and forget them."""
        closed = bytes(self.closed)
        self.closed.clear()
        return closed

    def _try(self, key: RecordKey, record: Record, first: int) -> tuple[int, bytes] | None:
        for sequence in range(first, first + self.slack + 1):
            self.trials += 1
            if self.trials > MOST_TRIALS:
                raise ValueError("too many records that no key opens")
            try:
                opened = key.open(record, sequence)
            except ValueError:
                continue
            self.sequence, self.slack, self.failures, self.trials = sequence + 1, 0, 0, 0
            return opened
        return None

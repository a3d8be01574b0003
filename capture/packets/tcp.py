"""One direction of a TCP connection: counts its bytes once, however often sent, and hands them on in order."""

from heapq import heappop, heappush
from typing import Protocol

SEQUENCE = 0xFFFFFFFF
UNKNOWN = -1  # before the first segment of a side
HALF = 1 << 31
FAR = 1 << 26  # no window is larger in practice: a jump beyond is a new start, not a loss
HELD_BYTES = 1 << 21  # what waits for a missing segment before that is given up
HELD_SEGMENTS = 4096
CERTAIN = 16  # acknowledgements of something that we have not got


class Listener(Protocol):
    """Whoever wants the bytes of both directions of a connection, in order."""

    def data(self, at: int, chunk: bytes, *, client: bool) -> None:
        """Take the next bytes of a direction; `at` in µs since 1970."""

    def gap(self, size: int, *, client: bool) -> None:
        """Learn that `size` bytes of a direction were not captured."""

    def close(self) -> None:
        """Learn that both directions ended."""


class Side:
    """What one end sent. `total` counts payload bytes: retransmissions once, lost ones too (the numbers show them)."""

    __slots__ = ("client", "doubts", "held", "held_size", "listener", "next", "total")

    def __init__(self, start: int, *, client: bool) -> None:
        self.next = start
        self.client = client
        self.total = 0
        self.doubts = 0  # how often the other side acknowledged what we have not got
        self.held: list[tuple[int, int, int, bytes]] = []  # a heap of place in the stream, length, time, payload
        self.held_size = 0
        self.listener: Listener | None = None

    def segment(self, at: int, seq: int, length: int, payload: bytes) -> None:
        """Take a segment with payload; `length` is its size on the wire, `payload` what the capture kept of it."""
        if seq != self.next:
            self._unexpected(at, seq, length, payload)
            return
        self._advance(at, length, payload)
        if self.held:
            self._release()

    def acknowledge(self, ack: int) -> None:
        """Learn what the other side says it has. What it has and we have not, the capture lost.

        A capture may hold an acknowledgement before what it acknowledges, so that it takes several to be certain. A FIN
        counts as one byte.
        """
        ahead = (ack - self.next) & SEQUENCE
        if self.next == UNKNOWN or not 1 < ahead < FAR:
            return
        self.doubts += 1
        if self.doubts >= CERTAIN:
            end = self.total + ahead
            while self.total < end:
                self._skip(min(self.held[0][0], end) if self.held else end)

    def finish(self) -> None:
        """Give up waiting: hand over what is held, with gaps where segments are missing."""
        while self.held:
            self._skip(self.held[0][0])

    def _advance(self, at: int, length: int, payload: bytes) -> None:
        self.next = (self.next + length) & SEQUENCE
        self.total += length
        self.doubts = 0
        listener = self.listener
        if listener is None:
            return
        if payload:
            listener.data(at, payload, client=self.client)
        if len(payload) < length:
            listener.gap(length - len(payload), client=self.client)

    def _unexpected(self, at: int, seq: int, length: int, payload: bytes) -> None:
        if self.next == UNKNOWN:
            self.next = seq
        ahead = (seq - self.next) & SEQUENCE
        if ahead == 0:
            self.segment(at, seq, length, payload)
        elif ahead >= HALF:
            again = SEQUENCE + 1 - ahead
            if again < length:
                self.segment(at, self.next, length - again, payload[again:])
        elif ahead > FAR:
            self.finish()
            self.next = seq
            self._advance(at, length, payload)
        elif self.listener is None:
            self.next = (seq + length) & SEQUENCE
            self.total += ahead + length
        else:
            self._hold(at, self.total + ahead, length, payload)

    def _hold(self, at: int, place: int, length: int, payload: bytes) -> None:
        heappush(self.held, (place, length, at, payload))
        self.held_size += len(payload)
        while self.held_size > HELD_BYTES or len(self.held) > HELD_SEGMENTS:
            self._skip(self.held[0][0])

    def _release(self) -> None:
        """Hand on, with its own time, what follows without a hole now."""
        while self.held and self.held[0][0] <= self.total:
            place, length, at, payload = heappop(self.held)
            self.held_size -= len(payload)
            again = self.total - place
            if again < length:
                self._advance(at, length - again, payload[again:])

    def _skip(self, place: int) -> None:
        missing = place - self.total
        self.next = (self.next + missing) & SEQUENCE
        self.total = place
        if missing and self.listener is not None:
            self.listener.gap(missing, client=self.client)
        self._release()

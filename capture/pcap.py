"""Read a packet capture: which servers were reached, how much went each way, and what was said, where keys open it.

The way: frames -> packets -> conversations (TCP) and datagrams (DNS, QUIC) -> talks, which find out what is spoken ->
TLS records -> HTTP messages -> exchanges.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from portalscope.capture.exchange import Connection, Exchange
from portalscope.capture.packets.conversations import IDLE, Conversation, Conversations
from portalscope.capture.packets.datagrams import Datagrams
from portalscope.capture.packets.dns import Names
from portalscope.capture.packets.key_log import KeyLog
from portalscope.capture.packets.listening import Closed, Listening, Opened
from portalscope.capture.packets.packet_file import FileNotes, frames
from portalscope.capture.packets.seen import Seen, server
from portalscope.capture.packets.slicing import TCP, slice_packet
from portalscope.capture.problem import Problem

SWEEP = 1 << 14  # packets between two looks for connections that are over


def read_pcap(path: Path, run: str) -> Iterator[Connection | Problem]:
    """Yield every connection in a pcap or pcapng file, and what could not be read.

    Connections come as they end, not as they begin. One per TCP connection, QUIC connection and DNS question. `host` is
    the server name of the ClientHello, else the one asked of a proxy or in a Host header, else the name that DNS had
    given for the address, else the address. `ip` is None for what went through a proxy: the address is the proxy's.
    `alpn` is the server's choice, or the client's offers with commas where the choice was encrypted (TLS 1.3). OSError
    if there is no such file.
    """
    for found in _Capture(path, run, FileNotes(), Closed()).read():
        assert not isinstance(found, Exchange)
        yield found


def read_with_keys(path: Path, keylogs: Sequence[Path], run: str) -> Iterator[Exchange | Connection | Problem]:
    """Yield what `read_pcap` yields, and the exchanges that are in clear or that the key logs open.

    Key logs are in the format of SSLKEYLOGFILE; those inside a pcapng file count too. What was seen on both sides of a
    proxy comes once (`twins.py`). Exchanges come as they end. OSError if there is no such file.
    """
    notes = FileNotes()
    keys = KeyLog(keylog.read_bytes() for keylog in keylogs)
    yield from _Capture(path, run, notes, Opened(path.name, run, keys, notes.secrets)).read()
    if keys.skipped:
        why = f"{keys.skipped} lines of the key logs are no key log lines"
        yield Problem(exchange=path.name, part="file", step="keys", why=why)


class _Capture:
    """One pass over one file."""

    def __init__(self, path: Path, run: str, notes: FileNotes, listening: Listening) -> None:
        self.path = path
        self.notes = notes
        self.listening = listening
        self.names = Names()
        self.seen = Seen(path.name, run, self.names)
        self.conversations = Conversations(self._begun)
        self.datagrams = Datagrams(self.names)
        self.unread: Counter[str] = Counter()

    def read(self) -> Iterator[Connection | Exchange | Problem]:
        """Yield what the file holds."""
        segment, out, at = self.conversations.segment, self.listening.out, 0
        for count, (at, link, frame) in enumerate(frames(self.path, self.notes), 1):
            packet = slice_packet(link, frame)
            if isinstance(packet, str):
                self.unread[packet] += 1
            elif packet[0] == TCP:
                segment(at, packet)
            elif problem := self.datagrams.datagram(at, packet):
                self.unread[problem] += 1
            if out:
                yield from self._take()
            if not count % SWEEP:
                self.datagrams.sweep(at, IDLE)
                yield from self._over(self.conversations.sweep(at))
        self.datagrams.sweep(at, -1)
        yield from self._over(self.conversations.rest())
        self.listening.finish()
        yield from self._take()
        yield from self._problems()

    def _begun(self, conversation: Conversation) -> None:
        conversation.asked = self.names.host(server(conversation.key)[0])
        conversation.listen(self.listening.listen(conversation))

    def _take(self) -> Iterator[Exchange | Problem]:
        yield from self.listening.out
        self.listening.out.clear()

    def _over(self, ended: Iterable[Conversation]) -> Iterator[Connection | Exchange | Problem]:
        over, self.datagrams.done = self.datagrams.done, []
        yield from self.seen.datagrams(over)
        for conversation in ended:
            yield from self._take()
            yield self.seen.tcp(conversation, self.listening.exchanges.pop(conversation.number, 0))

    def _problems(self) -> Iterator[Problem]:
        name = self.path.name
        if self.notes.damage:
            yield Problem(exchange=name, part="file", step="packets", why=self.notes.damage)
        for why, count in self.unread.most_common():
            yield Problem(exchange=name, part="file", step="packets", why=f"{count} × {why}")

"""Read a packet capture: which servers were reached, how much went each way, and what stayed closed.

The way: frames -> packets -> conversations (TCP) and datagrams (DNS, QUIC) -> talks, which find out what is spoken.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from portalscope.capture.conversations import IDLE, Conversation, Conversations
from portalscope.capture.datagrams import Datagrams
from portalscope.capture.dns import Names
from portalscope.capture.exchange import Connection, Exchange
from portalscope.capture.host_only import HostOnly
from portalscope.capture.packet_file import FileNotes, frames
from portalscope.capture.packets import TCP, slice_packet
from portalscope.capture.problem import Problem
from portalscope.capture.seen import Seen, server
from portalscope.capture.talk import Opener, Talk
from portalscope.capture.tls_closed import ClosedTls
from portalscope.capture.tunnel import Tunnel

SWEEP = 1 << 14  # packets between two looks for connections that are over
CLOSED: dict[str, Opener] = {"tls": ClosedTls, "tunnel": Tunnel, "http": HostOnly, "h2": HostOnly}


def read_pcap(path: Path, run: str) -> Iterator[Connection | Problem]:
    """Yield every connection in a pcap or pcapng file, and what could not be read.

    Connections come as they end, not as they begin. One per TCP connection, QUIC connection and DNS question. `host` is
    the server name of the ClientHello, else the one asked of a proxy or in a Host header, else the name that DNS had
    given for the address, else the address. `ip` is None for what went through a proxy: the address is the proxy's.
    `alpn` is the server's choice, or the client's offers with commas where the choice was encrypted (TLS 1.3). OSError
    if there is no such file.
    """
    capture = Capture(path, run, lambda _: Talk(CLOSED))
    for found in capture.read():
        assert not isinstance(found, Exchange)
        yield found


class Capture:
    """One pass over one file. `listen` makes the talk for a new TCP connection; `out` is what talks want out."""

    def __init__(self, path: Path, run: str, listen: Callable[[Conversation], Talk]) -> None:
        self.path = path
        self.notes = FileNotes()
        self.names = Names()
        self.seen = Seen(path.name, run, self.names)
        self.listen = listen
        self.conversations = Conversations(self._begun)
        self.datagrams = Datagrams(self.names)
        self.unread: Counter[str] = Counter()
        self.out: list[Exchange | Problem] = []
        self.exchanges: Counter[int] = Counter()

    def read(self) -> Iterator[Connection | Exchange | Problem]:
        """Yield what the file holds."""
        segment, at = self.conversations.segment, 0
        for count, (at, link, frame) in enumerate(frames(self.path, self.notes), 1):
            packet = slice_packet(link, frame)
            if isinstance(packet, str):
                self.unread[packet] += 1
            elif packet[0] == TCP:
                segment(at, packet)
            elif problem := self.datagrams.datagram(at, packet):
                self.unread[problem] += 1
            if self.out:
                yield from self._take()
            if not count % SWEEP:
                self.datagrams.sweep(at, IDLE)
                yield from self._over(self.conversations.sweep(at))
        self.datagrams.sweep(at, -1)
        yield from self._over(self.conversations.rest())
        yield from self._problems()

    def _begun(self, conversation: Conversation) -> None:
        conversation.asked = self.names.host(server(conversation.key)[0])
        conversation.listen(self.listen(conversation))

    def _take(self) -> Iterator[Exchange | Problem]:
        taken, self.out = self.out, []
        yield from taken

    def _over(self, ended: Iterable[Conversation]) -> Iterator[Connection | Exchange | Problem]:
        over, self.datagrams.done = self.datagrams.done, []
        yield from self.seen.datagrams(over)
        for conversation in ended:
            yield from self._take()
            yield self.seen.tcp(conversation, self.exchanges.pop(conversation.number, 0))

    def _problems(self) -> Iterator[Problem]:
        name = self.path.name
        if self.notes.damage:
            yield Problem(exchange=name, part="file", step="packets", why=self.notes.damage)
        for why, count in self.unread.most_common():
            yield Problem(exchange=name, part="file", step="packets", why=f"{count} × {why}")

"""What a recording holds so far, host by host: for the eyes of whoever records, while it is recorded."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from portalscope.capture.exchange import Connection, Exchange
from portalscope.decoders.finding import Finding
from portalscope.decoders.message import Message

REFUSED, SILENT = "tls failed", "then silent"

type Judge = Callable[[Exchange], tuple[Message, Sequence[Sequence[Finding]]]]


@dataclass(slots=True)
class Host:
    """Counts of one host: `size` are bytes of requests as sent, `events` records of telemetry.

    `refused` are handshakes that failed, `silent` connections on which nothing was said, `closed` all others that were
    not read. `kinds` are the kinds of data by category, those alone that rest on more than name or look.
    """

    requests: int = 0
    size: int = 0
    refused: int = 0
    silent: int = 0
    closed: int = 0
    events: int = 0
    kinds: dict[str, set[str]] = field(default_factory=dict)


class Watch:
    """Takes what was recorded, one after the other. Without `judge`, which decodes and judges, it only counts."""

    def __init__(self, judge: Judge | None = None) -> None:
        self.judge = judge
        self.hosts: dict[str, Host] = {}

    def see(self, item: Exchange | Connection) -> None:
        """Count an exchange or a connection."""
        host = self.hosts.setdefault(item.host.lower(), Host()) if relevant(item) else None
        if host and isinstance(item, Exchange):
            host.requests += 1
            host.size += len(item.body)
            self.look(host, item)
        elif host and isinstance(item, Connection):
            count(host, item.opaque_because or "")

    def look(self, host: Host, exchange: Exchange) -> None:
        """Decode an exchange and count what was sent in it."""
        if not self.judge:
            return
        message, findings = self.judge(exchange)
        for event, judged in zip(message.events, findings, strict=True):
            host.events += event.kind == "record"
            for leaf, finding in zip(event.fields, judged, strict=True):
                if not leaf.part.startswith("response") and not finding.candidate:
                    host.kinds.setdefault(finding.category, set()).add(finding.property)

    def total(self) -> Counter[str]:
        """Return how many kinds of data there are of each category, over all hosts."""
        every: dict[str, set[str]] = {}
        for host in list(self.hosts.values()):
            for category, kinds in list(host.kinds.items()):
                every.setdefault(category, set()).update(kinds)
        return Counter({category: len(kinds) for category, kinds in every.items()})


def relevant(item: Exchange | Connection) -> bool:
    """Whether this says something of a host: a question to DNS and a connection that was read do not."""
    return isinstance(item, Exchange) or (item.transport != "dns" and bool(item.opaque_because))


def count(host: Host, why: str) -> None:
    """Count a connection by why it was not read."""
    if why.startswith(REFUSED):
        host.refused += 1
    elif why.endswith(SILENT):
        host.silent += 1
    else:
        host.closed += 1

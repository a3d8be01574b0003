"""DNS over UDP: which name became which address, by way of which names (RFC 1035, RFC 3596)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from socket import AF_INET, AF_INET6, inet_ntop

A, CNAME, AAAA = 1, 5, 28
RESPONSE = 0x8000
LONGEST_NAME = 255
MOST_RECORDS = 256
RCODES = {1: "format error", 2: "server failure", 3: "no such name", 4: "not implemented", 5: "refused"}

_header = struct.Struct("!HHHHHH").unpack_from
_record = struct.Struct("!HHIH").unpack_from


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsMessage:
    """A question or its answer. `cnames` is the chain from the question on, in order; `addresses` are texts."""

    id: int
    response: bool
    question: str
    error: str = ""
    cnames: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


def parse_dns(payload: bytes) -> DnsMessage:
    """Parse a datagram from or to port 53; ValueError when it is no DNS message with a question."""
    try:
        number, flags, questions, answers, _, _ = _header(payload)
        if questions != 1:
            raise ValueError("no single question")
        question, at = _name(payload, 12)
        records = list(_answers(payload, at + 4, min(answers, MOST_RECORDS))) if flags & RESPONSE else []
    except (struct.error, IndexError) as error:
        raise ValueError("DNS message is cut short") from error
    aliases = {name: target for name, kind, target in records if kind == CNAME}
    return DnsMessage(
        id=number,
        response=bool(flags & RESPONSE),
        question=question,
        error=RCODES.get(flags & 15, f"error {flags & 15}") if flags & 15 else "",
        cnames=tuple(_chain(question, aliases)),
        addresses=tuple(target for _, kind, target in records if kind != CNAME),
    )


def _chain(name: str, aliases: dict[str, str]) -> Iterator[str]:
    while (target := aliases.pop(name, None)) is not None:
        yield target
        name = target


def _answers(payload: bytes, at: int, count: int) -> Iterator[tuple[str, int, str]]:
    for _ in range(count):
        name, at = _name(payload, at)
        kind, _, _, size = _record(payload, at)
        at += 10
        data = payload[at : at + size]
        if len(data) < size:
            return  # a capture that kept only the start of each packet still gives the first records
        if kind == CNAME:
            yield name, kind, _name(payload, at)[0]
        elif kind == A and size == 4:
            yield name, kind, inet_ntop(AF_INET, data)
        elif kind == AAAA and size == 16:
            yield name, kind, inet_ntop(AF_INET6, data)
        at += size


def _name(payload: bytes, at: int) -> tuple[str, int]:
    """Return a name in lower case and the place after it; its length is bounded, so reading ends (RFC 1035, 4.1.4)."""
    labels: list[bytes] = []
    end, left = 0, LONGEST_NAME
    while size := payload[at]:
        if size >= 0xC0:
            target = (size & 0x3F) << 8 | payload[at + 1]
            if target >= at:
                raise ValueError("DNS name points forward")
            end, at = end or at + 2, target
            continue
        left -= size + 1
        if size > 63 or left < 0:
            raise ValueError("DNS name too long")
        labels.append(payload[at + 1 : at + 1 + size])
        at += size + 1
    return b".".join(labels).decode("ascii", "backslashreplace").lower(), end or at + 1


class Names:
    """What the answers so far say: the chain of names behind a name, and which name an address was asked for."""

    MOST = 50_000

    def __init__(self) -> None:
        self.chains: dict[str, tuple[str, ...]] = {}
        self.hosts: dict[str, str] = {}

    def learn(self, answer: DnsMessage) -> None:
        """Remember an answer; the latest one counts, the oldest are forgotten."""
        if answer.cnames:
            _remember(self.chains, answer.question, answer.cnames, self.MOST)
        for address in answer.addresses:
            _remember(self.hosts, address, answer.question, self.MOST)

    def chain(self, host: str) -> tuple[str, ...]:
        """Return the names that DNS gave for a host, in order; empty when it gave none or was not asked."""
        return self.chains.get(host.lower(), ())

    def host(self, address: str) -> str | None:
        """Return the name that was last asked for and answered with this address."""
        return self.hosts.get(address)


def _remember[V](known: dict[str, V], key: str, value: V, most: int) -> None:
    known.pop(key, None)
    known[key] = value
    if len(known) > most:
        del known[next(iter(known))]

"""Writes small captures for tests: the headers are synthetic, the payloads are the test's own or somebody else's."""

import struct
from dataclasses import dataclass, field
from pathlib import Path
from socket import AF_INET, AF_INET6, inet_pton

ROOT = Path(__file__).parents[2]
ORT132 = ROOT / "samples" / "pcap_ort132"
DATA = ROOT / "tests" / "data" / "pcap"
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
CLIENT, SERVER = ("192.0.2.10", 50000), ("198.51.100.5", 443)


def tcp(source, target, payload=b"", *, seq=0, ack=0, flags=PSH | ACK):
    """A TCP segment in an IP packet."""
    header = struct.pack(
        "!HHIIBBHHH", source[1], target[1], seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, 5 << 4, flags, 65535, 0, 0
    )
    return ip(source[0], target[0], 6, header + payload)


def udp(source, target, payload):
    """A UDP datagram in an IP packet."""
    return ip(source[0], target[0], 17, struct.pack("!HHHH", source[1], target[1], 8 + len(payload), 0) + payload)


def ip(source, target, protocol, payload):
    """An IPv4 or IPv6 packet, by the look of the addresses."""
    if ":" in source:
        addresses = inet_pton(AF_INET6, source) + inet_pton(AF_INET6, target)
        return struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) + addresses + payload
    addresses = inet_pton(AF_INET, source) + inet_pton(AF_INET, target)
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0) + addresses + payload


def ethernet(packet):
    """The packet in an Ethernet frame."""
    return bytes(12) + (b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\x00") + packet


def pcap(frames, link=1, order="<", magic=0xA1B2C3D4):
    """A pcap file; a frame is its bytes, or (seconds, fraction, bytes)."""
    header = struct.pack(order + "IHHIIII", magic, 2, 4, 0, 0, 262144, link)
    timed = ((n, 0, frame) if isinstance(frame, bytes) else frame for n, frame in enumerate(frames))
    return header + b"".join(
        struct.pack(order + "IIII", seconds, small, len(frame), len(frame)) + frame for seconds, small, frame in timed
    )


@dataclass
class Dialogue:
    """One TCP connection as frames; both sides start at sequence number 1000 unless told otherwise."""

    client: tuple[str, int] = CLIENT
    server: tuple[str, int] = SERVER
    next: dict = field(default_factory=lambda: {True: 1000, False: 1000})
    frames: list = field(default_factory=list)

    def emit(self, client, payload=b"", flags=PSH | ACK):
        ends = (self.client, self.server) if client else (self.server, self.client)
        segment = tcp(*ends, payload, seq=self.next[client], ack=self.next[not client], flags=flags)
        self.frames.append(ethernet(segment))
        self.next[client] += len(payload) + bool(flags & (SYN | FIN))

    def open(self):
        self.emit(True, flags=SYN)
        self.emit(False, flags=SYN | ACK)
        self.emit(True, flags=ACK)
        return self

    def say(self, client, payload, size=1400):
        for at in range(0, len(payload), size):
            self.emit(client, payload[at : at + size])
        return self

    def close(self):
        self.emit(True, flags=FIN | ACK)
        self.emit(False, flags=FIN | ACK)
        return self

    def write(self, path: Path) -> Path:
        path.write_bytes(pcap(self.frames))
        return path

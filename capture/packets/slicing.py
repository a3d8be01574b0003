"""Slice link, IP, TCP and UDP headers off a frame; no layer objects, because every frame of a capture comes by here."""

import struct

TCP, UDP = 6, 17
FIN, SYN, RST, ACK = 1, 2, 4, 16

ETHERNET, NULL, LOOP, SLL, SLL2 = 1, 0, 108, 113, 276  # https://www.tcpdump.org/linktypes.html
RAW_IP = frozenset({12, 14, 101, 228, 229})
IPV4, IPV6, PPPOE = 0x0800, 0x86DD, 0x8864
VLAN_TAGS = frozenset({0x8100, 0x88A8, 0x9100})
EXTENSIONS = frozenset({0, 43, 51, 60, 135})  # IPv6 headers that say what comes next (RFC 8200, RFC 4302, RFC 6275)
FRAGMENT = 44

_word = struct.Struct("!H").unpack_from
_tcp = struct.Struct("!IIBB").unpack_from
_ethernet_ipv4_tcp = struct.Struct("!12xHBxHxxHxBxx12sIIBB")  # the usual frame in one go: half the time of the long way

NOT_IP = "neither IPv4 nor IPv6 (ARP and the like)"
NOT_TCP_UDP = "IP, but neither TCP nor UDP (ICMP and the like)"
FRAGMENTED = "fragment of an IP packet, not put together"
CUT = "header cut short"


type Packet = tuple[int, bytes, int, bytes, int, int, int]
"""One TCP segment or UDP datagram: protocol, key, length, payload, sequence number, acknowledgement, flags.

The key is source address, destination address, source port, destination port in network order (12 bytes for IPv4,
36 for IPv6); length is the payload's on the wire, the payload what of it was captured. UDP has 0 for the last three.
"""


def slice_packet(link: int, frame: bytes) -> Packet | str:
    """Return the segment or datagram in a frame, or why there is none in it."""
    if link == ETHERNET and len(frame) >= _ethernet_ipv4_tcp.size:
        ethertype, first, total, part, protocol, key, seq, ack, offset, flags = _ethernet_ipv4_tcp.unpack_from(frame)
        if ethertype == IPV4 and first == 0x45 and protocol == TCP and total and not part & 0x3FFF:
            start, end = 34 + (offset >> 4) * 4, 14 + total
            return TCP, key, max(end - start, 0), frame[start:end], seq, ack, flags
    return _slice_any(link, frame)


def _slice_any(link: int, frame: bytes) -> Packet | str:
    try:
        if link == ETHERNET:
            return _ethertype(frame, 12)
        if link in RAW_IP:
            return _by_version(frame, 0)
        if link in (NULL, LOOP):  # the address family differs between systems; the version nibble does not
            return _by_version(frame, 4)
        if link == SLL:
            return _ethertype(frame, 14)
        if link == SLL2:
            return _protocol(frame, _word(frame, 0)[0], 20)
    except (struct.error, IndexError):
        return CUT
    return f"link type {link} is not known"


def _ethertype(frame: bytes, at: int) -> Packet | str:
    return _protocol(frame, _word(frame, at)[0], at + 2)


def _protocol(frame: bytes, ethertype: int, at: int) -> Packet | str:
    while ethertype in VLAN_TAGS:
        ethertype, at = _word(frame, at + 2)[0], at + 4
    if ethertype == IPV4:
        return _ipv4(frame, at)
    if ethertype == IPV6:
        return _ipv6(frame, at)
    return _by_version(frame, at + 8) if ethertype == PPPOE else NOT_IP


def _by_version(frame: bytes, at: int) -> Packet | str:
    version = frame[at] >> 4
    return _ipv4(frame, at) if version == 4 else _ipv6(frame, at) if version == 6 else NOT_IP


def _ipv4(frame: bytes, at: int) -> Packet | str:
    if _word(frame, at + 6)[0] & 0x3FFF:
        return FRAGMENTED
    start = at + (frame[at] & 15) * 4
    total = _word(frame, at + 2)[0]
    end = at + total if total else len(frame)  # 0: segmentation left to the network card
    return _transport(frame, frame[at + 9], frame[at + 12 : at + 20], start, end)


def _ipv6(frame: bytes, at: int) -> Packet | str:
    size, following = _word(frame, at + 4)[0], frame[at + 6]
    start = at + 40
    end = start + size if size else len(frame)
    while following in EXTENSIONS:
        length = (frame[start + 1] + 2) * 4 if following == 51 else (frame[start + 1] + 1) * 8
        following, start = frame[start], start + length
    if following == FRAGMENT:
        return FRAGMENTED
    return _transport(frame, following, frame[at + 8 : at + 40], start, end)


def _transport(frame: bytes, protocol: int, addresses: bytes, start: int, end: int) -> Packet | str:
    ports = frame[start : start + 4]
    if protocol == TCP:
        seq, ack, offset, flags = _tcp(frame, start + 4)
        data = start + (offset >> 4) * 4
        return TCP, addresses + ports, max(end - data, 0), frame[data:end], seq, ack, flags
    if protocol == UDP:
        length = _word(frame, start + 4)[0] - 8
        return (UDP, addresses + ports, length, frame[start + 8 : start + 8 + length], 0, 0, 0) if length >= 0 else CUT
    return NOT_TCP_UDP

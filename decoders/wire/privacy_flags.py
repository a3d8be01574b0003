"""What the sender's numbers say of privacy and routing: event flags, privacy tags, level.

Sources: microsoft/cpp_client_telemetry lib/decorators/RecordFlagConstants.hpp, lib/include/public/CommonFields.h,
docs/Privacy-Settings.md. The tags of the logging API have other numbers and never stand on the wire.
"""

from portalscope.decoders.message import DecodeError, Tree

LATENCY = {0x100: "latency normal", 0x200: "latency real time", 0x300: "latency cost deferred"}
FLAGS = {
    0x1: "persistence normal",
    0x2: "persistence critical",
    0x80000: "MARK_PII: keep Part A, route to a private stream",
    0x100000: "HASH_PII: obscure Part A",
    0x200000: "DROP_PII: the client cleared Part A; Part C is untouched",
    0x400000: "SCRUB_IP: obscure the client's address",
}
PRIVACY_TAGS = {
    0x2: "browsing history",
    0x800: "device connectivity and configuration",
    0x20000: "inking, typing and speech",
    0x1000000: "product and service performance",
    0x2000000: "product and service usage",
    0x80000000: "software setup and inventory",
}
LEVELS = {
    1: "required",
    2: "optional",
    3: "full",
    110: "required service data",
    120: "required service data for essential services",
    255: "not set",
}


def number(data: bytes) -> int:
    """The number that was sent."""
    text = data.decode("ascii", "replace").strip()
    if not text.lstrip("-").isdigit() or len(text) > 20:
        raise DecodeError("not a number", data)
    return int(text) & 0xFFFFFFFFFFFFFFFF


def named(value: int, names: dict[int, str]) -> list[Tree]:
    """The names of the bits that are set; those without a name as one hex number."""
    found: list[Tree] = [name for bit, name in names.items() if value & bit]
    rest = value & ~sum(names)
    return [*found, hex(rest)] if rest else found


def event_flags(data: bytes) -> Tree:
    """`flags` of a record, `ext.utc.eventFlags` of Windows."""
    value = number(data)
    latency = LATENCY.get(value & 0x300)
    return [*([latency] if latency else []), *named(value & ~0x300, FLAGS)]


def privacy_tags(data: bytes) -> Tree:
    """`ext.metadata.privTags`, `EventInfo.PrivTags`."""
    return named(number(data), PRIVACY_TAGS)


def event_level(data: bytes) -> Tree:
    """`EventInfo.Level`."""
    value = number(data)
    if value not in LEVELS:
        raise DecodeError("no such level", data)
    return LEVELS[value]

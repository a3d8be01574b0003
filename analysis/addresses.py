"""Addresses: the dated, published list of which ranges belong to which Azure region and service."""

import gzip
import hashlib
import io
import ipaddress
import json
import re
import socket
import tomllib
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
LARGEST = 64 << 20  # bytes of an unpacked list; the public one has 4 MiB
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last 32 bits
FAMILIES = {4: (socket.AF_INET, 32), 6: (socket.AF_INET6, 128)}

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Ranges:
    """Address ranges of one family. Prefixes are nested or apart, so each range has one next larger one around it."""

    def __init__(self, spans: Iterable[tuple[int, int, str]]) -> None:
        merged: dict[tuple[int, int], list[str]] = {}
        for start, end, tag in spans:
            merged.setdefault((start, -end), []).append(tag)
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.tags: list[tuple[str, ...]] = []
        self.around: list[int] = []
        still_open: list[int] = []
        for (start, minus_end), tags in sorted(merged.items()):
            while still_open and self.ends[still_open[-1]] < start:
                still_open.pop()
            self.around.append(still_open[-1] if still_open else -1)
            still_open.append(len(self.starts))
            self.starts.append(start)
            self.ends.append(-minus_end)
            self.tags.append(tuple(tags))

    def find(self, address: int) -> Iterator[str]:
        """Give the tags of the ranges that hold an address, innermost first."""
        index = bisect_right(self.starts, address) - 1
        while index >= 0:
            if address <= self.ends[index]:
                yield from self.tags[index]
            index = self.around[index]


class AddressTable:
    """A dated list of address ranges: the one that comes with the program, or the one of a capture's own time.

    `path` is our compact form (`.csv.gz` with tag, region, prefix) or Microsoft's `ServiceTags_Public_*.json`; `as_of`
    is the date of the list, `source` its citation. The file is read at the first question; ValueError when it is no
    such list, OSError when it cannot be read.
    """

    def __init__(self, path: Path, as_of: str, source: str) -> None:
        self.path, self.as_of, self.source = path, as_of, source

    @cached_property
    def content(self) -> bytes:
        """The file as it is."""
        return self.path.read_bytes()

    @cached_property
    def sha256(self) -> str:
        """Its SHA-256, so that a later reader can tell which list decided."""
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def families(self) -> Mapping[int, Ranges]:
        """The ranges of IP versions 4 and 6."""
        try:
            rows = [*rows_of(self.path.name, self.content), *((block["tag"], block["prefix"]) for block in blocks())]
            spans = [(6 if ":" in prefix else 4, tag, prefix) for tag, prefix in rows]
            return {
                version: Ranges(span(tag, prefix, version) for family, tag, prefix in spans if family == version)
                for version in FAMILIES
            }
        except (KeyError, TypeError, ValueError, EOFError, OSError, RecursionError, zlib.error) as error:
            raise ValueError(f"{self.path.name}: no list of service tags ({type(error).__name__})") from error

    def tags(self, address: Address) -> tuple[str, ...]:
        """Return the tags of an address, `OneDsCollector` and `AzureCloud.eastus`: innermost range first."""
        return tuple(self.families[address.version].find(int(address)))


@cache
def about() -> Mapping[str, Any]:
    """Read what goes with the list of addresses: date, hash, which tags and blocks are anycast."""
    return tomllib.loads((DATA / "azure-service-tags.toml").read_text("utf-8"))


def blocks() -> list[dict[str, str]]:
    """Return the blocks that the list does not name, all of them anycast."""
    blocks: list[dict[str, str]] = about()["block"]
    return blocks


@cache
def anycast_services() -> frozenset[str]:
    """Return the services whose addresses are in many places at once: tags without what is behind the dot."""
    return frozenset({*about()["anycast"], *(block["tag"] for block in blocks())})


@cache
def built_in() -> AddressTable:
    """Return the list that comes with the program."""
    return AddressTable(DATA / "azure-service-tags.csv.gz", about()["as_of"], about()["source"])


def load_addresses(path: Path, as_of: str = "") -> AddressTable:
    """Return another list; its date is `as_of` or the eight digits in the file's name, ValueError when neither is."""
    digits = re.search(r"(20\d\d)(\d\d)(\d\d)", path.name)
    date = as_of or ("-".join(digits.groups()) if digits else "")
    if not date:
        raise ValueError(f"{path.name}: give the date of the list, it is not in the name")
    return AddressTable(path, date, path.name)


def rows_of(name: str, content: bytes) -> list[tuple[str, str]]:
    """Return tag and prefix of every range of a list."""
    if name.endswith(".json"):
        tags = json.loads(content)["values"]
        return [(str(tag["name"]), prefix) for tag in tags for prefix in tag["properties"]["addressPrefixes"]]
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError("the list is too large")
    return [(line.partition(",")[0], line.rpartition(",")[2]) for line in data.decode("ascii").splitlines()[1:]]


def span(tag: str, prefix: str, version: int) -> tuple[int, int, str]:
    """Return first and last address of a prefix as numbers, with its tag; ValueError or OSError when it is none."""
    family, bits = FAMILIES[version]
    text, _, length = prefix.partition("/")
    size = 1 << bits - int(length or bits)
    start = int.from_bytes(socket.inet_pton(family, text)) & -size
    return start, start + size - 1, tag


def address_of(ip: str) -> Address:
    """Return the address of a text; an IPv4 address inside an IPv6 one (mapped, or RFC 6052) is taken out.

    Raises ValueError when the text is no address.
    """
    address = ipaddress.ip_address(ip.strip("[]").partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address

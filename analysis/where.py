"""Where: in which country a server is, how sure that is, and on which grounds, agreeing or not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from portalscope.analysis.addresses import AddressTable, address_of, built_in, load_addresses
from portalscope.analysis.countries import Transfer, covered, is_place, one_sided, reads_as, rules, transfer_status
from portalscope.analysis.regions import Naming, Reading, read_header, read_name, region_of_address, regions
from portalscope.capture.endpoints import Endpoint, sources
from portalscope.capture.exchange import Headers

__all__ = ["Rung", "Tables", "Transfer", "Where", "load_tables", "locate", "round_trip", "statement", "transfer_status"]

type Kind = Literal["G1", "G2", "G3", "G4", "G5", "G6"]
type Tables = AddressTable

ANYCAST = "undetermined (anycast)"
UNKNOWN = "unknown"
RUNGS: dict[Kind, str] = {
    "G1": "host name",
    "G2": "name that DNS gave for the host",
    "G3": "address in a published list",
    "G4": "round trip time",
    "G5": "header of the answer",
    "G6": "statement of the operator",
}
STRENGTH = {
    1: "what the operator says or a label that it chose",
    2: "a name documented as regional or the server's own answer",
    3: "the list of addresses or a name that the platform makes",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One ground for a place.

    `says` is an ISO country or an area (`EU`, `Europe`, …), empty when it says nothing; `region` the Azure region.
    `strength` is 1 to 3 (`STRENGTH`), 0 for what is shown and not counted. Grounds of one `voice` are one witness: all
    that the operator says, in names or in words, is one. `rules_out` is a place where the server cannot be.
    """

    kind: Kind
    detail: str
    as_of: str
    source: str
    says: str = ""
    region: str = ""
    strength: int = 0
    voice: str = ""
    rules_out: str = ""
    anycast: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where a server is: `country` is an ISO code, empty unless a ground names one country and none outweighs it.

    `status` is `US proven`, `US likely`, `EU likely`, `EU proven`, `other likely`, `other proven`,
    `undetermined (anycast)`, `unknown`, or `not on the wire` for what was seen on the device alone; EU means the
    European Economic Area. Two independent grounds that agree prove, one makes likely. `basis` says it in words,
    `as_of` is the date of the list of addresses where it was asked, else of the deciding ground. An EU status is never
    a statement that nothing is transferred.
    """

    country: str = ""
    status: str = UNKNOWN
    rungs: tuple[Rung, ...] = ()
    basis: str = ""
    as_of: str = ""
    disagreement: bool = False


def load_tables(addresses: Path | None = None, as_of: str = "") -> Tables:
    """Return the list of addresses: the built-in one, or a file of the capture's own time (see `AddressTable`)."""
    return load_addresses(addresses, as_of) if addresses else built_in()


def locate(
    host: str,
    server_ip: str | None,
    cnames: Sequence[str] = (),
    endpoint: Endpoint | None = None,
    tables: Tables | None = None,
    *,
    response_headers: Headers = (),
    others: Iterable[Rung] = (),
) -> Where:
    """Say where the server of a host is, by its names, its address and its answer.

    `cnames` is the chain of names that DNS gave for the host; `tables` is `load_tables()` or the list of addresses of
    the capture's own time. `others` are grounds from elsewhere: `round_trip(…)`, `statement(…)`.
    """
    names = dict.fromkeys(name.rstrip(".").lower() for name in cnames)
    names.pop(host.rstrip(".").lower(), None)
    return verdict(
        (
            *host_rungs(host, endpoint),
            *(rung for name in names for rung in cname_rungs(name)),
            *address_rungs(server_ip, tables or built_in()),
            *(rung for name, value in response_headers for rung in header_rungs(name, value)),
            *others,
        )
    )


def host_rungs(host: str, endpoint: Endpoint | None) -> Iterator[Rung]:
    """Give what the host's own name says, by the rules for names or else by the endpoint's entry."""
    found = read_name(host)
    if found:
        yield rung_of("G1", found, host)
    elif endpoint and endpoint.region_hint:
        region = regions().get(endpoint.region_hint)
        place = region.country if region else endpoint.region_hint
        yield Rung(
            kind="G1",
            detail=f"{host}: {endpoint.service}, a name for {endpoint.region_hint}",
            as_of=read_on(endpoint.source),
            source=endpoint.source,
            says=place if is_place(place) else "",
            region=region.name if region else "",
            strength=1,
            voice="operator",
        )


def cname_rungs(name: str) -> Iterator[Rung]:
    """Give what a name in the chain of DNS says; most only lead the way and are left out."""
    found = read_name(name)
    if found and (found.place or found.rule.anycast):
        yield rung_of("G2", found, name)


def header_rungs(name: str, value: str) -> Iterator[Rung]:
    """Give what one header of the answer says."""
    found = read_header(name, value)
    if found and found.place:
        yield rung_of("G5", found, name.lower())


def rung_of(kind: Kind, reading: Reading, subject: str) -> Rung:
    """Return the ground that a rule gives."""
    rule, place, region = reading
    return Rung(
        kind=kind,
        detail=f"{subject}: {rule.meaning}" + (f" ({region.name})" if region else f" ({place})" if place else ""),
        as_of=read_on(rule.source),
        source=rule.source,
        says=place,
        region=region.name if region else "",
        strength=rule.strength,
        voice=voice_of(kind, rule),
        anycast=rule.anycast,
    )


def voice_of(kind: Kind, rule: Naming) -> str:
    """Say who speaks: the server in its answer, the platform in names that it makes, else the operator."""
    return "server" if kind == "G5" else "platform" if rule.strength == 3 else "operator"


def read_on(source: str) -> str:
    """Return the date when a source was read."""
    return sources().get(source, {}).get("read", "")


def address_rungs(ip: str | None, addresses: AddressTable) -> Iterator[Rung]:
    """Give what the list of addresses says of the one that answered."""
    if not ip:
        return
    try:
        address = address_of(ip)
    except ValueError:
        yield Rung(kind="G3", detail="what stands for the server's address is none", as_of="", source="")
        return
    if not address.is_global or address.is_multicast:
        detail = "the server's address is not a public one: mock or proxy"
        yield Rung(kind="G3", detail=detail, as_of=read_on("address-registry"), source="address-registry")
        return
    region, tags, anycast = region_of_address(ip, addresses)
    listed = f"{address} is in " + (", ".join(tags) or "no range of the list") + f" ({addresses.as_of})"
    yield Rung(
        kind="G3",
        detail=listed + (": anycast, one address in many places" if anycast else ""),
        as_of=addresses.as_of,
        source=addresses.source,
        says=region.country if region else "",
        region=region.name if region else "",
        strength=3,
        voice="address list",
        anycast=anycast,
    )


def round_trip(milliseconds: float, seen_from: str = "EU") -> Rung:
    """Return the ground of a shortest round trip (SYN to SYN/ACK) seen from the mainland of a place.

    It only rules out what is too far for light in glass. It is worthless when the packets went to a proxy.
    """
    bounds = rules()["round_trip"]
    reach = milliseconds / 2 * bounds["km_per_ms"]
    far = [bound["to"] for bound in bounds["far"] if bound["from"] == seen_from and bound["km"] > reach]
    detail = f"round trip of {milliseconds:g} ms: at most {reach:.0f} km away" + "".join(f", not {to}" for to in far)
    return Rung(kind="G4", detail=detail, as_of="", source=bounds["source"], rules_out=far[0] if far else "")


def statement(place: str, detail: str, as_of: str, source: str) -> Rung:
    """Return the ground of what the operator states in a contract or a document; ValueError when it is no place."""
    if not is_place(place):
        raise ValueError(f"{place!r} is no ISO country and no area of transfers.toml")
    return Rung(kind="G6", says=place, detail=detail, as_of=as_of, source=source, strength=1, voice="operator")


def verdict(rungs: tuple[Rung, ...]) -> Where:
    """Weigh the grounds: what all agree on, else what the strongest agree on, else nothing."""
    claims = [rung for rung in rungs if rung.says and rung.strength]
    located = any(rung.kind == "G3" and rung.says for rung in rungs)
    if any(rung.anycast for rung in rungs) and not located:
        return undecided(ANYCAST, rungs, "no place can be given", disagreement=False)
    if not claims:
        return undecided(UNKNOWN, rungs, "nothing says where it is", disagreement=False)
    disagreement = not common(claims)
    strongest = max(rung.strength for rung in claims)
    deciding = [rung for rung in claims if rung.strength == strongest] if disagreement else claims
    if not common(deciding):
        return undecided(UNKNOWN, rungs, "the grounds disagree and none is stronger", disagreement=True)
    if any(common(deciding) <= covered(rung.rules_out) for rung in rungs if rung.rules_out):
        return undecided(
            UNKNOWN, rungs, "the round trip is too short for what the other grounds say", disagreement=True
        )
    return decided(rungs, deciding, disagreement=disagreement)


def common(claims: Sequence[Rung]) -> frozenset[str]:
    """Return the countries that all claims allow."""
    return frozenset.intersection(*(covered(rung.says) for rung in claims))


def undecided(status: str, rungs: tuple[Rung, ...], why: str, *, disagreement: bool) -> Where:
    """Return the verdict that there is none, with all that was looked at."""
    basis = "; ".join([why, *(rung.detail for rung in rungs)])
    return Where(status=status, rungs=rungs, basis=basis, as_of=list_date(rungs), disagreement=disagreement)


def list_date(rungs: Iterable[Rung]) -> str:
    """Return the date of the list of addresses, empty when it was not asked."""
    return next((rung.as_of for rung in rungs if rung.kind == "G3" and rung.voice == "address list"), "")


def decided(rungs: tuple[Rung, ...], deciding: Sequence[Rung], *, disagreement: bool) -> Where:
    """Return the verdict of the grounds that decide; the closest of them names the country."""
    place = min((rung.says for rung in deciding), key=lambda says: len(covered(says)))
    voices = {rung.voice for rung in deciding}
    proven = len(voices) > 1 and one_sided(place)
    grounds = "; ".join(rung.detail for rung in deciding)
    basis = (f"{len(voices)} independent grounds agree: " if len(voices) > 1 else "one ground: ") + grounds
    if disagreement:
        against = "; ".join(rung.detail for rung in rungs if rung.says and rung.strength and rung not in deciding)
        stronger = STRENGTH[deciding[0].strength]
        basis = f"the grounds disagree; {stronger} outweighs the others: {grounds}; against: {against}"
    return Where(
        country=place if covered(place) == {place} else "",
        status=f"{reads_as(place)} {'proven' if proven else 'likely'}",
        rungs=rungs,
        basis=basis,
        as_of=list_date(rungs) or deciding[0].as_of,
        disagreement=disagreement,
    )

"""Endpoints: which party is behind a host name, what for, in which role, and where that is known from."""

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
REMEMBERED = 65536  # host names; a capture can be made to hold any number of them
LONGEST = 254  # characters of a name with its last dot, RFC 1035 section 2.3.4
LABEL = re.compile(r"[a-z0-9_*]([a-z0-9_*-]*[a-z0-9_*])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """A company that receives data; `seat` is the country (ISO 3166) of its legal seat, `contract` signs in Europe."""

    id: str
    company: str
    seat: str
    group: str
    because: str
    source: str
    contract: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What is known of the hosts that fit one pattern.

    In a pattern a leading `*.` stands for one or more labels, any other `*` for a part of one label. `purpose`, `role`,
    `interception` and `because` are words of `vocabulary.toml`; `operator` is a key of `operators.toml`, which gives
    `company`, `seat` and `group`. `source` is the strongest citation, `also` the others: keys of `sources.toml`.
    `region_hint` is what the name alone says: an ISO country, an Azure region, or `EU`, `Europe`, `North America`,
    `Asia Pacific`. `eu_variant` is the host that the operator has for the EU instead. `file` is the table it stands in.
    """

    pattern: str
    service: str
    product: str
    purpose: str
    operator: str
    role: str
    because: str
    source: str
    also: tuple[str, ...] = ()
    region_hint: str = ""
    eu_variant: str = ""
    interception: str = ""
    note: str = ""
    company: str = ""
    seat: str = ""
    group: str = ""
    file: str = ""

    @property
    def tail(self) -> str:
        """The labels behind the last one with a star: `manage.microsoft.com` of `*.amsua*.manage.microsoft.com`."""
        return self.pattern.rpartition("*")[2].partition(".")[2] if "*" in self.pattern else self.pattern

    @property
    def literal(self) -> int:
        """How many characters of the pattern are no stars."""
        return len(self.pattern) - self.pattern.count("*")


class Endpoints:
    """All known endpoints, to be asked by host name.

    An exact name comes first, then the pattern with the longest tail; of equal tails a star inside a label is closer
    than a leading `*.`, and of several such patterns the one with more literal characters.
    """

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self.all = tuple(endpoints)
        self.exact = {endpoint.pattern: endpoint for endpoint in self.all if "*" not in endpoint.pattern}
        self.below = {endpoint.tail: endpoint for endpoint in self.all if is_suffix(endpoint.pattern)}
        self.inner: dict[str, list[tuple[re.Pattern[str], Endpoint]]] = {}
        for endpoint in sorted(self.all, key=lambda endpoint: -endpoint.literal):
            if "*" in endpoint.pattern and not is_suffix(endpoint.pattern):
                self.inner.setdefault(endpoint.tail, []).append((expression(endpoint.pattern), endpoint))
        self.remembered: dict[str, Endpoint | None] = {}

    def find(self, host: str) -> Endpoint | None:
        """Return the endpoint of a host name in any case, None when no pattern fits."""
        if len(host) > LONGEST:
            return None
        if host not in self.remembered:
            if len(self.remembered) >= REMEMBERED:
                self.remembered.clear()
            self.remembered[host] = self.look_up(host.strip().rstrip(".").lower())
        return self.remembered[host]

    def look_up(self, name: str) -> Endpoint | None:
        """Return the endpoint of a name in lower case: one look-up for each of its labels."""
        if name in self.exact:
            return self.exact[name]
        for tail in tails(name):
            for pattern, endpoint in self.inner.get(tail, ()):
                if pattern.fullmatch(name):
                    return endpoint
            if tail in self.below:
                return self.below[tail]
        return None


def tails(name: str) -> Iterator[str]:
    """Give what is behind each dot of a name, longest first; a name of DNS has at most 127 labels."""
    for _ in range(127):
        _, dot, name = name.partition(".")
        if not dot:
            return
        yield name


def is_suffix(pattern: str) -> bool:
    """Say whether the only star of a pattern is a leading `*.`."""
    return pattern.startswith("*.") and "*" not in pattern[2:]


def expression(pattern: str) -> re.Pattern[str]:
    """Return the regular expression of a pattern; it cannot backtrack over dots."""
    lead, rest = (r"(?:[^.]+\.)+", pattern[2:]) if pattern.startswith("*.") else ("", pattern)
    return re.compile(lead + "[^.]*".join(re.escape(part) for part in rest.split("*")))


def load_endpoints(extra: Sequence[Path] = ()) -> Endpoints:
    """Read the built-in endpoints and files of the same form; a pattern of a file replaces the built-in one.

    Raises ValueError, which names every fault of a file, and OSError for a file that cannot be read.
    """
    own = [endpoint for path in extra for endpoint in read(path)]
    replaced = {endpoint.pattern for endpoint in own}
    return Endpoints([*(endpoint for endpoint in built_in() if endpoint.pattern not in replaced), *own])


@cache
def built_in() -> tuple[Endpoint, ...]:
    """Read the endpoints that come with the program."""
    return tuple(endpoint for path in sorted((DATA / "endpoints").glob("*.toml")) for endpoint in read(path))


def read(path: Path) -> list[Endpoint]:
    """Read one file of `[[service]]` tables; what a table says holds for each of its hosts that says nothing else."""
    try:
        services = tomllib.loads(path.read_text("utf-8")).get("service")
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    if not isinstance(services, list) or not all(is_service(service) for service in services):
        raise ValueError(f"{path.name}: must hold [[service]] tables, each with hosts = [{{ pattern = … }}, …]")
    rows = [{**service, **host} for service in services for host in service["hosts"]]
    wrong = [f"{path.name}: {row.get('pattern', 'a host')}: {why}" for row in rows for why in lacks(row)]
    if wrong:
        raise ValueError("\n".join(wrong))
    return [endpoint_of(row, path.name) for row in rows]


def is_service(table: object) -> bool:
    """Say whether a table has the form of a service with its hosts."""
    hosts = table.get("hosts") if isinstance(table, dict) else None
    return isinstance(hosts, list) and all(isinstance(host, dict) for host in hosts)


def lacks(row: Mapping[str, Any]) -> Iterator[str]:
    """Say what is wrong with the keys of one host."""
    names = {field.name for field in fields(Endpoint)} - {"file"}
    for name in ("pattern", "service", "product", "purpose", "operator", "role", "because", "source"):
        if not row.get(name):
            yield f"{name} is missing"
    for name in sorted(row.keys() - names - {"hosts"}):
        yield f"{name} is no key of an endpoint"
    for name in sorted(row.keys() & names):
        texts = row[name] if name == "also" else [row[name]]
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            yield f"{name} must be {'a list of texts' if name == 'also' else 'text'}"


def endpoint_of(row: Mapping[str, Any], file: str) -> Endpoint:
    """Return the endpoint of one checked row; who is behind its operator comes from `operators.toml`."""
    operator = operators().get(row["operator"])
    party = {"company": operator.company, "seat": operator.seat, "group": operator.group} if operator else {}
    own = {key: value for key, value in row.items() if key != "hosts"}
    set_here = {"pattern": row["pattern"].lower(), "also": tuple(row.get("also", ())), "file": file}
    return Endpoint(**{**party, **own, **set_here})


@cache
def operators() -> Mapping[str, Operator]:
    """Read who is behind each operator."""
    return {key: Operator(id=key, **table) for key, table in toml("operators.toml").items()}


@cache
def vocabulary() -> Mapping[str, Mapping[str, str]]:
    """Read the closed lists: `purpose`, `role`, `interception`, `because`, each word with its definition."""
    return toml("vocabulary.toml")


@cache
def sources() -> Mapping[str, Mapping[str, str]]:
    """Read the citations: `title`, `url` and `read`, the date when it was read."""
    return toml("sources.toml")


def toml(name: str) -> dict[str, Any]:
    """Read one of our tables."""
    return tomllib.loads((DATA / name).read_text("utf-8"))


def faults(endpoints: Endpoints) -> list[str]:
    """Return what is wrong with a table of endpoints and its operators, one sentence each."""
    counts = Counter(endpoint.pattern for endpoint in endpoints.all)
    found = [f"{pattern}: stands {number} times" for pattern, number in counts.items() if number > 1]
    for endpoint in endpoints.all:
        found += [f"{endpoint.file}: {endpoint.pattern}: {why}" for why in wrong_with(endpoint, endpoints)]
    idle = operators().keys() - {endpoint.operator for endpoint in endpoints.all}
    return found + [f"operators.toml: {key}: no endpoint uses it" for key in sorted(idle)]


def wrong_with(endpoint: Endpoint, endpoints: Endpoints) -> Iterator[str]:
    """Say what is wrong with one endpoint of the table."""
    labels = endpoint.pattern.split(".")
    if not all(map(LABEL.fullmatch, labels)) or labels[:2] == ["*", "*"] or "." not in endpoint.tail:
        yield "is no pattern: lower case, `*.` at most once, two labels without star at the end"
    elif (found := endpoints.look_up(endpoint.pattern.replace("*", "0"))) is None or found.pattern != endpoint.pattern:
        yield f"is shadowed by {found.pattern if found else 'nothing, and never fits'}"
    if endpoint.eu_variant and endpoints.look_up(endpoint.eu_variant.replace("*", "0")) is None:
        yield f"the EU variant {endpoint.eu_variant} is no known endpoint"
    if not endpoint.company:
        yield f"the operator {endpoint.operator} is not in operators.toml"
    words = vocabulary()
    yield from unknown("purpose", [endpoint.purpose], words["purpose"])
    yield from unknown("role", [endpoint.role], words["role"])
    yield from unknown("because", [endpoint.because], words["because"])
    yield from unknown("interception", filter(None, [endpoint.interception]), words["interception"])
    yield from unknown("source", [endpoint.source, *endpoint.also], sources())


def unknown(kind: str, used: Iterable[str], known: Collection[str]) -> Iterator[str]:
    """Name the words that a closed list does not have."""
    yield from (f"unknown {kind} {word!r}" for word in used if word not in known)

"""Aria v2 (`*.pipe.aria.microsoft.com/Collector/3.0/`): one ClientToCollectorRequest in Bond, under its field names.

Field numbers: microsoft/cpp_client_telemetry bondlite/schema/DataPackage.bond (2017-05), lib/bond/schema/
AriaProtocol.bond and BondDataPackage.bond (2017-07). The older schema has a user in 31 and users in 32, the newer maps:
the value says which.
"""

import uuid
from collections.abc import Mapping

from portalscope.decoders.message import DecodeError, Tag, Tagged, Tree
from portalscope.decoders.wire.bond import Struct, Value, plain, records

PACKAGES, RETRIES, BY_TOKEN = 1, 2, 3
RECORDS, RECEIPTS = 8, 9
PACKAGE = {
    1: "Type",
    2: "Source",
    3: "Version",
    4: "Ids",
    5: "DataPackageId",
    6: "Timestamp",
    7: "SchemaVersion",
    11: "TenantIdentifier",
}
RECORD = {
    1: "Id",
    2: "Context",
    3: "Timestamp",
    4: "ConfigurationIds",
    5: "Type",
    6: "EventType",
    7: "ResultCode",
    8: "ResultDetail",
    9: "ResultValue",
    10: "InitiatingUser",
    11: "InitiatingUserEndpoint",
    12: "TargetUsers",
    13: "Extension",
    14: "SampleTimestamp",
    15: "SampleRate",
    16: "SamplingData",
    17: "InitiatingUiVersion",
    18: "PstnNumbers",
    19: "ContextIds",
    20: "InitiatingUserEndpointType",
    21: "InitiatingUserComposite",
    22: "TargetUsersComposite",
    23: "PstnNumbersComposite",
    24: "RecordType",
    25: "ExtensionInt64",
    26: "ExtensionDouble",
    27: "HasBeenScrubbed",
    28: "ConferenceComposite",
    29: "ExceptionInfo",
    30: "PIIExtensions",
    31: "TypedExtensionBoolean",
    32: "TypedExtensionDateTime",
    33: "TypedExtensionInt64",
    34: "TypedExtensionDouble",
    35: "TypedExtensionGuid",
    36: "CustomerContentExtensions",
}
OLDER = {31: "InitiatingUserComposite", 32: "TargetUsersComposite"}
type Names = Mapping[int, "str | tuple[str, Names]"]
PSTN: Names = {1: "PstnNumber", 2: "HashedPstn"}
ENDPOINT: Names = {1: "EndpointValue", 2: "EndpointType", 3: "HashedEndpoint"}
USER: Names = {
    1: "Username",
    2: "Prefix",
    3: "UiVersion",
    4: "Endpoint",
    5: "EndpointType",
    6: ("Pstn", PSTN),
    7: ("EndpointComposite", ENDPOINT),
    8: "UserExtension",
    9: "Email",
}
STRUCTS: Mapping[int, Names] = {
    21: USER,
    22: USER,
    23: PSTN,
    28: {1: "ConferenceUri", 2: "DomainName", 3: "UriScheme"},
    29: {1: "Type", 2: "Message", 3: "FullInfo"},
    31: USER,
    32: USER,
}
SCRUB, KIND, RAW = "scrub", "pii", "RawContent"


def aria(data: bytes) -> Tree:
    """{packages, records, RequestRetryCount}: a package has its tenant `token`, a record its package's number."""
    found, why, rest = records(data)
    if not found or not (isinstance(found[0].get(PACKAGES), list) or isinstance(found[0].get(BY_TOKEN), tuple)):
        raise DecodeError(f"Aria: {why or 'no package'}", data)
    tree = request(found)
    if why:
        raise DecodeError(f"Aria: {why}", rest, tree)
    return tree


def request(structs: list[Struct]) -> Tree:
    """ClientToCollectorRequests (one is sent; all are kept): packages with and without a token in one list."""
    packages: list[Tree] = []
    events: list[Tree] = []
    tree: dict[str, Tree] = {"packages": packages, "records": events}
    for number, value in (pair for fields in structs for pair in fields.items()):
        if number == PACKAGES and isinstance(value, list):
            add(packages, events, value, {})
        elif number == BY_TOKEN and isinstance(value, tuple):
            for token, found in value:
                add(packages, events, found if isinstance(found, list) else [found], {"token": plain(token)})
        else:
            tree["RequestRetryCount" if number == RETRIES else f"#{number}"] = plain(value)
    return tree


def add(packages: list[Tree], events: list[Tree], values: list[Value], head: dict[str, Tree]) -> None:
    """Put packages and their records at the end of the lists."""
    for value in values or [{}]:
        if not isinstance(value, dict):
            packages.append({**head, "#": plain(value)})
            continue
        tree = dict(head)
        for number, content in value.items():
            if number in (RECORDS, RECEIPTS) and isinstance(content, list):
                of = {"package": len(packages), **({"receipt": True} if number == RECEIPTS else {})}
                events.extend({**of, **record(item)} for item in content)
            else:
                tree[PACKAGE.get(number, f"#{number}")] = plain(content)
        packages.append(tree)


def record(value: Value) -> dict[str, Tree]:
    """One Record under its field names."""
    if not isinstance(value, dict):
        return {"#": plain(value)}
    return {name_of(number, content): field(number, content) for number, content in value.items()}


def name_of(number: int, value: Value) -> str:
    """A field's name; in 31 and 32 a map is the newer schema, anything else the older."""
    if number in OLDER and not isinstance(value, tuple):
        return OLDER[number]
    return RECORD.get(number, f"#{number}")


def field(number: int, value: Value) -> Tree:
    """A field's value: tagged content, GUIDs and structs get what their schema says."""
    if isinstance(value, tuple):
        return {str(key): entry(number, item) for key, item in value}
    if number in STRUCTS:
        return named(value, STRUCTS[number])
    return plain(value)


def entry(number: int, value: Value) -> Tree:
    """A value of one of the record's maps."""
    if number == 30 and isinstance(value, dict):
        return tagged(value, {1: SCRUB, 2: KIND}, 3)
    if number == 36 and isinstance(value, dict):
        return tagged(value, {1: "customer-content"}, 2)
    if number == 35 and isinstance(value, bytes) and len(value) == 16:
        return str(uuid.UUID(bytes_le=value))
    return named(value, STRUCTS[number]) if number in STRUCTS else plain(value)


def tagged(value: Struct, schemes: Mapping[int, str], raw: int) -> Tree:
    """The raw content with what the sender says of it; a struct with more in it than that stays a struct."""
    content = value.get(raw, "")
    if value.keys() - schemes.keys() - {raw} or not isinstance(content, str):
        return {{**schemes, raw: RAW}.get(number, f"#{number}"): plain(item) for number, item in value.items()}
    tags = ((scheme, value.get(number)) for number, scheme in schemes.items())
    return Tagged(content, tuple(Tag(scheme, code) for scheme, code in tags if isinstance(code, int) and code))


def named(value: Value, names: Names) -> Tree:
    """A struct, a nullable struct (a list of one) or a list of structs under their field names."""
    if isinstance(value, list):
        return [named(item, names) for item in value]
    if not isinstance(value, dict):
        return plain(value)
    tree: dict[str, Tree] = {}
    for number, content in value.items():
        name = names.get(number, f"#{number}")
        tree[name if isinstance(name, str) else name[0]] = (
            plain(content) if isinstance(name, str) else named(content, name[1])
        )
    return tree

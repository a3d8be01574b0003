"""Common Schema records: Bond structs under their JSON names, and the sender's tags on every value.

Field numbers: microsoft/cpp_client_telemetry lib/bond/CsProtocol.bond and the commented server schema
lib/bond/CommonSchemaEvent.bond (2019-09). Tag codes: @microsoft/1ds-core-js, getFieldValueType.
"""

import uuid
from collections.abc import Callable

from portalscope.decoders.message import DecodeError, Media, Tag, Tagged, Tree
from portalscope.decoders.wire.bond import Struct, Value, plain, records
from portalscope.decoders.wire.common_schema_fields import EXTENSIONS, RECORD

DATA, TICKET_KEYS = {61: "baseData", 70: "data"}, 2
MASK = 2**64 - 1


def common_schema_bond(data: bytes) -> Tree:
    """Records back to back, without framing: a list of events with the names that the JSON form has."""
    found, why, rest = records(data)
    if not found or not any(RECORD.keys() & record for record in found):
        raise DecodeError(why or "no Common Schema record", data)
    events: Tree = [event(record) for record in found]
    if why:
        raise DecodeError(why, rest, events)
    return events


def event(record: Struct) -> dict[str, Tree]:
    """One record: envelope, extensions under `ext`, Part B under `baseData`, Part C under `data`."""
    tree: dict[str, Tree] = {}
    ext: dict[str, Tree] = {}
    for number, value in record.items():
        if number in EXTENSIONS:
            name, names = EXTENSIONS[number]
            merge(ext, name, extension(value, names))
        elif number == 41:
            ext.update(properties(value) if isinstance(value, list) else {"#41": plain(value)})
        elif number in DATA:
            tree[DATA[number]] = properties(value) if isinstance(value, list) else plain(value)
        else:
            tree[RECORD.get(number, f"#{number}")] = plain(value)
    if ext:
        tree["ext"] = ext
    return tree


def extension(value: Value, names: dict[int, str]) -> Tree:
    """A nullable extension is a list; the C++ SDK may append a second element (ticket keys): all are merged."""
    if not isinstance(value, list) or not all(isinstance(element, dict) for element in value):
        return plain(value)
    tree: dict[str, Tree] = {}
    for element in value:
        for number, content in element.items() if isinstance(element, dict) else ():
            merge(tree, names.get(number, f"#{number}"), plain(content))
    return tree


def merge(tree: dict[str, Tree], key: str, value: Tree) -> None:
    """Put a value under a key; when there is another one already, lists grow and other values become a list."""
    old = tree.get(key)
    if key not in tree or old == value:
        tree[key] = value
    elif isinstance(old, dict) and isinstance(value, dict):
        for k, v in value.items():
            merge(old, k, v)
    else:
        tree[key] = [*(old if isinstance(old, list) else [old]), *(value if isinstance(value, list) else [value])]


def properties(value: list[Value]) -> dict[str, Tree]:
    """`Data` structs: map<string, Value>; keys keep their dots."""
    tree: dict[str, Tree] = {}
    for element in value:
        if not isinstance(element, dict):
            merge(tree, "#", plain(element))
            continue
        for number, content in element.items():
            if number == 1 and isinstance(content, tuple):
                for key, item in content:
                    merge(tree, str(key), typed(item) if isinstance(item, dict) else plain(item))
            else:
                merge(tree, f"#{number}", plain(content))
    return tree


def typed(value: Struct) -> Tree:
    """A `Value`: its kind says which field counts (5, string, when left out); defaults are not on the wire."""
    kind = value.get(1, 5)
    number, read = KINDS.get(kind, (0, plain)) if isinstance(kind, int) else (0, plain)
    if number == 0 or value.keys() - {1, 2, number}:
        return plain(value)
    try:
        content = read(value.get(number, DEFAULTS[number]))
    except (TypeError, ValueError, IndexError):
        return plain(value)
    tags = attributes(value.get(2))
    return marked(content, tags) if tags else content


def marked(content: Tree, tags: tuple[Tag, ...]) -> Tree:
    """A value, or the elements of an array, with the sender's tags."""
    if isinstance(content, list):
        return [marked(item, tags) for item in content]
    return content if isinstance(content, dict | Tagged | Media) else Tagged(content, tags)


def attributes(value: Value | None) -> tuple[Tag, ...]:
    """Attributes {1: list<PII {1: Kind}>, 2: list<CustomerContent {1: Kind}>}."""
    tags: list[Tag] = []
    for attribute in value if isinstance(value, list) else ():
        for number, scheme in ((1, "pii"), (2, "customer-content")):
            kinds = attribute.get(number) if isinstance(attribute, dict) else None
            for kind in kinds if isinstance(kinds, list) else ():
                code = kind.get(1, 0) if isinstance(kind, dict) else 0
                if isinstance(code, int) and code:
                    tags.append(Tag(scheme, code))
    return tuple(tags)


def guid(value: Value) -> str:
    """16 bytes in .NET order (first three groups little-endian); list<list<uint8>> with one inner list."""
    inner = value[0] if isinstance(value, list) else value
    return str(uuid.UUID(bytes_le=inner)) if isinstance(inner, bytes) else ""


def array(value: Value) -> list[Value]:
    """The outer list only says "nullable"."""
    inner = value[0] if isinstance(value, list) and value else []
    return list(inner) if isinstance(inner, list | bytes) else [inner]


def unsigned(value: Value) -> Tree:
    """An unsigned 64-bit number, stored as two's complement."""
    return value & MASK if isinstance(value, int) else plain(value)


def boolean(value: Value) -> Tree:
    """A bool, stored as a number."""
    return value != 0


KINDS: dict[int, tuple[int, Callable[[Value], Tree]]] = {
    0: (4, plain),
    1: (4, unsigned),
    2: (4, plain),
    3: (4, plain),
    4: (5, plain),
    5: (3, plain),
    6: (4, boolean),
    7: (4, plain),
    8: (6, guid),
    9: (11, lambda v: [plain(n) for n in array(v)]),
    10: (11, lambda v: [unsigned(n) for n in array(v)]),
    11: (11, lambda v: [plain(n) for n in array(v)]),
    12: (11, lambda v: [plain(n) for n in array(v)]),
    13: (12, lambda v: [plain(n) for n in array(v)]),
    14: (10, lambda v: [plain(n) for n in array(v)]),
    15: (11, lambda v: [boolean(n) for n in array(v)]),
    16: (11, lambda v: [plain(n) for n in array(v)]),
    17: (13, lambda v: [guid(g) for g in array(v)]),
}
DEFAULTS: dict[int, Value] = {3: "", 4: 0, 5: 0.0, 6: [], 10: [], 11: [], 12: [], 13: []}


def common_schema_tags(tree: Tree) -> Tree:
    """Put the tags of `ext.metadata.f` on the values that they speak of; the metadata itself stays, it was sent."""
    if isinstance(tree, list):
        return [common_schema_tags(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    ext = tree.get("ext")
    metadata = ext.get("metadata") if isinstance(ext, dict) else None
    spec = metadata.get("f") if isinstance(metadata, dict) else None
    if not isinstance(spec, dict):
        return tree
    return {k: tagged(v, {"f": spec}) if k == "data" else tagged(v, spec.get(k)) for k, v in tree.items()}


def tagged(node: Tree, spec: Tree) -> Tree:
    """Forms of a node: bare number, {"t": code}, {"f": {…}} for objects, {"a": …} for elements; all may be combined."""
    if isinstance(node, dict):
        fields = spec.get("f") if isinstance(spec, dict) else None
        return {k: tagged(v, fields.get(k)) for k, v in node.items()} if isinstance(fields, dict) else node
    if isinstance(node, list):
        element = spec.get("a", spec) if isinstance(spec, dict) else spec
        return [tagged(item, element) for item in node]
    code = spec.get("t") if isinstance(spec, dict) else spec
    tags = unpacked(code) if isinstance(code, int) else ()
    return marked(node, tags) if tags else node


def unpacked(code: int) -> tuple[Tag, ...]:
    """Type | PII kind << 5 | customer content kind << 13; the type alone is no tag."""
    pii, content = code >> 5 & 0xFF, code >> 13 & 0x0F
    return (*((Tag("pii", pii),) if pii else ()), *((Tag("customer-content", content),) if content else ()))

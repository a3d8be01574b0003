"""Windows Error Reporting, stage one: MS-TPXS telemetry XML behind its length (uint32, little-endian).

`<arg nm="vermaj" val="10"/>` becomes `vermaj: "10"`, `<cmd nm="event">` becomes `cmd.event`; the requests are a list.
"""

from portalscope.decoders.message import DecodeError, Tree
from portalscope.decoders.wire.json_text import unique
from portalscope.decoders.wire.xml_text import Element, element, settled

LENGTH = 4


def watson(data: bytes) -> Tree:
    """{requests, and the machine under tlm.src.desc.mach}; a frame cut off keeps what was read before."""
    size = int.from_bytes(data[:LENGTH], "little")
    framed = not data.lstrip().startswith(b"<")
    if framed and not data[LENGTH:].lstrip().startswith(b"<"):
        raise DecodeError("Watson: no XML behind the length", data)
    root, fault = element(data[LENGTH : LENGTH + size] if framed else data)
    tree = requests_first(converted(root))
    rest = data[LENGTH + size :] if framed else b""
    settled(tree, fault)
    if rest or (framed and size > len(data) - LENGTH):
        raise DecodeError("Watson: the length does not fit", rest, tree)
    return tree


def requests_first(tree: Tree) -> Tree:
    """The tree with `tlm.reqs.req` taken out as the list `requests`: those are the records."""
    if not isinstance(tree, dict):
        return {"#text": tree} if tree else {}
    telemetry = tree.get("tlm")
    group = telemetry.get("reqs") if isinstance(telemetry, dict) else None
    if not isinstance(telemetry, dict) or not isinstance(group, dict) or "req" not in group:
        return tree
    found = group.pop("req")
    if not group:
        del telemetry["reqs"]
    return {**tree, "requests": found if isinstance(found, list) else [found]}


def converted(node: Element, named: frozenset[str] = frozenset()) -> Tree:
    """An element: attributes (but those in `named`) and arguments under their own names, children under theirs."""
    pairs: list[tuple[str, Tree]] = [(k, v) for k, v in node.attributes.items() if k not in named]
    for child in node.children:
        name = child.attributes.get("nm", "")
        if child.name == "arg" and name and not child.children and child.attributes.keys() <= {"nm", "val"}:
            pairs.append((name, child.attributes.get("val", "")))
        elif child.name == "cmd" and name:
            pairs.append(("cmd", {name: converted(child, frozenset({"nm"}))}))
        else:
            pairs.append((child.name, converted(child)))
    if not pairs:
        return node.text
    return unique([*pairs, ("#text", node.text)] if str(node.text).strip() else pairs)

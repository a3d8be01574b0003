"""SyncML of OMA Device Management, XML or WBXML, both directions (OMA-TS-SyncML_RepPro 1.2, OMA-TS-DM_Protocol 1.2).

{"header": {"SessionID": …, "Source": …}, "commands": [{"Replace": [{NODE: {"Data": …}}], "CmdID": …}, …]}; NODE is the
LocURI as `locuri.node` writes it, so that rules can name it.
"""

from portalscope.decoders.message import DecodeError, Tree
from portalscope.decoders.wire import wbxml, xml_text
from portalscope.decoders.wire.locuri import node
from portalscope.decoders.wire.xml_text import Element, by_name, settled, tree

NESTING = ("Atomic", "Sequence", "Sync")
COMMANDS = (
    *NESTING, "Add", "Alert", "Copy", "Delete", "Exec", "Final", "Get", "Map", "Move", "Put", "Replace", "Results",
    "Search", "Status",
)  # fmt: skip
REFERENCES = ("TargetRef", "SourceRef")
ALERTS = {
    "1200": "session started by the server",
    "1201": "session started by the client",
    "1222": "next message",
    "1223": "session abort",
    "1224": "client event",
    "1225": "no end of data",
    "1226": "generic alert",
}
MAX_NESTING = 16


def syncml(data: bytes) -> Tree:
    """A SyncML message, in WBXML when it starts like that."""
    root, fault = (wbxml if data[:1] in (b"\x01", b"\x02", b"\x03") else xml_text).element(data)
    if root.name != "SyncML":
        raise DecodeError(f"not SyncML but {root.name[:32]}", data)
    commands: list[Tree] = []
    pairs: list[tuple[str, Tree]] = beside(root)
    for child in root.children:
        if child.name == "SyncHdr":
            pairs.append(("header", header(child)))
        elif child.name == "SyncBody":
            commands += [command(entry) for entry in child.children]
            pairs += beside(child)
        else:
            pairs.append((f"#{child.name}", tree(child)))
    return settled({**by_name(pairs), "commands": commands}, fault)


def beside(element: Element) -> list[tuple[str, Tree]]:
    """What stands in an element beside its children: attributes and text; the schema knows neither."""
    pairs: list[tuple[str, Tree]] = [(f"@{name}", value) for name, value in element.attributes.items()]
    return [*pairs, ("#text", element.text)] if element.text.strip() else pairs


def header(element: Element) -> Tree:
    """The session: versions, ids, who sends to whom."""
    pairs = beside(element)
    for child in element.children:
        pairs += endpoint(child) if child.name in ("Target", "Source") else [(child.name, tree(child))]
    return by_name(pairs)


def endpoint(element: Element) -> list[tuple[str, Tree]]:
    """Target or Source of a session: LocURI under its own name, the rest as `SourceLocName` …"""
    return [
        (element.name if part.name == "LocURI" else element.name + part.name, tree(part)) for part in element.children
    ]


def command(element: Element, depth: int = 0) -> Tree:
    """One command: what it acts on under its name, what belongs to the command beside it."""
    acts: list[Tree] = []
    pairs = beside(element)
    references: dict[str, list[Tree]] = {}
    for child in element.children:
        if child.name == "Item":
            acts.append(item(child))
        elif child.name in COMMANDS and element.name in NESTING and depth < MAX_NESTING:
            acts.append(command(child, depth + 1))
        elif child.name in REFERENCES and not child.children:
            references.setdefault(child.name, []).append(named(plain(child), {}))
        else:
            pairs.append((child.name if child.name != element.name else f"#{child.name}", tree(child)))
    found = by_name(pairs)
    if element.name == "Alert" and (means := ALERTS.get(str(found.get("Data", "")))):
        found["means"] = means
    return {element.name: acts or "", **found, **references}


def item(element: Element) -> Tree:
    """One item: {node: {"Data": …, "Format": …}}. An alert without a node goes by its type."""
    about = beside(element)
    uris: list[tuple[str, str]] = []
    for child in element.children:
        if child.name in ("Target", "Source"):
            uris += [(child.name, plain(part)) for part in child.children if is_uri(part)]
            about += [(child.name + part.name, tree(part)) for part in child.children if not is_uri(part)]
            about += beside(child)
        elif child.name == "Meta":
            about += [(part.name, tree(part)) for part in child.children]
            about += beside(child)
        else:
            about.append((child.name, tree(child)))
    about += [(name + "LocURI", uri) for name, uri in uris[1:] if uri != uris[0][1]]
    return keyed(uris[0][1] if uris else "", by_name(about))


def is_uri(element: Element) -> bool:
    """Whether this is a LocURI and nothing else."""
    return element.name == "LocURI" and not element.children


def plain(element: Element) -> str:
    """The text of an element, also where WBXML sends it as opaque bytes."""
    return element.text if isinstance(element.text, str) else element.text.decode("utf-8", "replace")


def keyed(uri: str, about: dict[str, Tree]) -> Tree:
    """An item by its node, else by its type, else as it is."""
    if uri:
        return named(uri, about)
    kind = about.get("Type")
    if not isinstance(kind, str) or not kind:
        return dict(about)
    return {kind: {name: value for name, value in about.items() if name != "Type"}}


def named(uri: str, about: dict[str, Tree]) -> Tree:
    """{node: about}, with what was particular in the LocURI under `locuri`. A node alone has itself as its value."""
    path, particular = node(uri)
    if particular:
        about = {**about, "locuri": [{kind: segment} for kind, segment in particular]}
    return {path: about or {"LocURI": uri}}

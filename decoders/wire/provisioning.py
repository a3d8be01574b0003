"""wap-provisioningdoc: what an enrolment answer installs on the device (OMA-WAP-TS-ProvCont 1.1, MS-MDE2 2.2.9.1).

Characteristics nest by their type, parms are values. A type that is a thumbprint or a provider's id becomes `*`, as in
LocURIs.
"""

import base64
import binascii
import re

from portalscope.decoders.message import DecodeError, Tree
from portalscope.decoders.wire.locuri import kind_of
from portalscope.decoders.wire.xml_text import Element, by_name, element, settled, tree

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
LISTS = frozenset(("*", "APPAUTH", "APPLICATION"))


def wap_provisioning(data: bytes) -> Tree:
    """A provisioning document, in base64 or not."""
    root, fault = element(plain(data))
    if root.name != "wap-provisioningdoc":
        raise DecodeError("not a wap-provisioningdoc", data)
    return settled(characteristic(root, ""), fault)


def plain(data: bytes) -> bytes:
    """The XML, out of base64 where it is in that."""
    if b"<" in data[:64] or not data:
        return data
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except binascii.Error:
        raise DecodeError("neither XML nor base64", data) from None


def characteristic(node: Element, path: str) -> dict[str, Tree]:
    """The parms and characteristics of one characteristic."""
    attributes = {k: v for k, v in node.attributes.items() if k != "type" or node.name != "characteristic"}
    pairs: list[tuple[str, Tree]] = [(f"@{name}", value) for name, value in attributes.items()]
    pairs += [("#text", node.text)] if node.text.strip() else []
    for child in node.children:
        name = child.attributes.get("type" if child.name == "characteristic" else "name", "")
        if child.name == "parm" and name and not child.children:
            pairs += parm(name, child)
        elif child.name == "characteristic" and name:
            pairs.append(nested(child, name, path))
        else:
            pairs.append((f"#{child.name}", tree(child)))
    return by_name(pairs, LISTS)


def parm(name: str, node: Element) -> list[tuple[str, Tree]]:
    """A value; its data type, where one is stated, stands beside it as `NAME@datatype`."""
    pairs: list[tuple[str, Tree]] = [(name, node.attributes.get("value", node.text))]
    return pairs + [(f"{name}@{key}", value) for key, value in node.attributes.items() if key not in ("name", "value")]


def nested(node: Element, name: str, path: str) -> tuple[str, Tree]:
    """A characteristic by its type."""
    kind = "thumbprint" if "/CertificateStore/" in path and _HEX.fullmatch(name) else kind_of(path, name)
    found = characteristic(node, f"{path}/{'*' if kind else name}")
    return ("*", {kind: name, **found}) if kind else (name, found)

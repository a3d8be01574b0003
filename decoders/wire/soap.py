"""SOAP envelopes of enrolment: MS-MDE2 discovery, MS-XCEP policies, MS-WSTEP certificate requests; any other SOAP too.

{"Header": …, "Body": …}. The list of ContextItem becomes an object by name: `Body.….AdditionalContext.MAC[]`.
"""

from portalscope.decoders.message import DecodeError, Tree
from portalscope.decoders.wire.xml_text import Element, by_name, element, settled, tree

LISTS = frozenset(("AuthPolicy", "policy", "cA", "oID", "cAReference"))
CONTEXT_LISTS = frozenset(("MAC", "IMEI"))  # MS-MDE2 3.4.4.1.1.1: one item for each adapter and each radio


def soap(data: bytes) -> Tree:
    """A SOAP 1.1 or 1.2 envelope."""
    root, fault = element(data)
    if root.name != "Envelope":
        raise DecodeError("not a SOAP envelope", data)
    stripped(root)
    found = tree(root, {"AdditionalContext": context}, LISTS)
    return settled(found if isinstance(found, dict) else {}, fault)


def stripped(root: Element) -> None:
    """Take the white space around texts away: the types of these schemas (anyURI, base64Binary) have none."""
    stack = [root]
    while stack:
        node = stack.pop()
        node.text = node.text.strip()
        stack += node.children


def context(node: Element) -> Tree:
    """AdditionalContext: the values of its items, by name."""
    pairs: list[tuple[str, Tree]] = [(f"@{name}", value) for name, value in node.attributes.items()]
    for child in node.children:
        name = child.attributes.get("Name", "")
        values = [part for part in child.children if part.name == "Value" and not part.children]
        if child.name == "ContextItem" and name and len(child.children) == len(values) == 1:
            pairs.append((name, values[0].text))
        else:
            pairs.append((f"#{child.name}", tree(child)))
    return by_name(pairs, CONTEXT_LISTS)

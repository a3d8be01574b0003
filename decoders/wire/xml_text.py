"""XML as elements in their order, and as a tree. Document types and entities are refused (XML 1.0; defusedxml)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import ParseError  # the exception only: defusedxml parses
from xml.parsers.expat import ErrorString

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from portalscope.decoders.message import DecodeError, Tree

MAX_DEPTH = 128
MAX_ELEMENTS = 500_000
COMMENT, INSTRUCTION = "#comment", "#instruction"


@dataclass(slots=True)
class Element:
    """An element without its namespace. `text` is bytes only where WBXML sends bytes that are no text."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element"] = field(default_factory=list)
    text: str | bytes = ""


type Shapes = Mapping[str, Callable[[Element], Tree]]


class Builder:
    """The parser's target: builds elements without recursion, so that a broken document leaves what came before."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self.open: list[tuple[Element, list[str]]] = []
        self.count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element opens."""
        if len(self.open) >= MAX_DEPTH:
            raise OverflowError(f"nested deeper than {MAX_DEPTH}")
        element = Element(local(tag), {local(name): value for name, value in attributes.items()})
        self.add(element)
        self.open.append((element, []))

    def add(self, element: Element) -> None:
        """Hang an element where we are."""
        self.count += 1
        if self.count > MAX_ELEMENTS:
            raise OverflowError(f"more than {MAX_ELEMENTS} elements")
        if self.open:
            self.open[-1][0].children.append(element)
        elif self.root is None and not element.name.startswith("#"):
            self.root = element

    def data(self, text: str) -> None:
        """A piece of text."""
        if self.open:
            self.open[-1][1].append(text)

    def end(self, _tag: str) -> None:
        """An element closes."""
        element, pieces = self.open.pop()
        element.text = "".join(pieces)

    def comment(self, text: str) -> None:
        """A comment is kept: people write things there."""
        self.add(Element(COMMENT, text=text))

    def pi(self, target: str, text: str = "") -> None:
        """A processing instruction."""
        self.add(Element(INSTRUCTION, text=f"{target} {text}".strip()))

    def close(self) -> Element | None:
        """Close what is open and return the root."""
        while self.open:
            self.end("")
        return self.root


def local(name: str) -> str:
    """`{namespace}name` -> `name`."""
    return name.rpartition("}")[2]


def element(data: bytes, *, document_type: bool = False) -> tuple[Element, DecodeError | None]:
    """Parse a document: its root element, and the fault when it breaks off half-way.

    `document_type` allows a DOCTYPE line (property lists have one). Raises `DecodeError` when there is no element.
    """
    builder = Builder()
    fault = parse(data, builder, document_type=document_type)
    root = builder.close()
    if root is None:
        raise fault or DecodeError("XML: no element", data)
    return root, fault


def settled(tree: Tree, fault: DecodeError | None) -> Tree:
    """The tree, or the fault with the tree as what was read before it."""
    if fault is not None:
        raise DecodeError(fault.why, fault.rest, tree)
    return tree


def parse(data: bytes, builder: Builder, *, document_type: bool) -> DecodeError | None:
    """Run the parser; return its fault, with the bytes from the place of the fault on."""
    parser = DefusedXMLParser(target=builder, forbid_dtd=not document_type)
    try:
        parser.feed(data)
        parser.close()
    except DefusedXmlException as error:
        raise DecodeError(f"XML: refused, {type(error).__name__}", data) from None
    except (ParseError, OverflowError, ValueError, LookupError) as error:
        at = max(parser.parser.CurrentByteIndex, 0)
        return DecodeError(f"XML: {reason(error)} at byte {at}", data[at:] if builder.root else data)
    return None


def reason(error: Exception) -> str:
    """What is wrong, without anything from the document."""
    if isinstance(error, ParseError):
        return ErrorString(error.code)
    return str(error) if isinstance(error, OverflowError) else "encoding not known"


def tree(node: Element, shapes: Shapes | None = None, lists: frozenset[str] = frozenset()) -> Tree:
    """An element as a tree: `@name` for attributes, `#text` for text beside them; a name that comes twice is a list.

    `shapes` are elements with a shape of their own, `lists` the names that are a list even when they come once.
    """
    if shapes and node.name in shapes:
        return shapes[node.name](node)
    if not node.children and not node.attributes:
        return node.text
    found: dict[str, Tree] = {f"@{name}": value for name, value in node.attributes.items()}
    found |= by_name(((child.name, tree(child, shapes, lists)) for child in node.children), lists)
    if node.text.strip():
        found["#text"] = node.text
    return found


def by_name(pairs: Iterable[tuple[str, Tree]], lists: frozenset[str] = frozenset()) -> dict[str, Tree]:
    """An object; a name that comes twice, or is one of `lists`, holds a list."""
    values: dict[str, list[Tree]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {name: found if len(found) > 1 or name in lists else found[0] for name, found in values.items()}


def xml_text(data: bytes) -> Tree:
    """Any XML document: {root: tree}."""
    root, fault = element(data)
    return settled({root.name: tree(root)}, fault)

"""WBXML 1.1 to 1.3 with the code pages of SyncML and DevInf (WAP-192-WBXML; page tables: libwbxml src/wbxml_tables.c).

Only the tokens that SyncML needs; attributes, entities and extensions are read past and named by their bytes.
"""

from portalscope.decoders.message import DecodeError, Tree
from portalscope.decoders.wire.xml_text import MAX_DEPTH, MAX_ELEMENTS, Element, settled, tree

VERSIONS = (1, 2, 3)
SWITCH_PAGE, END, ENTITY, STR_I, STR_T, OPAQUE = 0x00, 0x01, 0x02, 0x03, 0x83, 0xC3
EXT_I, EXT_T, EXT, LITERALS = (0x40, 0x41, 0x42), (0x80, 0x81, 0x82), (0xC0, 0xC1, 0xC2), (0x04, 0x44, 0x84, 0xC4)
CHARSETS = {3: "ascii", 4: "latin-1", 106: "utf-8", 1015: "utf-16", 1013: "utf-16-be", 1014: "utf-16-le"}

SYNCML = (
    "Add Alert Archive Atomic Chal Cmd CmdID CmdRef Copy Cred Data Delete Exec Final Get Item Lang LocName LocURI Map "
    "MapItem Meta MsgID MsgRef NoResp NoResults Put Replace RespURI Results Search Sequence SessionID SftDel Source "
    "SourceRef Status Sync SyncBody SyncHdr SyncML Target TargetRef - VerDTD VerProto NumberOfChanges MoreData Field "
    "Filter Record FilterType SourceParent TargetParent Move Correlator"
)
METINF = (
    "Anchor EMI Format FreeID FreeMem Last Mark MaxMsgSize Mem MetInf Next NextNonce SharedMem Size Type Version "
    "MaxObjSize FieldLevel"
)
DEVINF = (
    "CTCap CTType DataStore DataType DevID DevInf DevTyp DisplayName DSMem Ext FwV HwV Man MaxGUIDSize MaxID MaxMem "
    "Mod OEM ParamName PropName Rx Rx-Pref SharedMem MaxSize SourceRef SwV SyncCap SyncType Tx Tx-Pref ValEnum VerCT "
    "VerDTD XNam XVal UTC SupportNumberOfChanges SupportLargeObjs Property PropParam MaxOccur NoTruncate - Filter-Rx "
    "FilterCap FilterKeyword FieldLevel SupportHierarchicalSync"
)
PAGES = (SYNCML.split(), METINF.split())
TABLE_BUDGET = 1024 * 1024  # bytes
DEVINF_IDS = (0x0FD4, 0x1203)  # the public ids of DevInf documents; SyncML is 0x0fd3 (1.1) and 0x1201 (1.2)


class Reader:
    """Reads WBXML at `pos`; IndexError past the end, ValueError on what the format forbids."""

    def __init__(self, data: bytes) -> None:
        self.data, self.pos, self.page = data, 0, 0
        self.budget = max(TABLE_BUDGET, 4 * len(data))
        if self.byte() not in VERSIONS:
            raise ValueError("not version 1.1 to 1.3")
        public, index = self.number(), 0
        if public == 0:
            index = self.number()
        charset = self.number()
        if charset not in (0, *CHARSETS):
            raise ValueError("character set not known")
        self.codec = CHARSETS.get(charset, "utf-8")
        self.table = self.take(self.number()) + b"\0\0"
        name = self.entry(index) if public == 0 else ""
        self.pages = (DEVINF.split(),) if public in DEVINF_IDS or "DevInf" in str(name) else PAGES

    def byte(self) -> int:
        """One byte."""
        self.pos += 1
        return self.data[self.pos - 1]

    def number(self) -> int:
        """An mb_uint32: seven bits a byte, high group first, at most five bytes."""
        value = 0
        for _ in range(5):
            byte = self.byte()
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value
        raise ValueError("number too long")

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        if size > len(self.data) - self.pos:
            raise IndexError
        self.pos += size
        return self.data[self.pos - size : self.pos]

    def string(self, data: bytes, start: int) -> bytes:
        """The string at a place, without the NUL that ends it."""
        wide = self.codec.startswith("utf-16")
        end = data.find(b"\0\0" if wide else b"\0", start)
        while wide and end >= 0 and (end - start) % 2:
            end = data.find(b"\0\0", end + 1)
        if not 0 <= start <= end:
            raise IndexError
        return data[start:end]

    def entry(self, offset: int) -> str | bytes:
        """A string of the string table. A long one that is named often is a bomb, so there is a budget."""
        if offset >= len(self.table):
            raise ValueError("a string outside of the table")
        found = self.string(self.table, offset)
        self.budget -= len(found)
        if self.budget < 0:
            raise ValueError("too much text from the string table")
        return self.text(found)

    def inline(self) -> str | bytes:
        """A string that stands here."""
        found = self.string(self.data, self.pos)
        self.pos += len(found) + (2 if self.codec.startswith("utf-16") else 1)
        return self.text(found)

    def text(self, data: bytes) -> str | bytes:
        """Text in the document's character set; bytes that are no text stay bytes."""
        try:
            return data.decode(self.codec)
        except UnicodeDecodeError:
            return data

    def tag(self, token: int) -> str:
        """The name of a tag on this page; one that is not known is named by its page and number."""
        names = self.pages[self.page] if self.page < len(self.pages) else []
        index = (token & 0x3F) - 5
        known = 0 <= index < len(names) and names[index] != "-"
        return names[index] if known else f"token_{self.page:02x}_{token & 0x3F:02x}"


class Document:
    """The elements that are open, and what is read into them."""

    def __init__(self, reader: Reader, inner: bool) -> None:
        self.reader, self.inner, self.start_of_token = reader, inner, reader.pos
        self.root: Element | None = None
        self.open: list[tuple[Element, list[str | bytes]]] = []
        self.count = 0

    def read(self) -> None:
        """Read tokens until the root element ends."""
        while self.root is None or self.open:
            self.start_of_token = self.reader.pos
            self.token(self.reader.byte())
        self.start_of_token = self.reader.pos

    def token(self, token: int) -> None:
        """One token: code page, end, text, or a tag."""
        reader = self.reader
        if token == SWITCH_PAGE:
            reader.page = reader.byte()
        elif token == END:
            if not self.open:
                raise ValueError("an end without a start")
            self.end()
        elif token == STR_I:
            self.add(reader.inline())
        elif token == STR_T:
            self.add(reader.entry(reader.number()))
        elif token == OPAQUE:
            self.add(self.opaque(reader.take(reader.number())))
        elif token == ENTITY:
            number = reader.number()
            self.add(chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd")
        elif not self.extension(token):
            self.start(token)

    def extension(self, token: int) -> bool:
        """Global extension tokens and instructions; SyncML has none. Returns whether it was one."""
        reader = self.reader
        if token in EXT_I:
            self.add(reader.inline())
        elif token in EXT_T:
            self.add(reader.entry(reader.number()))
        elif token in EXT:
            self.add(f"extension_{token:02x}")
        elif token == 0x43:
            raise ValueError("processing instruction")
        else:
            return False
        return True

    def start(self, token: int) -> None:
        """A tag, by token or by its name in the string table."""
        reader = self.reader
        self.count += 1
        if len(self.open) >= MAX_DEPTH or self.count > MAX_ELEMENTS:
            raise ValueError(f"nested deeper than {MAX_DEPTH}, or more than {MAX_ELEMENTS} elements")
        name = str(reader.entry(reader.number())) if token in LITERALS else reader.tag(token)
        element = Element(name)
        if self.open:
            self.open[-1][0].children.append(element)
        else:
            self.root = element
        if token & 0x80:
            raise ValueError("a tag with attributes")
        if token & 0x40:
            self.open.append((element, []))

    def end(self) -> None:
        """Close the innermost element."""
        element, pieces = self.open.pop()
        if any(isinstance(piece, bytes) for piece in pieces):
            element.text = b"".join(p if isinstance(p, bytes) else p.encode("utf-8", "surrogatepass") for p in pieces)
        else:
            element.text = "".join(str(piece) for piece in pieces)

    def add(self, text: str | bytes) -> None:
        """Text in the innermost element."""
        if not self.open:
            raise ValueError("text outside of the document")
        self.open[-1][1].append(text)

    def opaque(self, data: bytes) -> str | bytes:
        """Opaque bytes: a WBXML document of its own (DevInf) becomes child elements, one level deep; text is text."""
        if data[:1] not in (b"\x01", b"\x02", b"\x03") or not self.open or self.inner:
            return self.reader.text(data)
        try:
            found, fault = element(data, inner=True)
        except DecodeError:
            return self.reader.text(data)
        if fault is not None:
            return self.reader.text(data)
        self.open[-1][0].children.append(found)
        return ""

    def close(self) -> Element | None:
        """Close what is open and return the root."""
        while self.open:
            self.end()
        return self.root


def element(data: bytes, *, inner: bool = False) -> tuple[Element, DecodeError | None]:
    """Read a WBXML document: its root element, and the fault when it breaks off half-way.

    `inner` says that the document stands inside another one: what is opaque in it stays closed. Raises `DecodeError`
    when there is no element at all.
    """
    try:
        document = Document(Reader(data), inner)
    except (IndexError, ValueError) as error:
        raise DecodeError(f"WBXML: {reason(error)}", data) from None
    why = ""
    try:
        document.read()
    except (IndexError, ValueError) as error:
        why = f"WBXML: {reason(error)}"
    rest, root = data[document.start_of_token :], document.close()
    if root is None:
        raise DecodeError(why, data)
    if rest and not why:
        why = "WBXML: more after the end of the document"
    return root, DecodeError(why, rest) if why else None


def reason(error: Exception) -> str:
    """What is wrong, without anything from the document."""
    if isinstance(error, UnicodeError):
        return "not text"
    return "ends early" if isinstance(error, IndexError) else str(error)


def wbxml(data: bytes) -> Tree:
    """A WBXML document, as the tree of the same document in XML."""
    root, fault = element(data)
    return settled({root.name: tree(root)}, fault)

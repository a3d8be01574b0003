"""A body without its secrets: unpacked, cleaned, and packed again in the same way, if anything was replaced."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from portalscope.capture.problem import entropy
from portalscope.capture.secret_names import Kind
from portalscope.capture.secret_packing import PACK, unpack
from portalscope.capture.secret_plist import MAGIC, clean_plist
from portalscope.capture.secret_text import CONTROL, Found, Text

LAYERS = 3
LARGE, SAMPLE, RANDOM = 1 << 20, 1 << 14, 7.9  # bytes, bytes, bits per byte: random ones have 7.98 in such a sample
OPAQUE = (  # pictures, archives, fonts, programs: nothing in them can be read, and they are large
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"PK\x03\x04", b"7z\xbc\xaf", b"Rar!", b"MSCF", b"xar!", b"MZ\x90",
    b"wOFF", b"wOF2", b"\0asm", b"OggS", b"ID3",
)  # fmt: skip
MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}  # byte order marks


@dataclass(frozen=True, slots=True)
class Body:
    """A body on its way. `plain` is its inside, `layers` the ways it is packed, outermost first, `rest` what follows.

    `cut`: it unpacks to more than is looked through, and only that is kept.
    """

    sent: bytes
    plain: bytes
    layers: tuple[str, ...] = ()
    rest: bytes = b""
    form: bool = False
    cut: bool = False
    changed: bool = False

    @property
    def fixed(self) -> bool:
        """Whether the inside is binary: a value may stand behind its length, so that a replacement must be as long."""
        return CONTROL.search(self.plain) is not None

    def cleaned(self, text: Text, found: Found) -> "Body":
        """Return the body without its secrets."""
        if opaque(self.plain):
            return self
        made = self.put(clean_plain(self.plain, text, found, form=self.form, fixed=self.fixed))
        rest = text.clean(self.rest, found, fixed=True) if self.rest else b""
        return made if rest == self.rest else replace(made, rest=rest, changed=True)

    def without(self, text: Text, found: Found, values: Sequence[bytes]) -> "Body":
        """Return the body without certain values."""
        return self.put(text.literal(self.plain, values, found, fixed=self.fixed))

    def put(self, plain: bytes) -> "Body":
        """Return the body with another inside."""
        return self if plain == self.plain else replace(self, plain=plain, changed=True)

    def written(self) -> bytes:
        """Return the bytes to be kept: those that were sent, if nothing changed."""
        if not self.changed and not self.cut:
            return self.sent
        data = self.plain
        for layer in reversed(self.layers):
            data = PACK[layer](data)
        return data + self.rest


def opaque(data: bytes) -> bool:
    """Whether nothing can be read in a body: by how it begins or, if it is large, because all of it looks encrypted."""
    if data.startswith(OPAQUE):
        return True
    places = (0, len(data) // 2, len(data) - SAMPLE)
    return len(data) > LARGE and all(entropy(data[at : at + SAMPLE]) > RANDOM for at in places)


def opened(sent: bytes, content_type: str = "", encoding: str = "") -> Body:
    """Return a body, unpacked by what its bytes look like; the header is asked only where bytes do not say it."""
    body = Body(sent, sent, form="x-www-form-urlencoded" in content_type.lower())
    for declared in (encoding, *[""] * (LAYERS - 1)):
        found = unpack(body.plain, declared)
        if found is None or (found[1].rest and body.layers):  # bytes behind an inner packing: it may be none
            break
        name, inside = found
        body = replace(
            body,
            plain=inside.plain,
            layers=(*body.layers, name),
            rest=body.rest or inside.rest,
            cut=body.cut or inside.more,
        )
    return body


def clean_plain(data: bytes, text: Text, found: Found, *, form: bool, fixed: bool) -> bytes:
    """Return an unpacked body without its secrets."""
    if data.startswith(MAGIC):
        data = clean_plist(data, text.names, lambda *given: fitted(text, found, *given))
    wide = MARKS.get(data[:2]) or ("utf-16-le" if data[:1] in (b"<", b"{") and data[1:4:2] == b"\0\0" else "")
    if not wide:
        return text.clean(data, found, form=form, fixed=fixed)
    try:
        narrow = data.decode(wide).encode()
    except UnicodeError:
        return text.clean(data, found, fixed=True)
    clean = text.clean(narrow, found)
    return data if clean == narrow else clean.decode().encode(wide)


def fitted(text: Text, found: Found, kind: Kind, value: bytes, size: int) -> bytes:
    """A replacement of a certain size."""
    found.add(kind.type, value)
    return text.stand_ins.fitted(kind.type, value, size)

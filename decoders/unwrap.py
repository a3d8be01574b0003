"""Take layers off a text until something can be read in it: percent signs, escapes, base64, hex, UTF-16, compression.

This serves the search for planted values. It opens everything that may be a layer and never says that it was one: what
a message *means* is decoded by the adapters' steps.
"""

import base64
import binascii
import html
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

DEPTH = 4
SHORTEST = 12  # characters of a text in which base64 is looked for
MOST_LAYERS = 400
LEAST_BUDGET, BUDGET = 256 * 1024, 8 * 1024 * 1024  # characters of all layers together, beyond the text itself
MOST_RUNS = 64
SAMPLE = 96
ZLIB_CHECK = -(0x78 << 8) % 31  # RFC 1950: the two bytes of the header are a multiple of 31

_WORTH = re.compile(r"[%\\&\0-\x1f]|[A-Za-z0-9+/_-]{12}")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([\"\\/']))")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}+={0,2}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){8,}")
_FOLDED = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{60,}+\r?\n[A-Za-z0-9+/]")
_TO_STANDARD = str.maketrans("-_", "+/")


@dataclass(frozen=True, slots=True)
class Layer:
    """A text that was found inside a text. `way` says how, outermost first; `whole`: nothing stood around it.

    `again`: it is the outer text once more, written differently, so that it holds all that stood there in plain.
    """

    way: tuple[str, ...]
    text: str
    whole: bool = True
    again: bool = False


def layers(text: str) -> Iterator[Layer]:
    """The text itself, then what is inside it, breadth first; bounded in depth, number and size.

    Bytes are given and taken in their latin-1 reading, one character a byte.
    """
    outermost = Layer((), text)
    yield outermost
    if text.isascii() and not _WORTH.search(text):
        return
    queue, seen, budget = deque([outermost]), {hash(text)}, max(LEAST_BUDGET, min(BUDGET, 8 * len(text)))
    while queue:
        outer = queue.popleft()
        for inner in peeled(outer):
            if hash(inner.text) in seen or budget < len(inner.text) or len(seen) > MOST_LAYERS:
                continue
            seen.add(hash(inner.text))
            budget -= len(inner.text)
            yield inner
            if len(inner.way) < DEPTH and (legible(inner.text) or packed(inner.text)):
                queue.append(inner)


def peeled(outer: Layer) -> Iterator[Layer]:
    """Every layer that can be taken off a text once."""
    text = outer.text
    for (label, inner), again in ((written(text), True), (("utf-16", narrow(text)), True), (inflated(text), False)):
        if inner and inner != text:
            yield Layer((*outer.way, label), inner, outer.whole, again)
    if len(outer.text) >= SHORTEST:
        yield from runs(outer)


def written(text: str) -> tuple[str, str]:
    """(label, text) without the ways in which text is written inside other text, all at once; empty for none.

    They are taken off together: in every order of their own, a long text would have as many layers as orders.
    """
    ways: list[str] = []
    for label, look in LOOKS:
        inner = look(text)
        if inner and inner != text:
            ways.append(label)
            text = inner
    return "+".join(ways), text if ways else ""


def percent(text: str) -> str:
    """URL encoding, once."""
    return unquote_to_bytes(text).decode("latin-1") if "%" in text and _PERCENT.search(text) else ""


def escaped(text: str) -> str:
    r"""Escapes of JSON, JavaScript and C: \u0040, \x40, \\, \/, once."""
    return _ESCAPE.sub(unescaped, text) if "\\" in text else ""


def unescaped(match: re.Match[str]) -> str:
    """The character that an escape stands for."""
    return match[3] or chr(int(match[1] or match[2], 16))


def entities(text: str) -> str:
    """References of HTML and XML: &#64; &amp;."""
    return html.unescape(text) if "&" in text and ";" in text else ""


def narrow(text: str) -> str:
    """UTF-16 of ASCII, in either byte order, without its zeros."""
    return text.replace("\0", "") if "\0" in text else ""


def packed(text: str) -> bool:
    """Whether compression may begin here: gzip (also behind a length) or zlib by their marks."""
    return "\x1f\x8b\x08" in text[:SAMPLE] or (text[:1] == "x" and len(text) > 2 and ord(text[1]) % 31 == ZLIB_CHECK)


def inflated(text: str) -> tuple[str, str]:
    """(label, text) without compression: gzip, zlib, raw deflate; a stream that breaks off gives what it gave."""
    return "inflate", uncompressed(text)


def uncompressed(text: str) -> str:
    """What a compressed text holds, empty where it is none."""
    marked = packed(text)
    if len(text) < SHORTEST or (legible(text) and not marked):
        return ""
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        return ""
    if not marked:
        return stream(data, -15, ended=True)
    start = data.find(b"\x1f\x8b\x08", 0, SAMPLE)
    return stream(data[start:], 31) if start >= 0 else stream(data, 15)


def stream(data: bytes, window: int, *, ended: bool = False) -> str:
    """Inflate up to the budget. `ended`: only a stream that comes to its end counts, since raw deflate has no mark."""
    unpack = zlib.decompressobj(window)
    try:
        out = unpack.decompress(data, BUDGET)
    except zlib.error:
        return ""
    return out.decode("latin-1") if unpack.eof or not ended else ""


def unfolded(text: str) -> str:
    """Base64 in lines, as mail and certificates have it, in one line."""
    return re.sub(r"\r?\n", "", text) if "\n" in text and _FOLDED.search(text) else ""


LOOKS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("lines", unfolded),
    ("url", percent),
    ("entities", entities),
    ("escape", escaped),
)


def runs(outer: Layer) -> Iterator[Layer]:
    """Base64 and hex inside a text, each run on its own."""
    for number, match in enumerate(_BASE64.finditer(outer.text)):
        if number >= MOST_RUNS:
            return
        run = match.group()
        whole = outer.whole and len(run) == len(outer.text.strip())
        if run != run.lower() and run != run.upper():
            for start in starts(run):
                if data := unbased(run[start:]):
                    yield Layer((*outer.way, "base64"), data, whole and start == 0)
        if len(run) >= 16 and (hexed := _HEX.search(run)):
            for start in (0, 1):
                digits = run[hexed.start() + start :].rstrip("=")
                if data := unhexed(digits):
                    yield Layer((*outer.way, "hex"), data, whole and start == 0 and hexed.start() == 0)


def starts(run: str) -> tuple[int, ...]:
    """Where base64 may begin: at the run's start, or behind a sign that belongs to the text around it."""
    signs = {find(sign) + 1 for sign in "/_-" for find in (run.find, run.rfind)} - {0}
    return (0, *sorted(start for start in signs if len(run) - start >= 12))


def unbased(run: str) -> str:
    """Base64 or base64url, with or without padding; empty for none."""
    bare = run.rstrip("=").translate(_TO_STANDARD)
    bare = bare[: len(bare) - (len(bare) % 4 == 1)]
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4)).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""


def unhexed(run: str) -> str:
    """The hex digits at the start of a run, as bytes; empty for none."""
    match = _HEX.match(run)
    return bytes.fromhex(match.group()).decode("latin-1") if match else ""


def legible(text: str) -> bool:
    """Whether a text is text: what base64 makes of an ordinary word is not, and is not searched for more layers."""
    if text.isascii() and text.isprintable():
        return True
    sample = text[:SAMPLE].replace("\0", "")
    return sum(32 <= ord(c) < 127 or c in "\t\r\n" or ord(c) > 255 for c in sample) >= 0.85 * len(sample)

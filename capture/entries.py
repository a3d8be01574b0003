"""The entries of a HAR file, one at a time, however large the file is.

The standard library's parser on a moving window, because ijson's fast one, tried with 3.6, kills the process on 400 KB of
nested brackets, ends the file at one escape of a lone surrogate (mitmproxy writes them for bytes that are no text) or
turns it into `?`, and cannot go on after a damaged entry.
"""

import json
import re
from collections.abc import Iterator
from io import BufferedIOBase, TextIOWrapper

CHUNK = 1 << 20  # characters
LARGEST = 256 << 20  # characters of one entry
DECODER = json.JSONDecoder(strict=False)  # line ends inside strings are wrong and harmless
SPACE = re.compile(r"[ \t\r\n]*")
OUTSIDE, INSIDE = re.compile(r'["\[\]{}]'), re.compile(r'["\\]')


def entries(stream: BufferedIOBase) -> Iterator[tuple[object, str]]:
    """Yield (entry, its JSON) for every entry of a HAR file; the entry is None where the JSON is broken or too deep.

    ValueError: the file is no HAR, or the list of entries is broken. EOFError: it ends too early; both say how many bytes
    were not read.
    """
    window = Window(stream)
    try:
        window.enter("log")
        window.enter("entries")
        window.take("[")
        while window.sign() != "]":
            yield window.entry()
            if window.sign() != "]":
                window.take(",")
    except EOFError as error:
        raise EOFError(f"{window.left()} bytes unread") from error
    except ValueError as error:
        raise ValueError(f"{window.left()} bytes unread") from error


class Window:
    """The part of a JSON text that was read and is not used yet: `text` from `at` on."""

    def __init__(self, stream: BufferedIOBase) -> None:
        # A damaged byte is kept as a lone surrogate (PEP 383) and comes out as that byte again.
        self.stream = TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline="")
        self.text = ""
        self.at = 0

    def more(self) -> None:
        """Read on, as much again as is waiting, so that a long value is tried few times. EOFError at the end."""
        waiting = self.text[self.at :]
        piece = self.stream.read(max(CHUNK, len(waiting)))
        self.text, self.at = waiting + piece, 0
        if not piece:
            raise EOFError

    def left(self) -> int:
        """Read to the end and return how many bytes were not used."""
        size = len(self.text[self.at :].encode(errors="surrogateescape"))
        while piece := self.stream.read(CHUNK):
            size += len(piece.encode(errors="surrogateescape"))
        return size

    def sign(self) -> str:
        """Return the next character that is no white space, without using it."""
        while True:
            self.at = SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]  # matches the empty string too
            if self.at < len(self.text):
                return self.text[self.at]
            self.more()

    def take(self, sign: str) -> None:
        """Use one character. ValueError if another one stands there."""
        if self.sign() != sign:
            raise ValueError(f"{sign} expected")
        self.at += 1

    def enter(self, wanted: str) -> None:
        """Go into an object up to the value of a key. ValueError if it has no such key."""
        self.take("{")
        while (key := self.value()) != wanted:
            self.take(":")
            self.value()
            self.take(",")
        self.take(":")

    def value(self) -> object:
        """Use one JSON value and return it. ValueError or RecursionError where it is none, too deep or too large."""
        self.sign()
        while True:
            try:
                value, end = DECODER.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                if not cut_off(error) or len(self.text) - self.at > LARGEST:
                    raise
                self.more()
            else:
                self.at = end
                return value

    def entry(self) -> tuple[object, str]:
        """Use one entry and return it with its JSON, or None and the text that is no JSON."""
        start, text = self.at, self.text
        try:
            value = self.value()
        except (ValueError, RecursionError):
            return None, self.skip()
        # The window moved if more was read; what is used now begins it then.
        return value, self.text[start : self.at] if self.text is text else self.text[: self.at]

    def skip(self) -> str:
        """Pass over an object or list by its brackets and return its text, as far as `LARGEST` allows."""
        if self.sign() not in "{[":
            raise ValueError("an object expected")
        depth, inside, position, passed = 0, False, self.at, ""
        while True:
            mark = (INSIDE if inside else OUTSIDE).search(self.text, position)
            if not mark:
                passed += self.text[self.at :] if len(passed) < LARGEST else ""
                position, self.at = max(0, position - len(self.text)), len(self.text)
                self.more()
                continue
            position = mark.end() + (mark[0] == "\\")
            if mark[0] == '"':
                inside = not inside
            elif not inside:
                depth += 1 if mark[0] in "{[" else -1
                if not depth:
                    passed, self.at = passed + self.text[self.at : position], position
                    return passed


def cut_off(error: json.JSONDecodeError) -> bool:
    """Whether a value may go on behind the window: an open string, or an error at the very end (`-Infinity` is 9 long)."""
    return error.msg.startswith("Unterminated string") or error.pos >= len(error.doc) - 12

"""The entries of a HAR file, one at a time, however large the file is.

This is the standard library's parser on a moving window. ijson's fast one (tried: 3.6) kills the process on 400 KB of
nested brackets, stops at an escaped lone surrogate (mitmproxy writes them for bytes that are no text) or turns it into
`?`, and cannot go on after a damaged entry.
"""

import json
import re
from collections.abc import Iterator
from io import TextIOWrapper
from typing import BinaryIO

CHUNK = 1 << 20  # characters
LARGEST = 256 << 20  # characters of one entry
DECODER = json.JSONDecoder(strict=False)  # line ends inside strings are wrong and harmless
SPACE = re.compile(r"[ \t\r\n]+")
WORDS = ("true", "false", "null", "NaN", "Infinity", "-Infinity", ".", "e+", "e-", "E+", "E-")  # what may be cut in two
OUTSIDE, INSIDE = re.compile(r'["\[\]{}]'), re.compile(r'["\\]')


def entries(stream: BinaryIO) -> Iterator[tuple[object, str]]:
    """Yield (entry, its JSON) for every entry of a HAR file; the entry is None where the JSON is broken or too deep.

    ValueError: the file is no HAR, or the list of entries is broken. EOFError: it ends too early. Both say how many
    bytes were not read.
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
    finally:
        window.stream.detach()  # the stream is not ours to close


class Window:
    """What was read of a JSON text and is not used yet: `text` from `at` on. The last value began at `start`."""

    def __init__(self, stream: BinaryIO, encoding: str = "utf-8-sig") -> None:
        # A damaged byte is kept as a lone surrogate (PEP 383) and comes out as that byte again.
        self.stream = TextIOWrapper(stream, encoding, errors="surrogateescape", newline="")
        self.text = ""
        self.at = self.start = 0

    def more(self) -> None:
        """Read on, as much again as is waiting, so that a long value is tried few times. EOFError at the end."""
        waiting = self.text[self.at :]
        piece = self.stream.read(max(CHUNK, len(waiting)))
        self.text, self.at, self.start = waiting + piece, 0, 0
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
            if space := SPACE.match(self.text, self.at):
                self.at = space.end()
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
        while self.value() != wanted:
            self.take(":")
            self.value()
            self.take(",")
        self.take(":")

    def value(self) -> object:
        """Use one JSON value and return it. ValueError where it is none, too deep or too large."""
        self.sign()
        self.start = self.at
        while True:
            try:
                value, end = DECODER.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                if not cut_off(error) or len(self.text) - self.at > LARGEST:
                    raise
            except RecursionError as error:
                raise ValueError("nested too deep") from error
            else:
                if end < len(self.text) or not isinstance(value, int | float):  # a number may go on
                    self.at = end
                    return value
            self.more()

    def entry(self) -> tuple[object, str]:
        """Use one entry and return it with its JSON, or None and the text that is no JSON."""
        try:
            value = self.value()
        except ValueError:
            return None, self.skip()
        return value, self.text[self.start : self.at]

    def skip(self) -> str:
        """Pass over an object or list by its brackets. Return its text, or the end of it if it is beyond `LARGEST`."""
        if self.sign() not in "{[":
            raise ValueError("an object expected")
        depth, inside, position = 0, False, self.at
        while True:
            mark = (INSIDE if inside else OUTSIDE).search(self.text, position)
            if not mark:
                position = max(position, len(self.text))  # beyond it when a backslash is the last character
                self.at = len(self.text) if len(self.text) - self.at > LARGEST else self.at
                position -= self.at
                self.more()
                continue
            position = mark.end() + (mark[0] == "\\")
            if mark[0] == '"':
                inside = not inside
            elif not inside:
                depth += 1 if mark[0] in "{[" else -1
            if not depth:
                start, self.at = self.at, position
                return self.text[start:position]


def cut_off(error: json.JSONDecodeError) -> bool:
    """Whether a value may go on behind the window: an open string, or a word, number or escape at the very end."""
    rest = error.doc[error.pos : error.pos + 10]
    escape = error.msg.startswith("Invalid \\") and error.pos >= len(error.doc) - 6
    return escape or error.msg.startswith("Unterminated string") or any(word.startswith(rest) for word in WORDS)

"""Lines typed while something else is on the screen: each is handed over when Enter is pressed."""

import os
import select
import sys
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LONGEST = 200  # characters of a line
ENTER, BACK, CLEAR = "\r\n", "\x7f\b", "\x15"
PATIENCE = 0.2  # seconds until the end is noticed

type Told = Callable[[str], None]


class Line:
    """The line that is being typed; `told` gets it when it is done."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.text = ""

    def take(self, typed: str) -> None:
        """Take what was typed. Keys that send an escape sequence change nothing."""
        if typed.startswith("\x1b"):
            return
        for sign in typed:
            if sign in ENTER:
                done, self.text = self.text.strip(), ""
                if done:
                    self.told(done)
            elif sign in BACK:
                self.text = self.text[:-1]
            elif sign == CLEAR:
                self.text = ""
            elif sign.isprintable() and len(self.text) < LONGEST:
                self.text += sign


@contextmanager
def keyboard(told: Told) -> Iterator[Line | None]:
    """Listen to the keyboard as long as the context lasts; None when there is none or nobody sees what is typed."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        yield None
        return
    line, ended = Line(told), threading.Event()
    with unbuffered(sys.stdin.fileno()) as listens:
        if not listens:
            yield None
            return
        thread = threading.Thread(target=listen, args=(sys.stdin.fileno(), line, ended), daemon=True)
        thread.start()
        try:
            yield line
        finally:
            ended.set()
            thread.join()


def listen(file: int, line: Line, ended: threading.Event) -> None:
    """Hand over what is typed until it ends."""
    decoder = getincrementaldecoder("utf-8")("replace")
    while not ended.is_set():
        if select.select([file], [], [], PATIENCE)[0]:
            typed = os.read(file, 1024)
            if not typed:
                return
            line.take(decoder.decode(typed))


@contextmanager
def unbuffered(file: int) -> Iterator[bool]:
    """Let a terminal give every key at once and echo none; False where that cannot be, as in the background.

    Ctrl-C stays a signal. Whatever ends the context, the terminal is as it was.
    """
    try:
        import termios
        import tty
    except ImportError:  # Windows
        yield False
        return
    if os.tcgetpgrp(file) != os.getpgrp():  # changing the terminal would stop a process in the background
        yield False
        return
    before = termios.tcgetattr(file)
    try:
        tty.setcbreak(file)
        yield True
    finally:
        termios.tcsetattr(file, termios.TCSADRAIN, before)

"""Lines typed beside a live screen."""

import os
import pty
import threading
import time

import pytest

from portalscope.verbs.keyboard import LONGEST, Line, keyboard, listen


@pytest.fixture
def line():
    told = []
    made = Line(told.append)
    made.lines = told
    return made


@pytest.mark.parametrize(
    ("typed", "lines", "left"),
    [
        (["signed in\n"], ["signed in"], ""),
        (["sig", "ned", " in"], [], "signed in"),
        (["one\rtwo\n"], ["one", "two"], ""),
        (["abc\x7f\x7fd\n"], ["ad"], ""),
        (["abc\x15x\n"], ["x"], ""),
        (["\n", "  \n"], [], ""),
        (["a", "\x1b[A", "b\n"], ["ab"], ""),
        (["tab\there\x00\n"], ["tabhere"], ""),
        (["gebruik é\n"], ["gebruik é"], ""),
        (["x" * 500], [], "x" * LONGEST),
    ],
)
def test_what_is_typed_becomes_lines(line, typed, lines, left):
    for one in typed:
        line.take(one)
    assert (line.lines, line.text) == (lines, left)


def test_without_a_terminal_nobody_listens():
    with keyboard(print) as found:
        assert found is None


def test_it_listens_to_a_terminal_until_it_ends(line):
    master, slave = pty.openpty()
    ended = threading.Event()
    thread = threading.Thread(target=listen, args=(slave, line, ended))
    thread.start()
    os.write(master, "signed in \u00e9\n".encode())
    last = time.monotonic() + 10
    while not line.lines and time.monotonic() < last:
        time.sleep(0.01)
    ended.set()
    thread.join(10)
    os.close(master)
    os.close(slave)
    assert line.lines == ["signed in é"]
    assert not thread.is_alive()

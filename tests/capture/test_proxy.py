"""mitmproxy in this process: how it starts, why it does not, and how a signal ends it."""

import os
import signal
import socket

import pytest

from portalscope.capture.inspection import load_run
from portalscope.capture.proxy import Proxy, until_signal


def options(folder, **more):
    given = {"listen_host": "127.0.0.1", "listen_port": 0, "confdir": str(folder / "conf")}
    return {**given, "portalscope_run": str(folder / "run"), **more}


def never(_):
    pytest.fail("nothing was to be told")


@pytest.mark.network
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(tmp_path, number):
    ways = []

    def started(way):
        ways.append(way)
        os.kill(os.getpid(), number)

    before = signal.getsignal(number)
    Proxy(options(tmp_path)).run(started, never)
    assert [way.startswith("HTTP(S) proxy at 127.0.0.1:") for way in ways] == [True]
    assert "ended" in load_run(tmp_path / "run").tools
    assert signal.getsignal(number) is before


@pytest.mark.network
def test_a_port_that_is_taken_leaves_no_run_behind(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(RuntimeError, match=f"failed to listen on 127.0.0.1:{port}"):
            Proxy(options(tmp_path, listen_port=port)).run(never, never)
    assert not (tmp_path / "run").exists()


@pytest.mark.network
def test_a_run_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "flows.mitm").touch()
    with pytest.raises(RuntimeError, match="never recorded over"):
        Proxy(options(tmp_path)).run(never, never)


@pytest.mark.parametrize(
    ("given", "more", "why"),
    [
        ({"mode": ["teleport"]}, (), "teleport"),
        ({"portalscope_scope": "some"}, (), "portalscope_scope"),
        ({}, ("no_such_option=1",), "no_such_option"),
        ({"no_such_option": 1}, (), "no_such_option"),
    ],
)
def test_wrong_options_are_said(tmp_path, given, more, why):
    with pytest.raises(ValueError, match=why):
        Proxy(options(tmp_path, **given), more).run(never, never)
    assert not (tmp_path / "run").exists()


def test_signals_are_given_back():
    before, told = signal.getsignal(signal.SIGTERM), []
    with until_signal(lambda: told.append(1)):
        os.kill(os.getpid(), signal.SIGTERM)
    assert told == [1]
    assert signal.getsignal(signal.SIGTERM) is before

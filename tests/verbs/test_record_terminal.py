"""`portalscope record` as a person sees it in a terminal: the table, the step that is typed, the end."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from fcntl import ioctl
from struct import pack

import pytest

from portalscope.capture.inspection import load_run, steps
from tests.proxy import ANSWER, PATIENCE, free_port, https

IN_TERMINAL = (
    "import os, sys; os.login_tty(int(sys.argv[1])); os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"
)


class Screen:
    """A process in a terminal of its own, and all that it has written there."""

    def __init__(self, *arguments):
        self.master, slave = pty.openpty()
        ioctl(self.master, termios.TIOCSWINSZ, pack("HHHH", 50, 150, 0, 0))
        command = [sys.executable, "-c", IN_TERMINAL, str(slave), "-m", "portalscope", *arguments]
        self.process = subprocess.Popen(command, pass_fds=(slave,), env={**os.environ, "TERM": "xterm"})
        os.close(slave)
        self.text = ""

    def until(self, words, seconds=2 * PATIENCE):
        """Read until something stands on the screen."""
        last = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < last, f"waited in vain for {words!r}"
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.text += os.read(self.master, 65536).decode("utf-8", "replace")
                except OSError:  # the terminal is gone with its process
                    assert words in self.text
        return self.text

    def type(self, keys):
        os.write(self.master, keys.encode())

    def end(self):
        """Press Ctrl-C and wait."""
        self.type("\x03")
        last = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < last:
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.text += os.read(self.master, 65536).decode("utf-8", "replace")
                except OSError:
                    break
        return self.process.wait(PATIENCE)

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        os.close(self.master)


@pytest.fixture
def screen():
    opened = []

    def start(*arguments):
        opened.append(Screen(*arguments))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


@pytest.mark.network
@pytest.mark.slow
def test_a_recording_in_a_terminal(tmp_path, screen):
    inspection, port = tmp_path / "inspection", free_port()
    with https(tmp_path) as server:
        options = ["--mitmproxy", f"ssl_verify_upstream_trusted_ca={server.ca}"]
        listen = ["--listen-host", "127.0.0.1", "--port", str(port)]
        shown = screen("record", "run", "--inspection", str(inspection), "--platform", "windows", *listen, *options)
        shown.until("Ctrl-C ends the recording")
        assert "certutil -addstore root" in shown.text
        assert "press Enter to mark a step" in shown.text
        curl = ["curl", "-sS", "--proxy", f"http://127.0.0.1:{port}", "--cacert"]
        authority = inspection / ".mitmproxy" / "mitmproxy-ca-cert.pem"
        asked = subprocess.run(
            [*curl, str(authority), f"https://localhost:{server.port}/", "-d", "some body"],
            capture_output=True,
            check=False,
        )
        assert asked.stdout == ANSWER
        shown.until("kinds of data")  # the table
        shown.until("localhost")
        shown.type("signed im\x7fn")
        shown.until("step: signed in")
        shown.type("\n")
        shown.until("signed in at ")
        assert shown.end() == 0
    assert [step.name for step in steps(inspection / "run")] == ["signed in"]
    assert load_run(inspection / "run").platform == "windows"
    assert "1 exchanges with 1 hosts" in shown.text


@pytest.mark.network
@pytest.mark.slow
def test_a_tunnel_shows_its_code(tmp_path, screen):
    port = free_port()
    shown = screen(
        "record", "run", "--inspection", str(tmp_path / "i"), "--mode", "wireguard",
        "--listen-host", "127.0.0.1", "--port", str(port),
    )  # fmt: skip
    shown.until("Ctrl-C ends the recording")
    shown.until("█▄")
    assert "PrivateKey = " in shown.text
    assert f"Endpoint = 127.0.0.1:{port}" in shown.text
    assert shown.end() == 0

"""A real TLS server, real clients and a real proxy on loopback, for the tests of the recording side."""

import http.server
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trustme

from portalscope.capture.exchange import Connection, Exchange
from portalscope.capture.inspection import contents

ADDON = Path(__file__).parent.parent / "capture" / "addon.py"
MITMDUMP = [sys.executable, "-c", "from mitmproxy.tools.main import mitmdump; mitmdump()", "-s", str(ADDON)]
RECORD = [sys.executable, "-m", "portalscope", "record"]
ANSWER = bytes(range(256)) * 8
PATIENCE = 30  # seconds; only a test that fails waits so long


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers everything with the same bytes; /slow not before the test ends."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.last = (body, self.headers.get("authorization"))
        if self.path == "/slow":
            self.server.asked.set()
            self.server.ended.wait(PATIENCE)
        self.send_response(200)
        self.send_header("content-length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    do_POST = do_GET

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    """An HTTPS server whose certificate nobody knows but the authority in `ca`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.asked, self.ended = threading.Event(), threading.Event()
        self.last: tuple[bytes, str | None] = (b"", None)
        authority = trustme.CA()
        self.ca = folder / "server-ca.pem"
        authority.cert_pem.write_to_path(self.ca)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
        # The handshake must not happen in accept(): a client that stays away would stop the server.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server_address[1]

    def handle_error(self, *_):
        """Clients that refuse us are what is tested."""


@contextmanager
def https(folder: Path) -> Iterator[Server]:
    with Server(folder) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.ended.set()
        server.shutdown()
        thread.join()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@dataclass
class Recording:
    """A proxy process that records into `folder`; `confdir` holds its certificate authority."""

    process: subprocess.Popen[str]
    folder: Path
    confdir: Path
    port: int
    said: str = ""
    printed: str = ""
    clients: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def client(self, url: str, *more: str, trust: Path | None = None) -> subprocess.CompletedProcess[bytes]:
        """Let curl ask for something through the proxy; its exit code and what it got."""
        return subprocess.run(self.command(url, *more, trust=trust), capture_output=True, check=False)

    def waiting_client(self, url: str, *more: str) -> None:
        """Let curl ask in the background."""
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.clients.append(subprocess.Popen(self.command(url, *more), **quiet))

    def command(self, url: str, *more: str, trust: Path | None = None) -> list[str]:
        authority = trust or self.confdir / "mitmproxy-ca-cert.pem"
        fixed = ["curl", "-sS", "--max-time", str(PATIENCE), "--proxy", f"http://127.0.0.1:{self.port}"]
        return [*fixed, "--cacert", str(authority), *more, url]

    def end(self, number: int = signal.SIGTERM) -> int:
        """End the proxy with a signal and return its exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        self.printed, self.said = self.process.communicate(timeout=PATIENCE)
        for client in self.clients:
            client.wait(PATIENCE)
        return self.process.returncode

    @property
    def exchanges(self) -> list[Exchange]:
        return [item for item in contents(self.folder) if isinstance(item, Exchange)]

    @property
    def connections(self) -> list[Connection]:
        return [item for item in contents(self.folder) if isinstance(item, Connection)]


@contextmanager
def mitmdump(folder: Path, server: Server, *options: str, **popen) -> Iterator[Recording]:
    """Run `mitmdump -s capture/addon.py`; the run is `folder/run`."""
    given = [f"portalscope_run={folder / 'run'}", *options]
    with running(MITMDUMP, folder / "run", folder / "conf", server, given, "--set", **popen) as recording:
        yield recording


@contextmanager
def record(folder: Path, server: Server, *more: str) -> Iterator[Recording]:
    """Run `portalscope record run`; the inspection is `folder/inspection`."""
    inspection = folder / "inspection"
    command = [*RECORD, "run", "--inspection", str(inspection), *more]
    with running(command, inspection / "run", inspection / ".mitmproxy", server, [], "--mitmproxy") as recording:
        yield recording


@contextmanager
def running(command, run, confdir, server, given, flag, **popen) -> Iterator[Recording]:
    port = free_port()
    given = [*given, f"confdir={confdir}", f"ssl_verify_upstream_trusted_ca={server.ca}", f"listen_port={port}"]
    sets = [part for option in given for part in (flag, option)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([*command, "--listen-host", "127.0.0.1", *sets], **pipes, **popen) as process:
        recording = Recording(process, run, confdir, port)
        try:
            until(lambda: (run / "flows.mitm").exists() or process.poll() is not None)
            yield recording
        finally:
            if process.poll() is None:
                process.kill()
            for client in recording.clients:
                client.kill()
                client.wait()


def until(condition) -> None:
    """Wait until something is so."""
    last = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < last, "waited in vain"
        time.sleep(0.02)

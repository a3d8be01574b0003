"""The positive control: planted values go through the recording proxy, so that it is known that they would be found."""

import asyncio
import ssl
import threading
from collections.abc import Mapping, Sequence
from http.client import HTTPException, HTTPSConnection
from pathlib import Path

from mitmproxy import ctx

from portalscope.capture.control_requests import Control, controls
from portalscope.capture.control_server import HOST, Mock, mock_server
from portalscope.capture.proxy import Proxy

RUN = "control"
PATIENCE = 30  # seconds for one request


def record_control(planted: Mapping[str, str], work: Path, confdir: Path) -> tuple[Path, tuple[Control, ...]]:
    """Record the requests of a control in `work`, with the proxy and authority that a device would use.

    Return the folder of the run and what was sent. `confdir` holds the authority of the inspection. Must be called in
    the main thread. ValueError, RuntimeError: the proxy could not start, or a request did not come through, and why.
    """
    requests = tuple(controls(planted))
    with mock_server(work) as mock:
        options = {
            "mode": ["regular"],
            "listen_host": "127.0.0.1",
            "listen_port": 0,
            "confdir": str(confdir),
            "ssl_verify_upstream_trusted_ca": str(mock.authority),
            "portalscope_run": str(work / "inspection" / RUN),
        }
        proxy = Proxy(options)
        client = Client(requests, mock, confdir / "mitmproxy-ca-cert.pem")
        proxy.run(client.start, client.faults.append)
    if client.faults or client.sent < len(requests):
        raise RuntimeError("; ".join(client.faults) or f"only {client.sent} of {len(requests)} requests were sent")
    return work / "inspection" / RUN, requests


class Client:
    """Sends the requests from a thread of its own, and then ends the proxy; `faults` says what went wrong."""

    def __init__(self, requests: Sequence[Control], mock: Mock, authority: Path) -> None:
        self.requests, self.mock, self.authority = requests, mock, authority
        self.faults: list[str] = []
        self.sent = 0

    def start(self, ways: str) -> None:
        """Begin, in the proxy's event loop; `ways` ends in the port that it listens on."""
        loop, port = asyncio.get_running_loop(), int(ways.rpartition(":")[2])
        master = ctx.master

        def work() -> None:
            try:
                self.send(port)
            except (OSError, HTTPException) as error:
                self.faults.append(f"a request did not come through: {error}")
            finally:
                loop.call_soon_threadsafe(master.shutdown)

        threading.Thread(target=work, daemon=True).start()

    def send(self, port: int) -> None:
        """Send every request through the proxy."""
        trust = ssl.create_default_context(cafile=self.authority)
        for request in self.requests:
            connection = HTTPSConnection("127.0.0.1", port, context=trust, timeout=PATIENCE)
            connection.set_tunnel(HOST, self.mock.port)
            query = f"?{request.query}" if request.query else ""
            connection.request("POST", request.path + query, request.body, dict(request.headers))
            connection.getresponse().read()
            connection.close()
            self.sent += 1

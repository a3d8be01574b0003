"""A TLS server on loopback that takes everything: what the positive control sends to."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from mitmproxy.certs import CertStore

HOST = "localhost"


@dataclass(frozen=True, slots=True)
class Mock:
    """A running server: its port, and the file with the authority that it is to be trusted by."""

    port: int
    authority: Path


class Taking(BaseHTTPRequestHandler):
    """Answers every request with an empty JSON object."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Take the body, and say so."""
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def mock_server(folder: Path) -> Iterator[Mock]:
    """Run the server, with an authority of its own in a folder, as long as the context lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    server.socket = context(folder).wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Mock(server.server_address[1], folder / "mock-ca-cert.pem")
    finally:
        server.shutdown()
        server.server_close()


def context(folder: Path) -> ssl.SSLContext:
    """TLS with a certificate that is made for it."""
    store = CertStore.from_store(folder, "mock", 2048)
    names = [x509.DNSName(HOST), x509.IPAddress(ip_address("127.0.0.1"))]
    made = store.get_cert(HOST, names)
    file = folder / "mock-server.pem"
    file.touch(mode=0o600)
    key = made.privatekey.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.cert.to_pem() + key)
    ready = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ready.load_cert_chain(file)
    return ready

"""The recorder as an addon of mitmproxy: `mitmdump -s capture/addon.py`. Nothing is decoded and no hook waits."""

import logging
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import NoReturn

from mitmproxy import command, ctx
from mitmproxy.addonmanager import Loader
from mitmproxy.connection import Client
from mitmproxy.dns import DNSFlow
from mitmproxy.exceptions import CommandError, OptionsError
from mitmproxy.flow import Flow
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.tcp import TCPFlow
from mitmproxy.tls import ClientHelloData, TlsData
from mitmproxy.udp import UDPFlow

from portalscope.capture.asked import Asked, add_options
from portalscope.capture.attempts import Attempts, handshake
from portalscope.capture.exchange import Connection
from portalscope.capture.recorder import Recorder

logger = logging.getLogger(__name__)


class Portalscope:
    """Hands every finished flow to the recorder and notes what stayed closed.

    A flow that cannot be written ends the proxy with exit code 1: traffic must not go through unrecorded. `failure`
    says why. `recorder` is None before the first client and after the end.
    """

    name = "portalscope"
    asked: Asked

    def __init__(self) -> None:
        self.recorder: Recorder | None = None
        self.attempts = Attempts()
        self.active: dict[str, Flow] = {}
        self.failure = ""

    def load(self, loader: Loader) -> None:
        """Add our options."""
        add_options(loader)

    def configure(self, updated: set[str]) -> None:
        """Check our options. OptionsError: one is wrong, or the run is to change while it is recorded."""
        asked = Asked(ctx.options)
        if self.recorder and asked.run != self.asked.run:
            raise OptionsError("portalscope_run: a recording is running; end it first")
        if "stream_large_bodies" in updated and ctx.options.stream_large_bodies:
            logger.warning("stream_large_bodies is set: larger bodies are passed on and not recorded")
        self.asked = asked

    def running(self) -> None:
        """Begin the recording: only now is it certain that the proxy could start."""
        now = datetime.now(UTC)
        try:
            self.recorder = Recorder(self.asked.folder(now), replace(self.asked.about, started=now))
        except (OSError, ValueError) as error:
            self.stop(f"cannot record: {error}")

    def done(self) -> None:
        """Write what is under way as far as it got, and seal the recording. What comes later comes too late."""
        if (recorder := self.recorder) is None:
            return
        if not self.failure:
            for flow in list(self.active.values()):
                self.keep(flow)
            for connection in self.attempts.rest(self.asked.untouched):
                self.note(connection)
        self.recorder = None
        try:
            recorder.close(self.failure)
        except (OSError, ValueError) as error:
            self.stop(f"the recording could not be sealed: {error}")

    @command.command("portalscope.step")
    def step(self, name: str) -> None:
        """Mark a step of the scenario: portalscope.step "signed in"."""
        if self.recorder is None:
            raise CommandError("no recording is running")
        self.write(self.recorder.step, name)

    def request(self, flow: HTTPFlow) -> None:
        """Remember what is under way."""
        self.active[flow.id] = flow

    def response(self, flow: HTTPFlow) -> None:
        """Record an exchange; a WebSocket ends later."""
        if flow.websocket is None:
            self.keep(flow)

    error = response

    def websocket_end(self, flow: HTTPFlow) -> None:
        """Record the handshake with all messages."""
        self.keep(flow)

    def tcp_start(self, flow: TCPFlow | UDPFlow | DNSFlow) -> None:
        """Remember what is under way."""
        self.active[flow.id] = flow

    def tcp_end(self, flow: TCPFlow | UDPFlow | DNSFlow) -> None:
        """Record a flow that is not HTTP."""
        self.keep(flow)

    udp_start = dns_request = tcp_start
    tcp_error = udp_end = udp_error = dns_response = dns_error = tcp_end

    def tls_clienthello(self, data: ClientHelloData) -> None:
        """Pass on unopened what is not to be looked into."""
        host = data.client_hello.sni or (data.context.server.address or ("",))[0]
        if why := self.asked.refusal(host):
            data.ignore_connection = True
            self.attempts.failed(data.context.client, data.context.server, why)

    def server_connected(self, data: ServerConnectionHookData) -> None:
        """Learn which server a client reached."""
        self.attempts.of(data.client, data.server)

    def server_connect_error(self, data: ServerConnectionHookData) -> None:
        """Learn that a server could not be reached."""
        self.attempts.failed(data.client, data.server, f"no connection: {data.server.error}")

    def tls_failed_client(self, data: TlsData) -> None:
        """Learn that the client refused our certificate."""
        self.attempts.failed(data.context.client, data.context.server, handshake(data.conn.error))

    def tls_failed_server(self, data: TlsData) -> None:
        """Learn that the server's certificate or TLS was refused."""
        self.attempts.failed(data.context.client, data.context.server, handshake(data.conn.error))

    def client_disconnected(self, client: Client) -> None:
        """Note what the connections of a client came to."""
        for connection in self.attempts.over(client, self.asked.untouched):
            self.note(connection)

    def keep(self, flow: Flow) -> None:
        """Write a finished flow, unless its host is out of scope or is the proxy's own page."""
        self.active.pop(flow.id, None)

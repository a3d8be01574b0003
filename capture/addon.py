"""The recorder as an addon of mitmproxy: `mitmdump -s capture/addon.py`. Nothing is decoded and no hook waits."""

import logging
import sys
from collections.abc import Callable, Iterable
from typing import NoReturn

from mitmproxy import command, ctx
from mitmproxy.connection import Client
from mitmproxy.exceptions import CommandError, OptionsError
from mitmproxy.flow import Flow
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.tls import ClientHelloData, TlsData

from portalscope.capture.asked import Asked, add_options
from portalscope.capture.attempts import Attempts, destination, handshake
from portalscope.capture.exchange import Connection
from portalscope.capture.recorder import Recorder

logger = logging.getLogger(__name__)


class Portalscope:
    """Hands over what is finished. What cannot be written ends the proxy, and `failure` says why."""

    name = "portalscope"
    asked: Asked

    def __init__(self) -> None:
        self.recorder: Recorder | None = None
        self.attempts = Attempts()
        self.active: dict[str, Flow] = {}
        self.failure = ""

    load = staticmethod(add_options)

    def configure(self, _updated: set[str]) -> None:
        """Check our options. OptionsError: one is wrong, or the run is to change while it is recorded."""
        try:
            asked = Asked(ctx.options)
            if self.recorder and asked.run != self.asked.run:
                raise ValueError("portalscope_run: a recording is running; end it first")
        except ValueError as error:
            raise OptionsError(str(error)) from error  # type: ignore[no-untyped-call] # mitmproxy leaves it untyped
        self.asked = asked

    def running(self) -> None:
        """Begin the recording: only now is it certain that the proxy could start."""
        try:
            self.recorder = self.asked.begin()
        except (OSError, ValueError) as error:
            self.stop(f"cannot record: {error}")

    def done(self) -> None:
        """Write what is under way as far as it got, and seal the recording. What comes later comes too late."""
        try:
            for flow in list(self.active.values()):
                self.keep(flow)
            self.note(self.attempts.rest(self.asked.untouched))
        finally:
            recorder, self.recorder = self.recorder, None
            try:
                if recorder:
                    recorder.close(self.failure)
            except (OSError, ValueError) as error:
                self.stop(f"cannot seal the recording: {error}")

    @command.command("portalscope.step")  # type: ignore[untyped-decorator] # mitmproxy leaves it untyped
    def step(self, name: str) -> None:
        """Mark a step of the scenario: portalscope.step "signed in"."""
        if self.recorder is None:
            raise CommandError("no recording is running")
        self.write(self.recorder.step, name)

    def request(self, flow: Flow) -> None:
        """Remember what is under way."""
        self.active[flow.id] = flow

    tcp_start = udp_start = dns_request = request

    def response(self, flow: HTTPFlow) -> None:
        """Keep an exchange, answered or failed; a WebSocket is kept with its messages when it ends."""
        if flow.websocket is None:
            self.keep(flow)

    error = response

    def keep(self, flow: Flow) -> None:
        """Record a flow that is over, unless it is the proxy's own page or out of scope."""
        self.active.pop(flow.id, None)
        host = destination(flow)
        if self.recorder is None or host == self.asked.onboarding:
            return
        if why := self.asked.refused(flow, host):
            self.attempts.refused(flow, host, why)
        else:
            self.attempts.recorded(flow, host)
            self.write(self.recorder.write, flow, host)

    websocket_end = tcp_end = tcp_error = udp_end = udp_error = dns_response = dns_error = keep

    def tls_clienthello(self, data: ClientHelloData) -> None:
        """Pass on unopened what is not to be looked into."""
        host = data.client_hello.sni or (data.context.server.address or ("",))[0]
        if why := self.asked.refusal(host):
            data.ignore_connection = True
            self.attempts.failed(data.context.client, data.context.server, why)

    def tls_failed_client(self, data: TlsData) -> None:
        """Learn that client and proxy, or proxy and server, refused each other."""
        self.attempts.failed(data.context.client, data.context.server, handshake(data.conn.error))

    tls_failed_server = tls_failed_client

    def server_connected(self, data: ServerConnectionHookData) -> None:
        """Learn which server a client reached."""
        self.attempts.of(data.client, data.server)

    def server_connect_error(self, data: ServerConnectionHookData) -> None:
        """Learn that a server could not be reached."""
        self.attempts.failed(data.client, data.server, f"no connection: {data.server.error}")

    def client_disconnected(self, client: Client) -> None:
        """Note what a client's connections came to."""
        self.note(self.attempts.over(client, self.asked.untouched))

    def note(self, connections: Iterable[Connection]) -> None:
        """Record connections, but not those to the proxy's own page."""
        for connection in connections:
            if self.recorder and connection.host != self.asked.onboarding:
                self.write(self.recorder.note, connection)

    def write(self, action: Callable[..., None], *what: object) -> None:
        """Write something, or stop: once it has failed nothing more is written."""
        if not self.failure:
            try:
                action(*what)
            except (OSError, ValueError) as error:
                self.stop(f"cannot record: {error}")

    def stop(self, why: str) -> NoReturn:
        """End the proxy at once with exit code 1. mitmproxy's own recorder does the same."""
        self.failure = self.failure or why
        logger.error("portalscope: %s", why)
        sys.exit(1)


addons = [Portalscope()]

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
        if self.recorder and "portalscope_run" in updated and asked.folder != self.recorder.folder:
            raise OptionsError("portalscope_run: a recording is running; end it first")
        if ctx.options.stream_large_bodies and "stream_large_bodies" in updated:
            logger.warning("stream_large_bodies is set: larger bodies are passed on and not recorded")
        self.asked = asked

    def running(self) -> None:
        """Begin the recording: only now is it certain that the proxy could start."""
        if self.recorder is None and not self.failure:
            try:
                self.recorder = Recorder(self.asked.folder, replace(self.asked.about, started=datetime.now(UTC)))
            except (OSError, ValueError) as error:
                self.stop(f"cannot record: {error}")

    def done(self) -> None:
        """Write what is under way as far as it got, and seal the recording. What comes later comes too late."""
        recorder, self.recorder = self.recorder, None
        if recorder is None:
            return
        try:
            if not self.failure:
                self.flush(recorder)
            recorder.close(self.failure)
        except (OSError, ValueError) as error:
            self.stop(f"the recording could not be sealed: {error}")

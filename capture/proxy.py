"""mitmproxy in this process, with our addon, until a signal ends it; nothing is printed here."""

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.exceptions import OptionsError
from mitmproxy.net.local_ip import get_local_ip
from mitmproxy.options import Options
from mitmproxy.proxy.mode_servers import ServerInstance, WireGuardServerInstance
from mitmproxy.tools.dump import DumpMaster
from mitmproxy.utils.human import format_address

from portalscope.capture.addon import Portalscope
from portalscope.capture.recorder import Counts

type Heard = Callable[[str], None]

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - compared with, not listened on


class Proxy:
    """A proxy that records. `options` are mitmproxy's and ours; `more` are `name=value`, as a person writes them."""

    def __init__(self, options: Mapping[str, Any], more: Sequence[str] = ()) -> None:
        self.options = options
        self.more = more
        self.addon = Portalscope()
        self.counts = Counts()
        self.errors: list[str] = []
        self.tunnels: list[str] = []  # a WireGuard configuration for each such mode, once it runs

    def run(self, started: Heard, heard: Heard) -> None:
        """Record until Ctrl-C, SIGTERM or SIGHUP.

        `started` is told once what to enter on the device, a line for each mode; `heard` every error that does not end
        the recording. ValueError: an option is wrong. RuntimeError: it could not start, or had to stop, and why.
        """
        listener = Listener(self.heard(heard))
        logging.getLogger().addHandler(listener)
        try:
            asyncio.run(self.serve(started))
        except (KeyError, OptionsError) as error:
            raise ValueError(str(error).strip("'\"")) from error
        except SystemExit as end:
            raise RuntimeError(self.addon.failure or "; ".join(self.errors) or "mitmproxy ended") from end
        finally:
            logging.getLogger().removeHandler(listener)

    async def serve(self, started: Heard) -> None:
        """Start the proxy and wait for its end."""
        options = Options()
        master = DumpMaster(options, with_termlog=False, with_dumper=False)
        server = master.addons.get("proxyserver")  # type: ignore[no-untyped-call] # mitmproxy leaves these three so
        master.addons.add(self.addon, Ready(lambda: self.ready(server, started)))  # type: ignore[no-untyped-call]
        options.update(**self.options)  # type: ignore[no-untyped-call]
        options.set(*self.more)
        try:
            with until_signal(master.shutdown):
                await master.run()
        finally:
            await server.servers.update([])  # mitmproxy leaves its ports open until the process ends

    def ready(self, server: Proxyserver, started: Heard) -> None:
        """Learn that devices can connect."""
        if self.addon.recorder:
            self.counts = self.addon.recorder.counts
            wireguard = (one for one in server.servers if isinstance(one, WireGuardServerInstance))
            self.tunnels = [conf for one in wireguard if (conf := one.client_conf())]
            started("\n".join(line for instance in server.servers for line in ways_in(instance)))

    def heard(self, told: Heard) -> Heard:
        """Return what listens to errors: they are kept until the recording runs, and then told at once."""

        def hear(message: str) -> None:
            self.errors.append(message)
            if self.addon.recorder and not self.addon.failure:
                told(message)

        return hear


class Ready:
    """Calls back when the proxy runs; added behind our addon, so that the recording runs as well."""

    def __init__(self, told: Callable[[], None]) -> None:
        self.running = told


class Listener(logging.Handler):
    """Passes on what is logged as an error, the first line of it."""

    def __init__(self, told: Heard) -> None:
        super().__init__(logging.ERROR)
        self.told = told

    def emit(self, record: logging.LogRecord) -> None:
        """Pass on a message."""
        self.told(record.getMessage().partition("\n")[0])


def ways_in(instance: ServerInstance[Any]) -> Iterator[str]:
    """Yield what a device has to be told to reach the proxy."""
    if isinstance(instance, WireGuardServerInstance):
        yield f"WireGuard tunnel:\n{instance.client_conf()}"
    for host, port, *_ in () if isinstance(instance, WireGuardServerInstance) else instance.listen_addrs:
        if host != "::":  # every interface has an IPv4 address as well, and that is what people type
            ip = (get_local_ip() or "this computer's address") if host in EVERYWHERE else host
            yield f"{instance.mode.description} at {format_address((ip, port))}"
    if not instance.listen_addrs:
        yield instance.mode.description


@contextmanager
def until_signal(end: Callable[[], None]) -> Iterator[None]:
    """Call `end` on any of `SIGNALS`, as long as the context lasts."""
    numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
    before = {number: signal.signal(number, lambda *_: end()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

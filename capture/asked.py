"""What the person at the proxy asked for: the options of our addon, checked, and the run that they describe."""

import logging
import platform
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from mitmproxy import version
from mitmproxy.addonmanager import Loader
from mitmproxy.dns import DNSFlow
from mitmproxy.flow import Flow
from mitmproxy.options import Options

from portalscope import __version__
from portalscope.capture.endpoints import load_endpoints
from portalscope.capture.inspection import NAME
from portalscope.capture.recorder import Recorder
from portalscope.capture.run import Run

logger = logging.getLogger(__name__)

PREFIX = "portalscope_"
PASSED_ON, OUT_OF_SCOPE = "not intercepted: passed on as asked", "not intercepted: out of scope"
SCOPES = ("all", "known")
TEXTS = {
    "run": "Folder of the run, made when missing; default: inspection/ and the time.",
    "scope": "all: record everything, so that unknown third parties are seen. known: only hosts of our endpoint table.",
    "label": "Title of the run in reports.",
    "app": "App under test.",
    "app_version": "Its version.",
    "platform": "android, ios, macos, windows …",
    "device": "The test device, as you call it.",
    "os_build": "Build of its operating system.",
    "account": "The test account, as you call it.",
    "tenant": "Its tenant, as you call it.",
    "scenario": "What is done.",
}
KEEP = "keep_secrets"
FLAGS = {KEEP: "Write tokens, passwords and cookies as they were sent, instead of their type, length and keyed hash."}
LISTS = {
    "hosts": "Scope known: more hosts to record, as patterns (*.example.org).",
    "ignore": "Hosts whose TLS is passed on unopened, as patterns: what pins certificates keeps working, and is noted.",
    "set": "A setting of the device or app, NAME=VALUE (usage_data=off).",
}
PATTERN = re.compile(r"[a-z0-9*?._:-]+")


def add_options(loader: Loader) -> None:
    """Tell mitmproxy which options there are."""
    for name, explained in TEXTS.items():
        loader.add_option(PREFIX + name, str, "all" if name == "scope" else "", explained)
    for name, explained in FLAGS.items():
        loader.add_option(PREFIX + name, bool, False, explained)
    for name, explained in LISTS.items():
        loader.add_option(PREFIX + name, Sequence[str], [], explained)


class Asked:
    """The options as they were when they were checked."""

    def __init__(self, options: Options) -> None:
        """Check every option. ValueError says what is wrong and what would be right."""
        given = {name: getattr(options, PREFIX + name) for name in (*TEXTS, *FLAGS, *LISTS)}
        self.run = run(given["run"])
        self.known = load_endpoints() if scope(given["scope"]) == "known" else None
        self.hosts, self.ignored = patterns("hosts", given["hosts"]), patterns("ignore", given["ignore"])
        self.onboarding: str = options.onboarding_host if "onboarding_host" in options else ""
        passes = [*getattr(options, "ignore_hosts", []), *getattr(options, "allow_hosts", [])]
        self.untouched = "not intercepted" if passes else "connected, then silent"
        texts = {name: given[name] for name in TEXTS if name not in ("run", "scope")}
        self.keep_secrets: bool = given[KEEP]
        self.about = Run(id=self.run, settings=pairs(given["set"]), tools=tools(options, given), **texts)

    def begin(self) -> Recorder:
        """Begin to record. OSError, ValueError: the run's folder cannot be made, or holds a recording."""
        if self.about.tools["stream_large_bodies"] != "off":
            logger.warning("stream_large_bodies is set: larger bodies are passed on and not recorded")
        if self.keep_secrets:
            logger.warning("portalscope_keep_secrets is set: tokens and passwords are written as they are sent")
        now = datetime.now(UTC)
        folder = Path(self.run or f"inspection/{now:%Y%m%dT%H%M%SZ}").expanduser()
        return Recorder(folder, replace(self.about, started=now), keep_secrets=self.keep_secrets)

    def refusal(self, host: str) -> str:
        """Return why the TLS of a host is not to be opened; empty when it is."""
        return PASSED_ON if fits(host, self.ignored) else self.strange(host)

    def refused(self, flow: Flow, host: str) -> str:
        """Return why a flow is not to be recorded. TLS was asked at its ClientHello; DNS says names alone."""
        return "" if flow.client_conn.tls or isinstance(flow, DNSFlow) else self.strange(host)

    def strange(self, host: str) -> str:
        """Return that a host is out of scope; empty when it is not."""
        return "" if self.known is None or self.known.find(host) or fits(host, self.hosts) else OUT_OF_SCOPE


def run(given: str) -> str:
    """Return the folder of the run if it can be one; empty when none was given."""
    if given and not NAME.fullmatch(Path(given).name):
        raise ValueError(
            f"{PREFIX}run: {Path(given).name!r} is no name for a run: letters, digits, - _ and . (not first)"
        )
    return given


def scope(given: str) -> str:
    """Return the scope if it is one."""
    if given not in SCOPES:
        raise ValueError(f"{PREFIX}scope: {given!r} is neither {' nor '.join(SCOPES)}")
    return given


def patterns(name: str, given: Iterable[str]) -> tuple[str, ...]:
    """Return patterns of host names in lower case."""
    lower = tuple(pattern.lower() for pattern in given)
    if wrong := [pattern for pattern in lower if not PATTERN.fullmatch(pattern)]:
        raise ValueError(f"{PREFIX}{name}: {wrong[0]!r} is no pattern of a host name such as *.example.org")
    return lower


def pairs(given: Iterable[str]) -> dict[str, str]:
    """Return `NAME=VALUE` settings as a dictionary."""
    found = {name.strip(): value.strip() for name, _, value in (setting.partition("=") for setting in given)}
    if not all("=" in setting for setting in given) or "" in found:
        raise ValueError(f"{PREFIX}set: a setting is NAME=VALUE, for example usage_data=off")
    return found


def fits(host: str, given: Iterable[str]) -> bool:
    """Whether a host name fits one of the patterns."""
    return any(fnmatchcase(host.lower(), pattern) for pattern in given)


def tools(options: Options, given: dict[str, Any]) -> dict[str, str]:
    """Return what recorded the run, and what it was told that changes what a recording holds."""
    return {
        "portalscope": __version__,
        "mitmproxy": version.VERSION,
        "python": platform.python_version(),
        "mode": ", ".join(options.mode),
        "scope": given["scope"],
        "stream_large_bodies": getattr(options, "stream_large_bodies", None) or "off",
        "secrets": "kept as they were sent" if given[KEEP] else "replaced when recorded",
        **{name: ", ".join(given[name]) for name in ("hosts", "ignore") if given[name]},
    }

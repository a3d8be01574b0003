"""`record` and `step`: what a device sends becomes a run; marks in its scenario."""

import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from portalscope.verbs.guide import codes, welcome
from portalscope.verbs.importing import Settings, pairs
from portalscope.verbs.keyboard import keyboard
from portalscope.verbs.live import live
from portalscope.verbs.terminal import PARTLY, fail, print_json, printable, progress, say

if TYPE_CHECKING:
    from portalscope.capture.proxy import Proxy
    from portalscope.capture.recorder import Counts

Inspection = Annotated[Path, typer.Option(help="Folder of the inspection.")]
Mode = Annotated[list[str] | None, typer.Option(help="Mode of mitmproxy: regular, wireguard, local:APP … Repeatable.")]
Hosts = Annotated[list[str] | None, typer.Option(metavar="PATTERN", help="Scope known: more hosts, *.example.org.")]
Ignored = Annotated[
    list[str] | None,
    typer.Option("--ignore-hosts", metavar="PATTERN", help="Hosts to pass on unopened, *.example.org."),
]
KeepSecrets = Annotated[
    bool, typer.Option("--keep-secrets", help="Write tokens and passwords as they are sent; default: never.")
]
More = Annotated[list[str] | None, typer.Option("--mitmproxy", metavar="NAME=VALUE", help="Any option of mitmproxy.")]


def record(
    name: Annotated[str, typer.Argument(help="Name of the new run.")],
    *,
    inspection: Inspection = Path("inspection"),
    app: Annotated[str, typer.Option(help="App under test.")] = "",
    app_version: Annotated[str, typer.Option(help="Its version.")] = "",
    platform: Annotated[str, typer.Option(help="android, ios, macos, windows: shows what to do on it.")] = "",
    device: Annotated[str, typer.Option(help="The test device, as you call it.")] = "",
    os_build: Annotated[str, typer.Option(help="Build of its operating system.")] = "",
    account: Annotated[str, typer.Option(help="The test account, as you call it.")] = "",
    tenant: Annotated[str, typer.Option(help="Its tenant, as you call it.")] = "",
    scenario: Annotated[str, typer.Option(help="What is done.")] = "",
    settings: Settings = None,
    mode: Mode = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0: any that is free.")] = None,
    listen_host: Annotated[str, typer.Option(help="Address to listen on; default: all.")] = "",
    scope: Annotated[Literal["all", "known"], typer.Option(help="known: only hosts of the endpoint table.")] = "all",
    hosts: Hosts = None,
    ignored: Ignored = None,
    keep_secrets: KeepSecrets = False,
    more: More = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Record what a device sends through a proxy on this computer, until Ctrl-C."""
    folder = new(inspection, name)
    about = {"app": app, "app_version": app_version, "platform": platform, "device": device, "os_build": os_build}
    about |= {"account": account, "tenant": tenant, "scenario": scenario, "scope": scope, "run": str(folder)}
    if keep_secrets:
        say(f"Secrets are kept: {folder} will hold tokens and passwords that work. Never give it away.")
    lists = {"set": said(settings), "hosts": hosts or [], "ignore": ignored or []}
    given = {**about, **lists, "keep_secrets": keep_secrets}
    ours = {f"portalscope_{key}": value for key, value in given.items()}
    listen = {"mode": mode or ["regular"], "listen_host": listen_host, "listen_port": port}
    work(folder, {**listen, **ours, "confdir": str(authority(inspection))}, more or [], platform)
    show(folder, summary(folder), as_json=as_json)


def new(inspection: Path, name: str) -> Path:
    """The folder of the new run, which is made when the proxy has started; one that was prepared is taken."""
    from portalscope.capture.inspection import NAME, raw_files
    from portalscope.capture.run_file import RUN

    if not NAME.fullmatch(name):
        fail(f"{name!r} is not a name for a run: letters, digits, - _ and . (not first)")
    folder = inspection / name
    if folder.exists() and (not (folder / RUN).exists() or raw_files(folder)):
        fail(f"{folder} is there already; a run is never recorded over: choose another name")
    return folder


def said(settings: list[str] | None) -> list[str]:
    """`NAME=VALUE` settings, checked."""
    return [f"{name}={value}" for name, value in pairs(settings or []).items()]


def authority(inspection: Path) -> Path:
    """The folder of the inspection's own certificate authority: nobody else can read its key, and it dies with it."""
    inspection.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = inspection / ".mitmproxy"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def work(folder: Path, options: dict[str, Any], more: list[str], platform: str = "") -> None:
    """Run the proxy to its end; it is an error if that was not asked for."""
    from portalscope.capture.proxy import Proxy

    proxy = Proxy(options, more)
    try:
        with keyboard(partial(typed, folder)) as keys:
            begun = partial(tell, folder, proxy, platform, keys=keys is not None)
            with live(folder, lambda: line(proxy.counts), lambda: keys.text if keys else ""):
                proxy.run(begun, lambda error: say(f"portalscope: {error}"))
    except (ValueError, OSError) as error:
        fail(str(error))
    except RuntimeError as error:
        hint = f"; what was recorded before is in {folder}" if folder.exists() else ""
        fail(f"{error}{'; choose another --port' if 'failed to listen' in str(error) else hint}")


def tell(folder: Path, proxy: "Proxy", platform: str, ways: str, *, keys: bool) -> None:
    """Say how to connect a device, and show the code of a tunnel where somebody can scan it."""
    say(welcome(folder, ways, platform, keys=keys))
    if proxy.tunnels and sys.stderr.isatty():
        say(codes(proxy.tunnels))


def line(counts: "Counts") -> str:
    """What was recorded so far."""
    closed = "".join(f" · {number} {why}" for why, number in sorted(counts.closed.items()))
    return f"{counts.exchanges} exchanges with {len(counts.hosts)} hosts{closed}"


@dataclass(slots=True)
class Summary:
    """What a run holds, as it is on the disk: `closed` counts hosts by why nothing could be read from a connection."""

    exchanges: int = 0
    hosts: set[str] = field(default_factory=set)
    closed: dict[str, Counter[str]] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)


def summary(folder: Path) -> Summary:
    """Read the recording again: what is told to a person is what the files say, and that they are unchanged."""
    from portalscope.capture.exchange import Exchange
    from portalscope.capture.inspection import contents, raw_files, verify
    from portalscope.capture.problem import Problem

    found = Summary(damaged=verify(folder))
    with progress("reading it again", sum(path.stat().st_size for path in raw_files(folder))) as show_progress:
        for item in contents(folder, show_progress):
            if isinstance(item, Exchange):
                found.exchanges += 1
                found.hosts.add(item.host)
            elif isinstance(item, Problem):
                found.damaged += [f"{item.exchange}: {item.why}"] if item.part == "file" else []
            elif item.opaque_because:
                found.closed.setdefault(item.opaque_because.partition(":")[0], Counter())[item.host] += 1
    return found


def show(folder: Path, found: Summary, *, as_json: bool) -> None:
    """Print the summary; end with code 4 when the recording is not what it should be."""
    if as_json:
        counted = {"exchanges": found.exchanges, "hosts": sorted(found.hosts), "closed": found.closed}
        print_json({"run": folder.name, "folder": str(folder), **counted, "damaged": found.damaged})
    say(f"{folder}: {found.exchanges} exchanges with {len(found.hosts)} hosts")
    for why, hosts in sorted(found.closed.items()):
        say(f"  {hosts.total()} connections stayed closed, {why}: {printable(', '.join(sorted(hosts)))}")
    if refused := sorted(found.closed.get("tls failed", ())):
        options = printable(" ".join(f"--ignore-hosts {host}" for host in refused))
        say(f"If the app does not work like this, record again with {options}")
    for damage in found.damaged:
        say(f"portalscope: {damage}")
    if found.damaged:
        raise typer.Exit(PARTLY)
    say(f"Next: portalscope decode {folder.parent}")


def step(
    name: Annotated[str, typer.Argument(help='What happens now: "signed in".')],
    run: Annotated[Path | None, typer.Option(help="Folder of the run; default: the one that is recorded now.")] = None,
    inspection: Inspection = Path("inspection"),
) -> None:
    """Mark a step of the scenario in the run that is recorded now."""
    from portalscope.capture.run_file import RUN
    from portalscope.capture.running import running

    folder = run or running(inspection)
    if folder is None:
        fail(f"no run of {inspection} is recorded at this moment. Name one: --run FOLDER")
    if not (folder / RUN).exists():
        fail(f"{folder} is no run: it has no {RUN}")
    try:
        mark(folder, name)
    except OSError as error:
        fail(f"the step could not be written: {error}")


def typed(folder: Path, name: str) -> None:
    """Mark a step that was typed while the recording runs, which goes on whatever comes of it."""
    try:
        mark(folder, name)
    except OSError as error:
        say(f"portalscope: the step could not be written: {error}")


def mark(folder: Path, name: str) -> None:
    """Note a step with the time of now, and say so. OSError: it could not be written."""
    from portalscope.capture.inspection import append_step

    now = datetime.now(UTC)
    append_step(folder, now, name)
    say(f"{folder}: {printable(name)} at {now:%H:%M:%S} UTC")

"""`record` and `step`: what a device sends becomes a run; marks in its scenario."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from portalscope.verbs.importing import Settings, pairs
from portalscope.verbs.terminal import PARTLY, fail, print_json, progress, say

if TYPE_CHECKING:
    from portalscope.capture.recorder import Counts

type Summary = dict[str, Any]

Inspection = Annotated[Path, typer.Option(help="Folder of the inspection.")]
Patterns = Annotated[list[str] | None, typer.Option(metavar="PATTERN", help="")]


def record(
    name: Annotated[str, typer.Argument(help="Name of the new run.")],
    inspection: Inspection = Path("inspection"),
    label: Annotated[str, typer.Option(help="Title of the run in reports.")] = "",
    app: Annotated[str, typer.Option(help="App under test.")] = "",
    app_version: Annotated[str, typer.Option(help="Its version.")] = "",
    platform: Annotated[str, typer.Option(help="android, ios, macos, windows …")] = "",
    device: Annotated[str, typer.Option(help="The test device, as you call it.")] = "",
    os_build: Annotated[str, typer.Option(help="Build of its operating system.")] = "",
    account: Annotated[str, typer.Option(help="The test account, as you call it.")] = "",
    tenant: Annotated[str, typer.Option(help="Its tenant, as you call it.")] = "",
    scenario: Annotated[str, typer.Option(help="What is done.")] = "",
    settings: Settings = None,
    mode: Annotated[list[str] | None, typer.Option(help="Mode of mitmproxy: regular, wireguard, local:APP …")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0: any that is free.")] = None,
    listen_host: Annotated[str, typer.Option(help="Address to listen on; default: all.")] = "",
    scope: Annotated[Literal["all", "known"], typer.Option(help="known: only hosts of the endpoint table.")] = "all",
    hosts: Annotated[list[str] | None, typer.Option(help="Scope known: more hosts, as patterns.")] = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore-hosts", help="Pass these hosts on unopened, as patterns.")
    ] = None,
    more: Annotated[
        list[str] | None, typer.Option("--proxy", metavar="NAME=VALUE", help="Any other option of mitmproxy.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Record what a device sends through a proxy on this computer, until Ctrl-C."""
    about = {name: value for name, value in locals().items() if name in ABOUT}

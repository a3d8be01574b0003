"""`import`: recordings of other programs become a run of the inspection."""

from pathlib import Path
from typing import Annotated

import typer

from portalscope import __version__
from portalscope.verbs.terminal import fail, print_json, say

Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A setting of the device or app; may be repeated."),
]


def import_run(
    sources: Annotated[list[Path], typer.Argument(help="mitmproxy, HAR, pcap, Fiddler, Windows files; or folders.")],
    run: Annotated[str, typer.Option("--run", help="Name of the new run; default: the first source's name.")] = "",
    inspection: Annotated[Path, typer.Option(help="Folder of the inspection.")] = Path("inspection"),
    app: Annotated[str, typer.Option(help="App under test.")] = "",
    app_version: Annotated[str, typer.Option(help="Its version.")] = "",
    platform: Annotated[str, typer.Option(help="android, ios, macos, windows …")] = "",
    device: Annotated[str, typer.Option(help="The test device, as you call it.")] = "",
    os_build: Annotated[str, typer.Option(help="Build of its operating system.")] = "",
    account: Annotated[str, typer.Option(help="The test account, as you call it.")] = "",
    tenant: Annotated[str, typer.Option(help="Its tenant, as you call it.")] = "",
    scenario: Annotated[str, typer.Option(help="What was done.")] = "",
    settings: Settings = None,
    planted_from: Annotated[Path | None, typer.Option(help="An expected.json with the planted values.")] = None,
    keep_secrets: Annotated[
        bool, typer.Option("--keep-secrets", help="Keep tokens and passwords as they are; default: never.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the run as JSON.")] = False,
) -> None:
    """Take recordings of other programs into a new run: copied without their secrets, hashed, never changed after."""
    from portalscope.capture.importing import import_file
    from portalscope.capture.run import Run

    name = run or sources[0].resolve().stem
    about = Run(
        id=name,
        app=app,
        app_version=app_version,
        platform=platform,
        device=device,
        os_build=os_build,
        account=account,
        tenant=tenant,
        scenario=scenario,
        settings=pairs(settings or []),
        tools={"portalscope": __version__, "python": platform_of_python()},
    )
    try:
        made = import_file(inspection, name, sources, about, planted_from, keep_secrets=keep_secrets)
    except (ValueError, OSError) as error:
        fail(str(error))
    for sentence in (*made.left, *made.unclean):
        say(sentence)
    if keep_secrets:
        say(f"Secrets are kept: {made.folder} holds tokens and passwords as they were. Never give it away.")
    if as_json:
        print_json({"run": name, "folder": str(made.folder), "files": dict(made.run.files)})
    else:
        say(f"{made.folder}: {len(made.run.files)} recorded. Next: portalscope decode {inspection}")


def platform_of_python() -> str:
    """The version of Python that imported."""
    import platform

    return platform.python_version()


def pairs(settings: list[str]) -> dict[str, str]:
    """`name=value` arguments as a dictionary; anything else is wrong use."""
    found = dict(setting.partition("=")[::2] for setting in settings)
    if not all("=" in setting for setting in settings):
        raise typer.BadParameter("a setting is NAME=VALUE, for example usage_data=off", param_hint="--set")
    return found

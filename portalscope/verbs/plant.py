"""`plant`: values to put into the test device and account, so that they can be found again in what it sends."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from portalscope.verbs.terminal import fail, print_json, say, table

if TYPE_CHECKING:
    from portalscope.capture.planting import Plantable

SKIP = "-"


def plant(
    target: Annotated[
        Path, typer.Argument(metavar="RUN_OR_FILE", help="Folder of a run, or a file to use for several.")
    ],
    *,
    generate: Annotated[
        bool, typer.Option("--generate", help="Make up every value that can be chosen; no questions.")
    ] = False,
    values: Annotated[
        list[str] | None,
        typer.Option("--value", metavar="NAME=VALUE", help="A value that was read back; - takes one out. Repeatable."),
    ] = None,
    source: Annotated[Path | None, typer.Option("--from", help="A run or file whose values to take first.")] = None,
    domain: Annotated[str, typer.Option(help="Domain of the test tenant.")] = "",
    platform: Annotated[str, typer.Option(help="windows, android, ios, macos: says where things are on it.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print names, values and where they belong as JSON.")] = False,
) -> None:
    """Choose or make up the values to plant, check that finding them will prove something, and write them down."""
    from portalscope.capture.planting import made_up, plantable

    known = before(target, source)
    given = {**known, **chosen(values or [], known)}
    invented = made_up(domain)
    if generate:
        given = {**invented, **given}
    elif not values and not source:
        given = asked(plantable(), invented, given, platform)
    given = {name: value for name, value in given.items() if value != SKIP}
    if not given:
        fail("nothing to plant: use --generate, --value NAME=VALUE or --from, or answer the questions")
    write(target, given)
    show(target, given, platform, as_json=as_json)


def before(target: Path, source: Path | None) -> dict[str, str]:
    """What is planted already, and what is taken over from another run or file; the first value of each name."""
    from portalscope.capture.importing import planted_values

    found: dict[str, str] = {}
    for path in (source, target):
        if path and (path / "planted.toml" if path.is_dir() else path).exists():
            try:
                read = planted_values(path)
            except (ValueError, OSError) as error:
                fail(str(error))
            found |= {name: every[0] for name, every in read.items() if every}
        elif path is source and path:
            fail(f"no planted values in {path}")
    return found


def chosen(values: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """`NAME=VALUE` arguments, checked."""
    from portalscope.capture.planting import faults

    found: dict[str, str] = {}
    for one in values:
        name, sign, value = one.partition("=")
        if not sign or not name or not value:
            raise typer.BadParameter("a value is NAME=VALUE, for example serial=5CG4471QWX", param_hint="--value")
        if value != SKIP and (wrong := list(faults(name, value, {**known, **found}))):
            fail(f"{name}: {'; '.join(wrong)}")
        found[name] = value
    return found


def asked(
    every: Iterable["Plantable"], invented: Mapping[str, str], known: Mapping[str, str], platform: str
) -> dict[str, str]:
    """Ask for each value; an empty answer takes the one that is offered, a dash leaves it out."""
    from portalscope.capture.planting import faults

    say(f"Enter takes what stands in brackets, {SKIP} leaves a value out; --value adds what is read back later.")
    given = dict(known)
    for one in every:
        offered = known.get(one.name) or invented.get(one.name, SKIP)
        while True:
            answer = typer.prompt(f"{one.title}\n  {one.place(platform)}\n ", default=offered, err=True).strip()
            others = {name: value for name, value in given.items() if name != one.name}
            wrong = [] if answer == SKIP else list(faults(one.name, answer, others))
            if not wrong:
                break
            say(f"  Not this one: {'; '.join(wrong)}")
        given = {**others, **({} if answer == SKIP else {one.name: answer})}
    return given


def write(target: Path, given: Mapping[str, str]) -> None:
    """Write the values: to a run, which is made if it is not there, or to a file."""
    from dataclasses import replace

    from portalscope.capture.inspection import create_run, load_run, save_run
    from portalscope.capture.run import Run
    from portalscope.capture.run_file import RUN, save_planted

    planted = {name: (value,) for name, value in given.items()}
    try:
        if target.suffix == ".toml":
            save_planted(target, planted)
        elif not target.exists():
            create_run(target.parent, target.name, Run(id=target.name, planted=planted))
        elif not (target / RUN).exists():
            fail(f"{target} is no run: it has no {RUN}. Give a new name, or a file that ends in .toml")
        else:
            run = load_run(target)
            save_run(target, replace(run, planted=planted))
    except (ValueError, OSError) as error:
        fail(str(error))


def show(target: Path, given: Mapping[str, str], platform: str, *, as_json: bool) -> None:
    """Print what belongs where."""
    from portalscope.capture.planting import plantable

    known = {one.name: one for one in plantable()}
    rows = [(name, value, known[name].place(platform) if name in known else "") for name, value in given.items()]
    if as_json:
        print_json([{"name": name, "value": value, "where": where} for name, value, where in rows])
    else:
        table("Put these into the device and the account, exactly as they stand here", ("name", "value", "where"), rows)
    say(f"Written to {target}, which only you can read. They are personal data of the test: never give them away.")
    missing = [one.name for one in known.values() if one.name not in given]
    if missing:
        say(f"Still to be read back: {', '.join(missing)}. Add them: portalscope plant {target} --value NAME=VALUE")
    say("What the device does not take is not planted: give what it has instead, or take it out with --value NAME=-")
    if target.suffix != ".toml":
        where = f" --inspection {target.parent}"
        say(f"Next: portalscope control --run {target}, then portalscope record {target.name}{where}")

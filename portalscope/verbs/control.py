"""`control`: the positive control. Planted values go through the proxy; each must be found in every form."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from portalscope.verbs.terminal import FAILED, existing, fail, print_json, say, table

if TYPE_CHECKING:
    from portalscope.capture.control_requests import Control
    from portalscope.capture.run import Run
    from portalscope.decoders.finding import Finding

WHOLE = "planted "  # how the ground of a field begins that holds a planted value and nothing else
RESULT = "positive control"  # in the tools of a run
SHORTEST = 6  # letters and digits: what is shorter counts only where it fills a field, which not every form can show


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What became of one form: the names that were sent, those that were found, and how the first one was found."""

    form: str
    sent: tuple[str, ...]
    missing: tuple[str, ...]
    found_as: str


def control(
    run: Annotated[
        Path | None, typer.Option(help="Run whose planted values to send, and that the result is written into.")
    ] = None,
    inspection: Annotated[
        Path | None, typer.Option(help="Inspection whose certificate authority to use; default: the run's.")
    ] = None,
    keep: Annotated[Path | None, typer.Option(help="Folder to keep the recording of the control in.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Prove that planted values are found: send them through the recording proxy in every form, and look for them."""
    from portalscope.verbs.record import authority

    about = described(run)
    planted = chosen(about)
    folder = inspection or (run.parent if run else None)
    if keep:
        keep.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="portalscope-control-") as made:
        work = keep or Path(made)
        confdir = authority(folder or work)
        shown = list(looked_for(*recorded(planted, work, confdir), planted))
    passed = all(not one.missing for one in shown)
    if run:
        note(run, shown, passed=passed)
    show(shown, planted, passed=passed, as_json=as_json)
    if not passed:
        raise typer.Exit(FAILED)


def described(folder: Path | None) -> "Run | None":
    """What is known of a run."""
    from portalscope.capture.inspection import load_run
    from portalscope.capture.run_file import RUN

    if folder is None:
        return None
    existing(folder / RUN, "run", "Make one: portalscope plant RUN")
    try:
        return load_run(folder)
    except (ValueError, OSError) as error:
        fail(str(error))


def chosen(about: "Run | None") -> dict[str, str]:
    """The values to send: those of the run, else made-up ones. Secrets are not sent: they would be replaced."""
    from portalscope.capture.planting import made_up
    from portalscope.capture.secrets import PLANTED

    if about is None:
        return made_up()
    every = {name: values[0] for name, values in about.planted.items() if values and not PLANTED.match(name)}
    planted = {name: value for name, value in every.items() if sum(map(str.isalnum, value)) >= SHORTEST}
    if not planted:
        fail(f"nothing is planted in {about.id}. Plant values first: portalscope plant")
    if left := sorted(every.keys() - planted):
        say(f"Not sent, as they are too short to prove anything: {', '.join(left)}")
    return planted


def recorded(planted: Mapping[str, str], work: Path, confdir: Path) -> "tuple[Path, Sequence[Control]]":
    """Record the requests of the control."""
    from portalscope.capture.control import record_control

    try:
        return record_control(planted, work, confdir)
    except (ValueError, RuntimeError, OSError) as error:
        fail(f"the control could not be recorded: {error}")


def looked_for(folder: Path, requests: "Iterable[Control]", planted: Mapping[str, str]) -> Iterator[Shown]:
    """Decode the recording as any other, and say for each form what was found in it."""
    from portalscope.analysis.pipeline import Pipeline
    from portalscope.capture.exchange import Exchange
    from portalscope.capture.inspection import contents, load_run

    about = replace(load_run(folder), planted={name: (value,) for name, value in planted.items()})
    judge = Pipeline().judge(about)
    by_path = {one.path: one for one in contents(folder) if isinstance(one, Exchange)}
    for request in requests:
        exchange = by_path.get(request.path)
        found = ways(judge(exchange)[1] if exchange else ())
        missing = tuple(name for name in request.names if name not in found)
        yield Shown(form=request.form, sent=request.names, missing=missing, found_as=next(iter(found.values()), ""))


def ways(findings: "Iterable[Iterable[Finding]]") -> dict[str, str]:
    """How each planted value was found, by name; only where a field holds nothing else, so that each proves itself."""
    grounds = (ground for judged in findings for one in judged for ground in one.evidence)
    details = (ground.detail for ground in grounds if ground.because == "planted" and ground.detail.startswith(WHOLE))
    found: dict[str, str] = {}
    for detail in details:
        name, _, form = detail.removeprefix(WHOLE).partition(", ")
        found.setdefault(name, form)
    return found


def note(folder: Path, shown: Sequence[Shown], *, passed: bool) -> None:
    """Write the result into the run."""
    from portalscope.capture.inspection import load_run, save_run

    said = f"{'passed' if passed else 'failed'} {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}: {counted(shown)}"
    missing = "; ".join(f"{one.form}: {', '.join(one.missing)}" for one in shown if one.missing)
    said += f"; not found: {missing}" if missing else ""
    try:
        about = load_run(folder)
        save_run(folder, replace(about, tools={**about.tools, RESULT: said}))
    except (OSError, ValueError) as error:
        fail(f"the result could not be written into {folder}: {error}")


def counted(shown: Sequence[Shown]) -> str:
    """How many of how many."""
    whole = sum(not one.missing for one in shown)
    return f"{whole} of {len(shown)} forms with all of {len(shown[0].sent)} values"


def show(shown: Sequence[Shown], planted: Mapping[str, str], *, passed: bool, as_json: bool) -> None:
    """Print the result: names, never values."""
    if as_json:
        forms = [{"form": o.form, "sent": o.sent, "missing": o.missing, "found_as": o.found_as} for o in shown]
        print_json({"passed": passed, "values": sorted(planted), "forms": forms})
        return
    rows = [
        (
            o.form,
            f"{len(o.sent) - len(o.missing)} of {len(o.sent)}",
            "no" if o.missing else "yes",
            o.found_as,
            ", ".join(o.missing),
        )
        for o in shown
    ]
    table("Positive control", ("sent as", "values", "found", "found as, for one", "not found"), rows, right=("values",))
    say(f"{'Passed' if passed else 'FAILED'}: {counted(shown)}.")

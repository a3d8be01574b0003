"""The command line: the verbs in the order of the work. Heavy imports happen inside them, so that --help is fast."""

from typing import Annotated

import typer

from portalscope import __version__
from portalscope.verbs.check import adapters, check
from portalscope.verbs.claims import claims
from portalscope.verbs.compare import compare
from portalscope.verbs.control import control
from portalscope.verbs.decode import decode
from portalscope.verbs.demo import demo
from portalscope.verbs.documented import documented
from portalscope.verbs.dsar import dsar
from portalscope.verbs.explain import explain
from portalscope.verbs.export import export
from portalscope.verbs.identify import identify
from portalscope.verbs.importing import import_run
from portalscope.verbs.plant import plant
from portalscope.verbs.record import record, step
from portalscope.verbs.report import report
from portalscope.verbs.risks import risks
from portalscope.verbs.summarise import summarise
from portalscope.verbs.tables import tables

EXIT_CODES = "Exit codes: 0 done; 1 failed; 2 wrong use; 3 a finding you asked to fail on; 4 input partly unreadable."

app = typer.Typer(
    name="portalscope",
    help="What does a managed device send home? Record, decode, judge and compare its traffic, with evidence.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    add_completion=True,
    rich_markup_mode="rich",
)

CAPTURE, DECODE, ANALYSE, DPIA, KNOW = "Capture", "Decode", "Analyse", "For a DPIA", "Knowledge"
app.command("plant", rich_help_panel=CAPTURE)(plant)
app.command("control", rich_help_panel=CAPTURE)(control)
app.command("record", rich_help_panel=CAPTURE)(record)
app.command("step", rich_help_panel=CAPTURE)(step)
app.command("import", rich_help_panel=CAPTURE)(import_run)
app.command("decode", rich_help_panel=DECODE)(decode)
app.command("explain", rich_help_panel=DECODE)(explain)
app.command("summarise", rich_help_panel=ANALYSE)(summarise)
app.command("identify", rich_help_panel=ANALYSE)(identify)
app.command("compare", rich_help_panel=ANALYSE)(compare)
app.command("report", rich_help_panel=ANALYSE)(report)
app.command("export", rich_help_panel=ANALYSE)(export)
app.command("tables", rich_help_panel=DPIA)(tables)
app.command("risks", rich_help_panel=DPIA)(risks)
app.command("claims", rich_help_panel=DPIA)(claims)
app.command("documented", rich_help_panel=DPIA)(documented)
app.command("dsar", rich_help_panel=DPIA)(dsar)
app.command("adapters", rich_help_panel=KNOW)(adapters)
app.command("check", rich_help_panel=KNOW)(check)
app.command("demo", rich_help_panel=KNOW)(demo)


def version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        typer.echo(f"portalscope {__version__}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Run before every verb."""


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()

"""`demo`: the whole way on the bundled samples, from import to report, in a folder of its own."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from portalscope.verbs.terminal import existing, fail, say

# name of the run -> sample, what it stands for. The bytes are real clients'; that they are one inspection is arranged.
RUNS = {
    "clients-old": ("sample_reg_v1", {"app_version": "old", "usage_data": "on"}),
    "clients-new": ("sample_reg_v2", {"app_version": "new", "usage_data": "on"}),
    "library-on": ("ort130", {"app_version": "1.30", "usage_data": "on"}),
    "library-on-repeat": ("ort130_r1", {"app_version": "1.30", "usage_data": "on"}),
    "library-off": ("ort132_disabled", {"app_version": "1.32", "usage_data": "off"}),
    "web-sdk": ("js1ds_444_v1", {"app_version": "4.4.4", "usage_data": "on"}),
}
MARK = ".made-by-portalscope-demo"


def demo(
    out: Annotated[
        Path, typer.Argument(help="Folder to write to; what an earlier demo left there is replaced.")
    ] = Path("portalscope-demo"),
) -> None:
    """Run the whole way on bundled recordings of Microsoft's own SDKs, and end with the answer and the report."""
    from portalscope.verbs.compare import compare
    from portalscope.verbs.decode import decode
    from portalscope.verbs.report import report
    from portalscope.verbs.summarise import summarise

    cleared(out)
    say("1/5 import: six runs; real clients' bytes against mock servers, invented persons")
    imported(out / "inspection")
    say("2/5 decode, judge, locate")
    decode(out / "inspection", out / "dataset", "hashed", None, as_json=False)
    say("3/5 compare the old and the new version of the clients")
    compare("clients-old", "clients-new", out / "dataset", "", everything=False, as_json=False)
    say("4/5 report")
    report(None, out / "dataset", out / "report.html")
    say("5/5 summarise")
    summarise(None, out / "dataset", everything=False, as_json=False)
    typer.echo(f"report: {(out / 'report.html').resolve()}")


def cleared(out: Path) -> None:
    """An empty folder; one that is not a demo's is left alone."""
    if out.exists():
        if not (out / MARK).is_file():
            fail(f"{out} is there already and is not a demo's. Choose another folder: portalscope demo FOLDER")
        shutil.rmtree(out)
    out.mkdir(parents=True)
    (out / MARK).touch()


def imported(inspection: Path) -> None:
    """The samples as runs of one inspection."""
    from portalscope.capture.importing import import_file
    from portalscope.capture.run import Run

    samples = existing(
        Path(__file__).parents[1] / "samples", "samples folder", "Install portalscope from its wheel or checkout."
    )
    for name, (sample, settings) in RUNS.items():
        folder = samples / sample
        about = Run(
            id=name,
            label=f"sample {sample}",
            app="clients of Microsoft's SDKs",
            app_version=settings["app_version"],
            device="test machine",
            platform="linux",
            scenario="scripted session against mock servers; the answers and the locations are arranged",
            settings=settings,
        )
        import_file(inspection, name, [folder], about, folder)

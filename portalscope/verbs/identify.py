"""`identify`: which identifiers were sent, how long they last, and who can join them to a name."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from portalscope.verbs.summarise import NO_DATASET
from portalscope.verbs.terminal import existing, fail, print_json, say, table


class Language(StrEnum):
    """Languages of labels and sentences."""

    EN = "en"
    NL = "nl"


def identify(
    runs: Annotated[list[str] | None, typer.Argument(help="Runs to look at; default: all.")] = None,
    dataset: Annotated[Path, typer.Option(help="Folder of the dataset.")] = Path("dataset"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
    lang: Annotated[Language, typer.Option(help="Language of labels and sentences.")] = Language.EN,
    picture: Annotated[Path | None, typer.Option(metavar="OUT.svg", help="Also draw the links.")] = None,
    address: Annotated[
        bool, typer.Option("--address/--no-address", help="Also what the source address alone may join.")
    ] = True,
) -> None:
    """List identifiers with scope and links, and say what requests and destinations hold.

    The scope comes from a run matrix: runs with `arm` in their settings (base, repeat, session, reinstall, device,
    user, tenant, toggle_off, idle). When all runs are looked at, the links are kept in the dataset as the table
    `links`.
    """
    from portalscope.analysis import links
    from portalscope.analysis.frames import load
    from portalscope.analysis.identify import tables

    existing(dataset, "dataset", NO_DATASET)
    try:
        found = tables(load(dataset, runs or None), lang.value, address=address)
        if not runs:
            links.write(found.links, dataset)
        if picture:
            picture.write_text(found.svg, "utf-8")
    except (ValueError, OSError) as error:
        fail(str(error))
    for note in found.notes:
        say(note)
    if as_json:
        names = ("identifiers", "verdicts", "records", "links")
        print_json(
            {name: getattr(found, name).to_dict("records") for name in names}
            | {"sentences": found.sentences, "answers": found.answers, "notes": found.notes}
        )
        return
    rows = [
        (
            row["identifier"],
            f"{row['label']} ({row['class']}{', candidate' if row['candidate'] else ''})\n{row['companies']}",
            f"{row['scope']}\nnot tested: {row['not_tested']}" if row["not_tested"] else row["scope"],
            row["linkable"],
        )
        for row in found.identifiers.to_dict("records")
    ]
    table("Identifiers", ("", "what, to whom", "how long it lasts", "who can join it to a name"), rows)
    columns = ("host", "company", "verdict", "candidate", "requests", "content", "secret", "locator", "closed")
    table("Destinations", columns, found.verdicts[list(columns)].itertuples(index=False), right=columns[4:])
    for sentence in (*found.sentences, *found.answers):
        typer.echo(sentence)

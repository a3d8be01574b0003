"""`explain`: one exchange, the whole walk from bytes to judgement; as text, JSON or a page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from portalscope.verbs.terminal import existing, fail, print_json, say, table


def explain(
    file: Annotated[Path, typer.Argument(help="A recording (mitmproxy, HAR, pcap), or the folder of a run.")],
    exchange: Annotated[
        int | None, typer.Option("--exchange", "-e", help="Its number in the file; without it: a list.")
    ] = None,
    planted_from: Annotated[Path | None, typer.Option(help="An expected.json with planted values.")] = None,
    keys: Annotated[list[Path] | None, typer.Option(help="TLS key log that opens a pcap; may be repeated.")] = None,
    values: Annotated[bool, typer.Option("--values", help="Show values; secrets stay hidden.")] = False,
    more: Annotated[
        list[Path] | None, typer.Option("--knowledge", help="Folder with more adapters/ and rules/.")
    ] = None,
    page: Annotated[Path | None, typer.Option("--html", help="Write the walk as a page.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the walk as JSON.")] = False,
) -> None:
    """Show how one exchange was read: bytes, encodings, adapter, events, leaves, grounds, problems."""
    from portalscope.analysis.pipeline import Pipeline

    existing(file, "recording", "Give a .mitm, .har or .pcap file, or a folder made by record or import.")
    pipeline = Pipeline(tuple(more or ()))
    run, found = opened(file, planted_from, keys or [])
    if exchange is None:
        listing(found, pipeline, as_json=as_json)
        return
    one = next((item for number, item in enumerate(found) if number == exchange), None)
    if one is None:
        fail(f"there is no exchange {exchange} in {file}. Without --exchange you get a list of them.")
    walk = pipeline.explain(one, run, values=values)
    if page:
        from portalscope.analysis.walk_page import walk_page

        page.write_text(walk_page(walk), "utf-8")
        say(f"The walk is in {page}")
    if as_json:
        print_json(walk)
    elif not page:
        show(walk)


def opened(file: Path, planted_from: Path | None, keys: list[Path]) -> tuple[Any, Iterator[Any]]:
    """The run, as far as it is known, and the exchanges of a file or folder."""
    from portalscope.capture.exchange import Exchange
    from portalscope.capture.importing import planted_values
    from portalscope.capture.inspection import contents, load_run
    from portalscope.capture.read import read
    from portalscope.capture.run import Run

    try:
        folder = file.is_dir()
        run = (
            load_run(file)
            if folder
            else Run(id=file.stem, planted=planted_values(planted_from) if planted_from else {})
        )
    except (ValueError, OSError) as error:
        fail(str(error))
    items = contents(file) if folder else read(file, run.id, None, keys)
    return run, (item for item in items if isinstance(item, Exchange))


def listing(found: Iterator[Any], pipeline: Any, *, as_json: bool) -> None:  # noqa: ANN401 – imported inside the verb
    """The exchanges by number, with the message that each one is."""
    rows = [
        (number, one.method, one.host, one.status or "no answer", len(one.body), pipeline.adapter(one).title)
        for number, one in enumerate(found)
    ]
    columns = ("number", "method", "host", "status", "bytes", "message")
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        table("Exchanges: choose one with --exchange NUMBER", columns, rows, right=("number", "bytes"))


def show(walk: dict[str, Any]) -> None:
    """Print the walk for a person: what it is, how it was opened, what is in it, what is not understood."""
    one, place, adapter = walk["exchange"], walk["endpoint"], walk["adapter"]
    typer.echo(f"{one['id']}  {one['at']}  {one['method']} {one['host']}:{one['port']}  {one['status'] or 'no answer'}")
    typer.echo(f"whose    {place['service']}; {place['operator'] or 'operator not known'}; {place['purpose'] or '–'}")
    typer.echo(f"where    {place['country'] or '–'}: {place['status']}; {place['basis']}")
    typer.echo(f"adapter  {adapter['id']}: {adapter['title']}\n")
    steps = [(p["part"], s["step"], s["bytes"], s["result"]) for p in walk["parts"] for s in p["steps"]]
    table("Steps", ("part", "step", "bytes in", "out"), steps, right=("bytes in",))
    accounts = [(p["part"], p["wire"], p["size"], p["decoded"], p["unread"]) for p in walk["parts"]]
    table(
        "Bytes",
        ("part", "on the wire", "unpacked", "decoded", "unread"),
        accounts,
        right=("on the wire", "unpacked", "decoded", "unread"),
    )
    for event in walk["events"]:
        title = " · ".join(str(x) for x in (event["kind"], event["name"], event["time"], event["schema"]) if x)
        table(title, ("field", "value", "is", "class", "why"), map(line, event["leaves"]))
    if walk["problems"]:
        rows = [(p["part"], p["step"], p["why"], p["bytes"], p["entropy"]) for p in walk["problems"]]
        table("Not understood", ("part", "step", "why", "bytes", "entropy"), rows, right=("bytes", "entropy"))


def line(leaf: dict[str, Any]) -> tuple[str, ...]:
    """One leaf as a row; a candidate says so."""
    first = leaf["evidence"][0] if leaf["evidence"] else {"level": "", "because": "not yet understood"}
    name = f"{leaf['property']}?" if leaf["candidate"] else leaf["property"]
    return (
        f"{leaf['part']}:{leaf['path']}",
        leaf["value"],
        name,
        leaf["class"],
        f"{first['level']} {first['because']}".strip(),
    )

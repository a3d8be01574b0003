"""What the verbs share with the terminal: tables on stderr, JSON on stdout, progress, and how they end."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import typer

FAILED, FOUND, PARTLY = 1, 3, 4


def fail(message: str, code: int = FAILED) -> NoReturn:
    """Say what is wrong and what to do next, and end."""
    typer.secho(f"portalscope: {message}", err=True, fg=typer.colors.RED)
    raise typer.Exit(code)


def say(message: str) -> None:
    """A line for the person, not for the machine: stderr."""
    typer.echo(message, err=True)


def print_json(value: Any) -> None:  # noqa: ANN401 – anything that JSON can hold
    """A result for machines: stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()) -> None:
    """A table that fits the terminal; values are printed as they are, markup in them is inert."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    made = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, expand=False, pad_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text(printable(cell)) for cell in row))
    Console(file=sys.stdout).print(made)


def printable(cell: object) -> str:
    """A cell without control characters: captured text must not move the cursor."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in str(cell))


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr, on a terminal only; the function takes how much is done so far."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.update(task, completed=done)


def existing(path: Path, what: str, hint: str) -> Path:
    """The path when it is there, else a message that says what to do."""
    if not path.exists():
        fail(f"no {what} at {path}. {hint}")
    return path

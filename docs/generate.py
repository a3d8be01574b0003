"""Write the reference pages from the code and the tables: `python docs/generate.py`. A test compares them."""

import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from portalscope.analysis import schema
from portalscope.capture.exchange import Exchange
from portalscope.capture.read import read
from portalscope.cli import EXIT_CODES, app
from portalscope.decoders.adapters import Adapter, Rule
from portalscope.decoders.knowledge import Knowledge, load

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
TESTED = ROOT / "decoders" / "data" / "tested.toml"
MADE = "<!-- made by docs/generate.py from the code and its tables; do not edit -->\n\n"


def pages() -> dict[str, str]:
    """Every reference page by name."""
    known = load()
    found = {
        "cli.md": cli(),
        "dataset.md": schema.page(),
        "properties.md": properties(known),
        "adapters.md": index(known),
    }
    found |= {f"adapters/{one.id}.md": adapter(one, known) for one in known.adapters.all}
    return {name: MADE + text for name, text in found.items()}


def tested() -> str:
    """The table of `decoders/data/tested.toml`: for each adapter the samples it fits and the test files that name it."""
    known = load()
    samples: dict[str, set[str]] = {}
    for path in sorted((ROOT / "samples").glob("*/*.mitm")):
        for item in read(path, "docs"):
            if isinstance(item, Exchange):
                samples.setdefault(known.adapters.find(item)[0].id, set()).add(path.parent.name)
    tests = {
        str(p.relative_to(ROOT)): p.read_text("utf-8") for p in sorted((ROOT / "tests" / "decoders").rglob("test_*.py"))
    }
    lines = ["# Made by docs/generate.py: which samples an adapter fits, and which test files name it."]
    for one in known.adapters.all:
        naming = [name for name, text in tests.items() if f'"{one.id}"' in text]
        lines += [
            f"[{one.id}]",
            f"samples = {sorted(samples.get(one.id, ()))}".replace("'", '"'),
            f"tests = {naming}".replace("'", '"'),
        ]
    return "\n".join(lines) + "\n"


def cli() -> str:
    """The verbs with their arguments and options."""
    group: Any = typer.main.get_command(app)
    return (
        "# Command line\n\n" + EXIT_CODES + "\n\n" + "\n".join(verb(name, one) for name, one in group.commands.items())
    )


def verb(name: str, command: Any) -> str:  # noqa: ANN401 – click's objects as typer bundles them
    """One verb."""
    rows = [
        f"| `{written(p)}` | {(getattr(p, 'help', '') or '').replace('|', chr(92) + '|')} |" for p in command.params
    ]
    options = "| argument or option | |\n| --- | --- |\n" + "\n".join(rows) + "\n" if rows else ""
    return f"## `{name}`\n\n{command.help}\n\n{options}"


def written(parameter: Any) -> str:  # noqa: ANN401 – the same
    """A parameter as it is typed."""
    if parameter.param_type_name == "argument":
        return (parameter.metavar or parameter.name.upper()) + (" …" if parameter.nargs == -1 else "")
    return ", ".join(parameter.opts)


def properties(known: Knowledge) -> str:
    """The vocabulary: categories, classes, properties."""
    tables = known.tables["properties"]
    lines = [
        "# Kinds of data",
        "",
        "## Categories",
        "",
        "| category | Dutch | classes | definition |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| **{k}**: {c['label']} | {c['label_nl']} | {', '.join(c['classes'])} | {c['definition']} |"
        for k, c in tables["category"].items()
    ]
    lines += ["", "## Classes", "", "| class | name | definition |", "| --- | --- | --- |"]
    lines += [f"| {code} | {c['label']} | {c['definition']} |" for code, c in tables["class"].items()]
    lines += [
        "",
        "## Properties",
        "",
        "| property | label | Dutch | class | expected scope | definition |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| `{name}` | {p['label']} | {p['label_nl']} | {p['class']} | {p['scope']} | {p['definition']} |"
        for name, p in tables["property"].items()
    ]
    return "\n".join(lines) + "\n"


def index(known: Knowledge) -> str:
    """What can be decoded."""
    lines = [
        "# Messages that can be decoded",
        "",
        "| adapter | message | body | rules | because |",
        "| --- | --- | --- | --- | --- |",
    ]
    for one in known.adapters.all:
        steps = " + ".join(f"`{step}`" for step in one.body.steps) or "sniffed"
        own = sum(rule.origin == one.id for rule in one.rules.values())
        lines.append(f"| [{one.id}](adapters/{one.id}.md) | {one.title} | {steps} | {own} | {one.because} |")
    return "\n".join(lines) + "\n"


def adapter(one: Adapter, known: Knowledge) -> str:
    """One message: how it is built, what is known of its fields, and from where."""
    source = known.sources[one.source]
    lines = [
        f"# {one.title}",
        "",
        f"Known because: {one.because}. {source['title']} ({source['url']}, read {source['read']}).",
        "",
    ]
    seen = known.tables["tested"].get(one.id, {})
    lines += [
        f"Samples: {', '.join(seen.get('samples', ())) or 'none'}. Tests: {', '.join(seen.get('tests', ())) or 'none of its own'}.",
        "",
    ]
    lines += [f"Body: {' + '.join(one.body.steps) or 'sniffed'}; records: `{one.body.events or 'none'}`.", ""]
    rules = sorted((rule for rule in one.rules.values() if rule.origin != "http"), key=lambda rule: rule.key)
    if rules:
        lines += ["| field | is | class | because | source | note |", "| --- | --- | --- | --- | --- | --- |"]
        lines += list(rule_rows(rules, known))
    return "\n".join(lines) + "\n"


def rule_rows(rules: list[Rule], known: Knowledge) -> Iterator[str]:
    """One row a rule."""
    for rule in rules:
        code = rule.code or known.tables["properties"]["property"].get(rule.is_, {}).get("class", "?")
        key = rule.key.replace("|", "\\|")
        yield f"| `{key}` | `{rule.is_}` | {code} | {rule.because} | {rule.source} | {rule.note} |"


def main() -> None:
    """Write them, and take away what is no longer made."""
    TESTED.write_text(tested(), "utf-8")
    load.cache_clear()
    made = pages()
    for path in REFERENCE.rglob("*.md"):
        if str(path.relative_to(REFERENCE)) not in made:
            path.unlink()
    for name, text in made.items():
        path = REFERENCE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    runpy.run_path(str(Path(__file__).with_name("how_to.py")), run_name="__main__")


if __name__ == "__main__":
    main()

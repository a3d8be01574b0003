"""The guidance for people: made from its table, its commands exist, its Python runs."""

import importlib.util
import re
import shlex
from pathlib import Path

import pytest
import typer.main

from portalscope.analysis.pipeline import Pipeline
from portalscope.capture.importing import import_file
from portalscope.cli import app

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("docs/how-to/*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\s*(?:- run: )?(?:uv run |\.venv/bin/)?(portalscope .*)$")


def blocks(page, language=None):
    """The fenced blocks of a page."""
    return [text for found, text in FENCE.findall(page.read_text("utf-8")) if language in (None, found)]


def commands():
    """Every line of a page that calls portalscope."""
    for page in PAGES:
        for text in blocks(page):
            for line in text.splitlines():
                if found := COMMAND.match(line):
                    yield pytest.param(found[1], id=f"{page.name}: {found[1][:60]}")


def test_the_pages_of_the_platforms_are_up_to_date():
    spec = importlib.util.spec_from_file_location("how_to", ROOT / "docs" / "how_to.py")
    how_to = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(how_to)
    wrong = [name for name, text in how_to.pages().items() if (how_to.FOLDER / name).read_text("utf-8") != text]
    assert wrong == [], "run: make docs"


@pytest.mark.parametrize("line", list(commands()))
def test_a_command_in_the_docs_can_be_typed(line):
    """Verb, options and arguments are parsed as the command line does it; nothing is run."""
    words = shlex.split(line.partition(" > ")[0], comments=True)[1:]
    group = typer.main.get_command(app)
    assert words[0] in group.commands
    context = group.commands[words[0]].make_context(words[0], words[1:])
    assert context.params


def test_there_are_commands_on_every_page_for_people():
    pages = {
        page.name for page in PAGES if any(COMMAND.match(line) for text in blocks(page) for line in text.splitlines())
    }
    assert pages >= {"android.md", "ios.md", "macos.md", "windows.md", "ci.md", "analyst.md", "tour.md", "README.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    lost = [one for one in targets if "://" not in one and not (page.parent / one).exists()]
    assert lost == []


def test_the_python_of_the_analyst_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for sample in ("sample_reg_v1", "ort130"):
        import_file(tmp_path / "inspection", sample, [ROOT / "samples" / sample / f"{sample}.mitm"])
        Pipeline().decode_run(tmp_path / "inspection" / sample, tmp_path / "dataset")
    names = {}
    for text in blocks(ROOT / "docs" / "how-to" / "analyst.md", "python"):
        exec(compile(text, "analyst.md", "exec"), names)
    said = capsys.readouterr().out
    assert "hosts opened" in said
    assert "sample_reg_v1" in said
    assert len(names["shared"]) > 0

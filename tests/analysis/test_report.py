"""The report: whole, safe to open, and every line of it leads to its evidence."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from portalscope.analysis import frames, report
from portalscope.analysis.dataset import Writer
from portalscope.analysis.where import locate
from portalscope.capture.run import Run
from portalscope.decoders.finding import Evidence, Finding
from portalscope.decoders.message import Event, Field, Message

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
VOID = {"meta", "br", "wbr"}


class Page(HTMLParser):
    """What a browser would see: tags, ids, links, addresses to fetch, text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.handlers: list[str] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")
            if name in ("src", "srcset", "action", "data", "poster", "xlink:href"):
                self.fetched.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def html(dataset: Path) -> str:
    return report.html(frames.load(dataset))


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_tags_are_balanced_and_ids_are_unique(page: Page) -> None:
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))


def test_every_link_leads_to_a_place_in_the_page(page: Page) -> None:
    assert page.links
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)


def test_nothing_is_fetched_and_nothing_runs(html: str, page: Page) -> None:
    assert page.fetched == []
    assert page.handlers == []
    assert not {"script", "link", "img", "iframe", "object", "base", "form"} & set(page.tags)
    assert not re.search(r"url\(|@import", html)
    assert "default-src 'none'" in html


def test_no_value_of_the_sender_is_in_it(html: str) -> None:
    assert "honeypot" not in html
    assert "s3cr3t" not in html


def test_the_answer_stands_at_the_top(page: Page) -> None:
    text = re.sub(r"\s+", " ", page.text)
    first = text.index("personal data (user principal name)")
    assert first < text.index("How complete this is. 2 of 3 hosts opened") < text.index("1 Runs")


def test_all_tables_are_there(page: Page) -> None:
    sections = ["answer", "runs", "endpoints", "transfers", "identifiers", "fields", "limits", "evidence", "words"]
    assert [name for name in page.ids if name in sections] == sections


def test_a_line_of_evidence_names_exchange_path_ground_and_source(page: Page) -> None:
    text = re.sub(r"\s+", " ", page.text)
    assert "a · flows.mitm#1[0].ext.device.localId E5 source code cpp-sdk" in text
    assert "https://github.com/microsoft/cpp_client_telemetry" in text, "as text, not as a link"


def test_the_same_runs_give_the_same_report(dataset: Path, html: str) -> None:
    assert report.html(frames.load(dataset)) == html


def test_progress_is_told(dataset: Path, tmp_path: Path) -> None:
    told: list[str] = []
    report.write(frames.load(dataset), tmp_path / "r.html", told.append)
    assert told[0] == "answer"
    assert (tmp_path / "r.html").read_text("utf-8").startswith("<!doctype html>")


def test_hostile_names_are_text(tmp_path: Path, make_exchange) -> None:
    ground = Evidence(level="E3", because=HOSTILE, property=HOSTILE, code=HOSTILE, source=HOSTILE, detail=HOSTILE)
    finding = Finding(property=HOSTILE, code=HOSTILE, category="personal", evidence=(ground,))
    field = Field(part="body", path=HOSTILE, shape=HOSTILE, value=HOSTILE)
    event = Event(index=0, kind="record", name=HOSTILE, fields=(field,))
    run = Run(id="a", label=HOSTILE, app=HOSTILE, device=HOSTILE, settings={HOSTILE: HOSTILE}, files={HOSTILE: HOSTILE})
    with Writer(tmp_path / "d", run, knowledge=HOSTILE, key=b"key") as writer:
        exchange = make_exchange(1, "a", host=HOSTILE, id=HOSTILE, error=HOSTILE, status=None)
        writer.exchange(exchange, Message(exchange=HOSTILE, adapter=HOSTILE, events=(event,)), [[finding]])
        for place in writer.destinations.all():
            writer.endpoint(place, None, locate(place.host, place.server_ip))
    html = report.html(frames.load(tmp_path / "d"))
    page = Page(html)
    assert page.open == []
    assert not {"script", "img"} & set(page.tags)
    assert page.handlers == page.fetched == []
    assert "<script" not in html
    assert page.text.count("<script>alert(1)</script>") > 10, "shown as text, not dropped"


def test_a_run_in_which_nothing_was_sent(tmp_path: Path, write_run) -> None:
    write_run(tmp_path / "d", "a", [])
    page = Page(report.html(frames.load(tmp_path / "d")))
    assert "no personal or pseudonymous data of a kind known to portalscope were recognised" in page.text
    assert "svg" not in page.tags


@pytest.mark.parametrize(("number", "words"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (72_100_000, "72.1 MB")])
def test_sizes(number: int, words: str) -> None:
    assert report.size(number) == words


def test_words() -> None:
    assert report.thousands(1234567) == "1\u202f234\u202f567"
    assert report.share(0) == "0 %"
    assert report.share(0.00001) == "0.1 %"
    assert report.begun("eTLD first") == "ETLD first"
    assert str(report.parted("a.<b>.c")) == "a.<wbr>&lt;b&gt;.<wbr>c"

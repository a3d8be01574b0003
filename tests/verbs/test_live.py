"""The table beside a recording."""

import io
import shutil
import time
from pathlib import Path

from rich.console import Console

from portalscope.analysis.watch import Host, Watch
from portalscope.verbs.live import Watcher, kinds, live, screen

SAMPLE = Path(__file__).parents[2] / "samples" / "js1ds_444_v1" / "js1ds_444_v1.mitm"


def drawn(watch, typed=""):
    out = io.StringIO()
    Console(file=out, width=120).print(screen(watch, "3 exchanges with 2 hosts", typed))
    return out.getvalue()


def watched(**hosts):
    watch = Watch()
    watch.hosts = {name.replace("_", "."): host for name, host in hosts.items()}
    return watch


def test_every_host_has_its_counts():
    text = drawn(watched(a_example=Host(requests=3, size=1500, events=9, kinds={"personal": {"upn", "deviceName"}})))
    (row,) = (line for line in text.splitlines() if "a.example" in line)
    assert row.split() == ["a.example", "3", "1500", "–", "–", "9", "2", "personal"]
    assert "3 exchanges with 2 hosts" in text


def test_what_stayed_closed_comes_first():
    text = drawn(
        watched(asked_example=Host(requests=99), refused_example=Host(refused=2), silent_example=Host(silent=1))
    )
    assert text.index("refused.example") < text.index("asked.example")
    assert text.index("silent.example") < text.index("asked.example")


def test_many_hosts_are_cut():
    text = drawn(watched(**{f"h{number}_example": Host(requests=1) for number in range(15)}))
    assert "and 3 more hosts" in text


def test_nothing_yet_is_no_table():
    assert drawn(Watch()).split() == ["3", "exchanges", "with", "2", "hosts"]


def test_the_line_that_is_typed_is_shown_and_cannot_move_the_cursor():
    assert "step: signed in" in drawn(Watch(), "signed in")
    assert "\x1b" not in drawn(watched(**{"a\x1b[2J": Host(requests=1)}), "x\x1b[2J")


def test_kinds_are_named_by_category_and_technical_ones_left_out():
    assert kinds({"technical": 9, "pseudonymous": 2, "personal": 1}) == "1 personal, 2 pseudonymous"
    assert kinds({}) == ""


def test_without_a_terminal_nothing_is_shown(tmp_path):
    with live(tmp_path / "run", lambda: "x", lambda: ""):
        assert not (tmp_path / "run").exists()


def test_a_recording_is_decoded_while_it_grows(tmp_path):
    with Watcher(tmp_path) as watch:
        shutil.copy(SAMPLE, tmp_path / "flows.mitm")
        last = time.monotonic() + 60
        while sum(host.events for host in list(watch.hosts.values())) < 9 and time.monotonic() < last:
            time.sleep(0.05)
    assert sum(host.events for host in watch.hosts.values()) == 9
    assert watch.total()["personal"]

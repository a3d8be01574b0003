"""The picture: every flow is drawn, nothing lies on anything else, and labels fit."""

from itertools import pairwise
from pathlib import Path

import pytest

from portalscope.analysis import frames, sankey
from portalscope.analysis.sankey import Picture


@pytest.fixture(scope="module")
def drawn(dataset: Path) -> Picture:
    return sankey.picture(frames.load(dataset))


def test_every_side_is_there(drawn: Picture) -> None:
    assert [node.name for node in drawn.nodes] == [
        *("Company Portal", "mobile.events.data.microsoft.com", "eu-mobile.events.data.microsoft.com"),
        *("United States", "Netherlands", "Not located"),
    ]
    assert [node.detail for node in drawn.nodes[3:]] == ["likely", "proven", ""]


def test_boxes_of_a_column_do_not_touch_and_stay_inside(drawn: Picture) -> None:
    for x in {node.x for node in drawn.nodes}:
        column = [node for node in drawn.nodes if node.x == x]
        for above, below in pairwise(column):
            assert above.top + above.box + sankey.GAP <= below.top + 0.01
        assert column[0].top >= -0.01
        assert column[-1].top + column[-1].box <= drawn.height + 0.01


def test_flows_fill_their_boxes_exactly(drawn: Picture) -> None:
    for node in drawn.nodes:
        assert max(node.used, node.filled) == pytest.approx(node.height)
        assert node.top <= node.y
        assert node.y + node.height <= node.top + node.box + 0.01


def test_what_goes_in_comes_out(drawn: Picture) -> None:
    for node in drawn.nodes:
        if node.x == sankey.COLUMNS["host"][0]:
            assert node.used == pytest.approx(node.filled)


def test_a_ribbon_says_what_it_is(drawn: Picture) -> None:
    assert (
        "Personal data: 1 kind from eu-mobile.events.data.microsoft.com to Netherlands",
        "personal",
    ) in {(ribbon.title, ribbon.category) for ribbon in drawn.ribbons}


def test_the_same_runs_give_the_same_picture(dataset: Path, drawn: Picture) -> None:
    assert sankey.picture(frames.load(dataset)) == drawn


def test_many_hosts_become_few(tmp_path: Path, write_run, make_exchange) -> None:
    hosts = [f"h{number:02}.example" for number in range(40)]
    write_run(tmp_path / "d", "a", [make_exchange(n, "a", host=host) for n, host in enumerate(hosts)])
    drawn = sankey.picture(frames.load(tmp_path / "d"))
    middle = [node for node in drawn.nodes if node.x == sankey.COLUMNS["host"][0]]
    assert len(middle) == sankey.MOST + 1
    (others,) = [node for node in middle if node.name == sankey.OTHERS]
    assert others.detail == "26 hosts"


def test_nothing_sent_is_no_picture(tmp_path: Path, write_run) -> None:
    write_run(tmp_path / "d", "a", [])
    assert sankey.picture(frames.load(tmp_path / "d")).nodes == ()


@pytest.mark.parametrize(
    ("text", "longest", "shown"),
    [("short", 10, "short"), ("0123456789", 10, "0123456789"), ("0123456789x", 10, "0123…6789x")],
)
def test_long_labels_lose_their_middle(text: str, longest: int, shown: str) -> None:
    assert sankey.cut(text, longest) == shown


def test_a_long_app_name_takes_two_lines() -> None:
    found = sankey.node("clients of Microsoft's SDKs", "", "app", 10)
    assert (found.label, found.detail) == ("clients of", "Microsoft's SDKs")

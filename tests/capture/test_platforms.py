"""How devices are prepared: every statement has a reason and a source."""

from pathlib import Path

import pytest

from portalscope.capture import platforms as module
from portalscope.capture.platforms import faults, platform, platforms


def test_the_four_platforms():
    assert list(platforms()) == ["android", "ios", "macos", "windows"]


def test_every_reason_and_source_is_known():
    assert list(faults()) == []


def test_unknown_words_are_faults(monkeypatch):
    row = {"do": "x", "because": "hearsay", "source": "nobody"}
    made = platform("x", {"title": "x", "intro": "", "steps": [row], "modes": [], "closed": [], "controls": []})
    monkeypatch.setattr(module, "platforms", lambda: {"x": made})
    assert list(faults()) == [
        "platforms.toml: x: unknown because 'hearsay'",
        "platforms.toml: x: unknown source 'nobody'",
    ]


@pytest.mark.parametrize("name", ["android", "ios", "macos", "windows"])
def test_steps_are_lines_with_the_certificate_in_its_place(name):
    todo = platforms()[name].todo(Path("/x/ca.pem"))
    assert todo
    assert all("\n" not in line and "{" not in line for line in todo)
    assert any("/x/ca.pem" in line for line in todo) == (name in ("macos", "windows"))


@pytest.mark.parametrize("name", ["android", "ios", "macos", "windows"])
def test_every_platform_says_how_what_and_what_not(name):
    one = platforms()[name]
    assert {mode.mode for mode in one.modes} >= {"regular", "wireguard", "upstream"}
    assert any("manage.microsoft.com" in row.what for row in one.closed)
    assert any("data" in control.name.lower() for control in one.controls)
    assert all(mode.command.startswith("portalscope ") and name in mode.command for mode in one.modes)


def test_a_key_that_does_not_belong_there_is_refused():
    with pytest.raises(TypeError, match="unexpected"):
        platform("x", {"title": "", "intro": "", "steps": [{"does": "x"}], "modes": [], "closed": [], "controls": []})

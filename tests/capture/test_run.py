"""Run."""

from portalscope.capture.run import Run


def test_planted_values_are_not_shown():
    assert "anna@example.com" not in repr(Run(id="r", planted={"upn": ("anna@example.com",)}))


def test_a_run_was_seen_on_the_wire_unless_it_says_otherwise():
    assert Run(id="r").source_kind == "wire"

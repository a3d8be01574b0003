"""A finding and its grounds."""

import dataclasses

import pytest

from portalscope.decoders.finding import Evidence, Finding


def test_the_first_ground_is_the_reason():
    ground = Evidence(level="E3", because="documented", property="upn", code="D1")
    finding = Finding(property="upn", code="D1", category="personal", evidence=(ground,))
    assert (finding.because, finding.level) == ("documented", "E3")


def test_without_a_ground():
    finding = Finding(property="unknown", code="U1", category="unknown")
    assert (finding.because, finding.level) == ("not yet understood", "")


def test_findings_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Finding(property="a", code="U1", category="unknown").code = "D1"

"""Running steps."""

import pytest

from portalscope.decoders.message import DecodeError
from portalscope.decoders.steps import STEPS, run


def test_steps_run_one_after_the_other():
    assert run(("json-lines", "common-schema-tags"), b'{"a": 1}') == ([{"a": 1}], [])


def test_a_step_that_breaks_off_hands_on_what_it_has():
    tree, (fault,) = run(("json-lines",), b'{"a": 1}\nnonsense')
    assert tree == [{"a": 1}]
    assert fault.rest == b"nonsense"


def test_a_step_with_nothing_raises():
    with pytest.raises(DecodeError):
        run(("json",), b"nonsense")


@pytest.mark.parametrize("name", sorted(STEPS))
def test_every_step_survives_nothing_and_noise(name):
    for data in (b"", b"\x00", bytes(range(256)), b"{" * 50):
        try:
            run((name,), data)
        except DecodeError as error:
            assert error.why

"""Problem and entropy."""

import pytest

from portalscope.capture.problem import Problem, entropy


@pytest.mark.parametrize(
    ("data", "bits"), [(b"", 0.0), (b"aaaa", 0.0), (b"abab", 1.0), (b"abcd", 2.0), (bytes(range(256)), 8.0)]
)
def test_entropy_by_hand(data, bits):
    assert entropy(data) == pytest.approx(bits)


def test_entropy_looks_at_the_first_64_kib():
    assert entropy(b"a" * 65536 + bytes(range(256)) * 256) == 0.0


def test_a_problem_counts_its_bytes():
    problem = Problem(exchange="a#0", part="body", step="json", why="not JSON", rest=b"abab")
    assert (problem.size, problem.entropy) == (4, pytest.approx(1.0))
    assert Problem(exchange="a", part="file", step="read", why="").size == 0

"""The records of a flow file, found by their lengths."""

import io

from hypothesis import given
from hypothesis import strategies as st

from portalscope.capture.flow_records import records
from portalscope.capture.problem import Problem


def read(data: bytes) -> list[bytes | Problem]:
    return list(records(io.BytesIO(data), "f"))


def test_records_stand_one_after_the_other() -> None:
    assert read(b"3:abc,2:de}") == [b"3:abc,", b"2:de}"]
    assert read(b"") == []


def test_a_file_that_ends_inside_a_record_says_so() -> None:
    first, problem = read(b"3:abc,9:de")
    assert first == b"3:abc,"
    assert isinstance(problem, Problem)
    assert problem.why == "the file ends inside flow 1: 4 bytes unread"


def test_a_length_that_lies_takes_no_memory() -> None:
    (problem,) = read(b"999999999999:x")
    assert isinstance(problem, Problem)


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    found = read(data)
    assert sum(isinstance(item, Problem) for item in found) <= len(found)
    assert sum(len(item) for item in found if isinstance(item, bytes)) <= len(data)

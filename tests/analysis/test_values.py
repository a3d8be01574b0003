"""Values as the dataset keeps them, and the key of their hashes."""

import hashlib
import hmac
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.analysis import values


def test_a_digest_is_the_first_half_of_hmac_sha256() -> None:
    expected = hmac.new(b"key", b"anna", hashlib.sha256).hexdigest()
    assert values.digest(b"key", b"anna") == expected[:16]
    assert values.digest(b"other", b"anna") != expected[:16]


@pytest.mark.parametrize(
    ("value", "kind", "data"),
    [
        ("é", "string", b"\xc3\xa9"),
        ("", "empty", b""),
        (b"", "empty", b""),
        (b"\xff", "bytes", b"\xff"),
        (None, "null", b""),
        (True, "bool", b"true"),
        (1, "int", b"1"),
        (1.5, "float", b"1.5"),
        ("\ud800", "string", b"\xed\xa0\x80"),
    ],
)
def test_kind_and_bytes_of_a_value(value: str | bytes | float | None, kind: str, data: bytes) -> None:
    assert (values.kind(value), values.as_bytes(value)) == (kind, data)


def test_an_integer_too_long_for_decimal_digits() -> None:
    assert values.as_bytes(1 << 20_000) == b"0x1" + b"0" * 5000


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary())
def test_every_value_has_a_text(value: str | bytes | float | None) -> None:
    assert isinstance(values.as_text(value), str)
    assert bool(values.as_bytes(value)) == (values.kind(value) not in ("empty", "null"))


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = values.key(tmp_path / "d")
    assert len(first) == 32
    assert values.key(tmp_path / "d") == first
    assert values.key(tmp_path / "other") != first
    assert stat.S_IMODE((tmp_path / "d-values/key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "d-values").stat().st_mode) == 0o700
    assert [path.name for path in (tmp_path / "d-values").iterdir()] == ["key"]


def test_a_lost_key_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "d/runs/run=a").mkdir(parents=True)
    with pytest.raises(ValueError, match="key is missing"):
        values.key(tmp_path / "d")


def test_of_two_writers_one_wins(tmp_path: Path) -> None:
    values.place(tmp_path / "key", b"first")
    values.place(tmp_path / "key", b"second")
    assert (tmp_path / "key").read_bytes() == b"first"

"""A field with one judgement is one row, however often and in however many findings it comes."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from portalscope.analysis import judgements, schema
from portalscope.analysis.judgements import Judgements
from portalscope.analysis.observations import Observations
from portalscope.analysis.rows import Rows
from portalscope.decoders.finding import Evidence, Finding
from portalscope.decoders.message import Event, Field


def made(tmp_path: Path) -> Judgements:
    observations = Observations(Rows(tmp_path / "o.parquet", schema.OBSERVATIONS), str, b"key")
    return Judgements(Rows(tmp_path / "f.parquet", schema.FIELDS), str, observations)


def finding(detail: str = "rule", because: str = "documented") -> Finding:
    ground = Evidence(level="E3", because=because, property="deviceId", code="D3", source="s", detail=detail)
    return Finding(property="deviceId", code="D3", category="pseudonymous", evidence=(ground,))


def event(*shapes: str, name: str = "Start") -> Event:
    leaves = tuple(Field(part="body", path=shape, shape=shape, value=1) for shape in shapes)
    return Event(index=0, kind="record", name=name, fields=leaves)


def test_equal_findings_are_one_row_and_other_places_are_others(tmp_path: Path) -> None:
    found = made(tmp_path)
    assert found.of("a", event("x", "y", "x"), [finding(), finding(), finding()]) == [0, 1, 0]
    assert found.of("a", event("x", name="Stop"), [finding()]) == [2]
    assert found.of("b", event("x"), [finding()]) == [3]
    assert found.of("a", event("x"), [finding("another rule")]) == [4]
    found.rows.close()
    names = pq.ParquetFile(tmp_path / "f.parquet").read()["field"].to_pylist()
    assert names == found.observations.fields
    assert len(set(names)) == 5


def test_forgetting_identities_forgets_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judgements, "REMEMBERED", 2)
    found = made(tmp_path)
    codes = [found.of("a", event("x", "y"), [finding(), finding()]) for _ in range(10)]
    assert codes == [[0, 1]] * 10
    assert len(found.kept) <= 2


def test_sentinels_and_secrets_are_known_by_their_code(tmp_path: Path) -> None:
    found = made(tmp_path)
    secret = Finding(property="accessToken", code="S1", category="secret")
    found.of("a", event("x", "y", "z"), [finding(), finding(because="sentinel"), secret])
    assert (found.observations.hidden, found.observations.private) == ({1}, {2})


def test_a_leaf_without_finding_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="zip"):
        made(tmp_path).of("a", event("x", "y"), [finding()])

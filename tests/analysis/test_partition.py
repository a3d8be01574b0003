"""A run is moved into its place whole, and its row in `runs` is there last."""

from pathlib import Path

import pytest

from portalscope.analysis import partition, schema


def draft(dataset: Path, content: str) -> Path:
    path = dataset / ".run=a"
    for table in schema.TABLES:
        (path / table).mkdir(parents=True)
        (path / table / "x").write_text(content)
    return path


def test_a_draft_takes_the_place_of_the_old_run(tmp_path: Path) -> None:
    for content in ("old", "new"):
        partition.replace(tmp_path, draft(tmp_path, content), "run=a")
    assert {(tmp_path / table / "run=a/x").read_text() for table in schema.TABLES} == {"new"}
    assert not (tmp_path / ".run=a").exists()


def test_a_run_that_is_half_moved_is_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    partition.replace(tmp_path, draft(tmp_path, "old"), "run=a")
    new = draft(tmp_path, "new")
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == "events":
            raise OSError("disk full")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="disk full"):
        partition.replace(tmp_path, new, "run=a")
    assert not (tmp_path / "runs/run=a").exists()


def test_stamps_say_what_made_each_run(dataset: Path) -> None:
    found = dict(partition.stamps(dataset))
    assert list(found) == ["a", "b"]
    assert found["a"]["schema_version"] == schema.VERSION
    partition.check(dataset, found["a"]["value_key"])
    with pytest.raises(ValueError, match="another key"):
        partition.check(dataset, "0000")

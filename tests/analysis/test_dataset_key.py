"""The key of a dataset, found without being made."""

from portalscope.analysis.dataset_key import find
from tests.analysis.recorded import KEY, real_dataset


def test_the_key_of_the_inspection(tmp_path):
    (tmp_path / ".key").write_bytes(KEY)
    assert find(real_dataset(), tmp_path) == KEY


def test_a_key_that_does_not_fit_is_none(tmp_path):
    (tmp_path / ".key").write_bytes(b"another")
    assert find(real_dataset(), tmp_path) is None


def test_nothing_is_made():
    dataset = real_dataset()
    assert find(dataset) is None
    assert not dataset.with_name(f"{dataset.name}-values").exists()


def test_beside_the_dataset(tmp_path):
    (tmp_path / "real").symlink_to(real_dataset())
    (tmp_path / "real-values").mkdir()
    (tmp_path / "real-values" / "key").write_bytes(KEY)
    assert find(tmp_path / "real") == KEY

"""The reader that builds no Flow objects says what mitmproxy's own reader says."""

from pathlib import Path

import pytest

from portalscope.capture import fast_flows, flows

SAMPLES = Path(__file__).parents[2] / "samples"
FILES = sorted(SAMPLES.glob("*/*.mitm"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_both_readers_agree(path: Path) -> None:
    with path.open("rb") as one, path.open("rb") as other:
        assert list(fast_flows.flows(one, path.name, "r")) == list(flows.flows(other, path.name, "r"))


@pytest.mark.parametrize("cut", [1, 7, 200, 5000])
def test_both_readers_agree_on_a_file_that_is_cut_off(tmp_path: Path, cut: int) -> None:
    whole = (SAMPLES / "msal_py" / "msal_py.mitm").read_bytes()
    path = tmp_path / "cut.mitm"
    path.write_bytes(whole[:-cut])
    with path.open("rb") as one, path.open("rb") as other:
        found = list(fast_flows.flows(one, path.name, "r"))
        assert found == list(flows.flows(other, path.name, "r"))
    assert len(found) > 1

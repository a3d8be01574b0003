"""`risks`: pages as text and JSON."""

import json

from tests.analysis.recorded import truth
from tests.verbs.assessment import complete, inspection, run


def test_risks():
    result = run("risks", "r5", "--run", "old-1", "--inspection", inspection())
    assert result.stdout.startswith("R5 Transfer of personal diagnostic data")
    assert complete(result)
    said = json.loads(run("risks", "--run", "old-1", "--inspection", inspection(), "--json").stdout)
    assert [page["id"] for page in said] == ["R1", "R2", "R3", "R4", "R5"]
    assert all("hosts opened" in page["completeness"] for page in said)
    assert "no risk R9; there are R1" in run("risks", "R9", code=1).stderr


def test_no_planted_value_is_printed():
    values = [value for _, value in truth("js1ds_444_v1")["honey_sent"] if len(value) > 5]
    output = run("risks", "--inspection", inspection(), "--json").output.lower()
    assert not [value for value in values if value.lower() in output]

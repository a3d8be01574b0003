"""`documented`: shares, one publication, wrong questions."""

import json

from tests.verbs.assessment import complete, run


def test_documented():
    result = run("documented", "old-1")
    assert "not documented" in result.stdout
    assert complete(result)
    said = json.loads(run("documented", "old-1", "--product", "windows", "--version", "24H2", "--json").stdout)
    assert {row["status"] for row in said["rows"]} == {"not documented", "documented, not seen"}
    assert len([row for row in said["rows"] if row["what"] == "event" and row["status"] == "not documented"]) == 12
    assert "no documentation of x" in run("documented", "--product", "x", code=1).stderr

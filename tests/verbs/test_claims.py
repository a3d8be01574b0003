"""`claims`: verdicts, a researcher's own, the key, exit codes."""

import json

from tests.analysis.recorded import truth
from tests.verbs.assessment import complete, inspection, run


def test_claims(tmp_path):
    result = run("claims", "web", "--inspection", inspection())
    assert "contradicted" in result.stdout
    assert complete(result)
    said = json.loads(run("claims", "web", "--inspection", inspection(), "--json").stdout)
    verdicts = {claim["id"]: claim["verdict"] for claim in said["claims"]}
    assert (verdicts["CP-1"], verdicts["CP-5"]) == ("contradicted", "not testable here")
    assert said["claims"][0]["exchanges"] == [{"run": "web", "exchange": "js1ds_444_v1.mitm#0"}]
    run("claims", "web", "--inspection", inspection(), "--fail-on-contradicted", code=3)
    run("claims", "old-1", "--inspection", inspection(), "--out", str(tmp_path / "c.csv"))
    assert (tmp_path / "c.csv").read_text().startswith("id,verdict,text")


def test_claims_without_the_key(tmp_path):
    result = run("claims", "web", "--inspection", str(tmp_path))
    assert "which app an event states cannot be seen" in result.stderr
    assert "contradicted" not in result.stdout


def test_claims_of_ones_own(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text('[[claim]]\nid = "ME"\ntext = "t"\nsource = "s"\ndated = "d"\nexpect = "documents"\n')
    said = json.loads(run("claims", "old-1", "--claims", str(mine), "--inspection", inspection(), "--json").stdout)
    assert said["claims"][-1]["id"] == "ME"
    mine.write_text("[[claim]]\n")
    assert "mine.toml: claim 1: id is missing" in run("claims", "--claims", str(mine), code=1).stderr


def test_no_planted_value_is_printed():
    values = [value for _, value in truth("js1ds_444_v1")["honey_sent"] if len(value) > 5]
    output = run("claims", "--inspection", inspection(), "--json").output.lower()
    assert not [value for value in values if value.lower() in output]

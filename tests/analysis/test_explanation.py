"""The whole walk of an exchange, on a real sign-in."""

import json
from pathlib import Path

import pytest

from portalscope.analysis.pipeline import Pipeline
from portalscope.analysis.walk_page import walk_page
from portalscope.capture.importing import planted_values
from portalscope.capture.read import read
from portalscope.capture.run import Run

SAMPLE = Path(__file__).parents[2] / "samples" / "msal_py"


@pytest.fixture(scope="module")
def pipeline():
    return Pipeline()


def walk(pipeline, number, **more):
    run = Run(id="r", planted=planted_values(SAMPLE))
    exchange = list(read(SAMPLE / "msal_py.mitm", "r"))[number]
    return pipeline.explain(exchange, run, **more)


def test_the_walk_of_a_password_sign_in(pipeline):
    found = walk(pipeline, 2)
    assert found["adapter"]["id"] == "entra-token"
    assert [p["part"] for p in found["parts"]] == ["body", "response"]
    assert all(p["unread"] == 0 and p["decoded"] == p["size"] for p in found["parts"])
    leaves = {f"{x['part']}:{x['path']}": x for e in found["events"] for x in e["leaves"]}
    assert leaves["body:username"]["class"] == "D1"
    assert leaves["body:username"]["evidence"][0]["level"] == "E1"
    assert leaves["body:password"]["class"] == "S1"
    assert found["problems"] == []
    json.dumps(found)


def test_values_are_shown_on_request_and_secrets_never(pipeline):
    secret = dict(json.loads((SAMPLE / "expected.json").read_text())["honey_sent"])["secret_password"]
    hidden, shown = json.dumps(walk(pipeline, 2)), json.dumps(walk(pipeline, 2, values=True))
    assert "anna.honeypot" not in hidden
    assert "anna.honeypot" in shown
    assert secret not in hidden + shown
    assert secret not in walk_page(walk(pipeline, 2, values=True))

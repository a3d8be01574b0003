"""Stored diagnostic events of Windows: every column of the store and of its exports is known (synthetic bytes)."""

from io import BytesIO

import pytest

from portalscope.capture.ddv import ddv_json
from portalscope.capture.transcript import transcript
from portalscope.decoders.decode import decode
from portalscope.decoders.judging import classifier, judge
from tests.windows import USAGE, database, payload, row

RECORD = b"""{"Name": "n", "Timestamp": "x", "Payload": "{}", "IsRequired": true, "DiagnosticDataCategories": [1],
"IsBasic": true, "DiagnosticDataTypes": [1], "FullName": "n"}"""


@pytest.fixture
def one(tmp_path):
    return next(iter(transcript(database(tmp_path / "EventTranscript.db", row()), "run")))


def judged(exchange, knowledge):
    message = decode(exchange, knowledge.adapters)
    assert message.adapter == "windows-transcript"
    findings = classifier(judge(knowledge, {})).findings(message, knowledge.adapters["windows-transcript"])
    return message, [
        (field, finding)
        for event, found in zip(message.events, findings, strict=True)
        for field, finding in zip(event.fields, found, strict=True)
    ]


def test_a_stored_event_is_one_record_that_is_read_whole(one, knowledge):
    message, _ = judged(one, knowledge)
    assert [(event.kind, event.name) for event in message.events][1:] == [("record", USAGE)]
    assert message.events[1].schema == "4.0"
    assert message.problems == ()
    assert message.accounts["body"].decoded == len(payload())


def test_the_account_and_the_device_are_recognised(one, knowledge):
    _, pairs = judged(one, knowledge)
    found = {field.key: (finding.property, finding.code, finding.candidate) for field, finding in pairs}
    assert found["header:sid"] == ("securityIdentifier", "D2", False)
    assert found["body:[].ext.device.localId"] == ("deviceId", "D3", False)
    assert found["body:[].ext.user.localId"][0] == "userId"
    assert found["path:literal"] == ("protocolField", "N1", False)


def test_every_column_has_a_rule(one, knowledge):
    adapter = knowledge.adapters["windows-transcript"]
    export = next(ddv_json(BytesIO(RECORD), "d.json", "run"))
    columns = {name.lower() for exchange in (one, export) for name, _ in exchange.headers}
    assert len(columns) == 20
    assert {name for name in columns if f"header:{name}" not in adapter.rules} == set()

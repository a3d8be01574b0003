"""The tables are sound, and a broken one is said to be."""

import shutil
from pathlib import Path

import pytest

from portalscope.capture.read import read
from portalscope.decoders.decode import decode
from portalscope.decoders.knowledge import DATA, load

SAMPLES = Path(__file__).parents[2] / "samples"


def test_our_own_tables_have_no_fault(knowledge):
    assert knowledge.faults == ()


def test_every_rule_names_a_property_that_exists(knowledge):
    properties = knowledge.tables["properties"]["property"]
    rules = [rule for adapter in knowledge.adapters.all for rule in adapter.rules.values()]
    assert {rule.is_ for rule in rules} <= properties.keys()
    assert {rule.code for rule in rules if rule.code} <= knowledge.tables["properties"]["class"].keys()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("title = ", "Invalid"),
        ('title = "t"', "'because'"),
        ('title="t"\nbecause="guess"\nsource="rfc-9110"\n[[match]]\n', "no reason 'guess'"),
        ('title="t"\nbecause="documented"\nsource="nowhere"\n[[match]]\n', "no source 'nowhere'"),
        ('title="t"\nbecause="documented"\nsource="rfc-9110"\n[[match]]\n[body]\nsteps=["unzip"]', "no step 'unzip'"),
        ('title="t"\nbecause="documented"\nsource="rfc-9110"\nuse=["nothing"]\n[[match]]\n', "'nothing'"),
    ],
)
def test_a_broken_adapter_is_named(tmp_path, text, fault):
    (tmp_path / "adapters").mkdir()
    (tmp_path / "adapters" / "mine.toml").write_text(text)
    (found,) = set(load(tmp_path).faults) - set(load().faults)
    assert "mine.toml" in found
    assert fault in found


def test_a_new_message_is_one_toml_file_and_a_sample(tmp_path):
    """The recipe of CONTRIBUTING.md, done in an empty folder: no Python is touched."""
    shutil.copy(SAMPLES / "ai_py_v1" / "ai_py_v1.mitm", tmp_path / "new.mitm")
    (tmp_path / "adapters").mkdir()
    (tmp_path / "adapters" / "my-telemetry.toml").write_text(
        """
title = "My telemetry"
because = "observed"
source = "rfc-9110"
order = 1
use = ["http"]
[[match]]
hosts = ["dc.services.visualstudio.com"]
paths = ["/{version}/track"]
[body]
steps = ["json"]
events = "[]"
name = "data.baseType"
[rules]
"path:version" = { is = "schemaVersion", because = "observed", source = "rfc-9110" }
"body:[].tags.ai.user.id" = { is = "upn", because = "observed", source = "rfc-9110" }
"""
    )
    known = load(tmp_path)
    assert known.faults == ()
    (exchange,) = read(tmp_path / "new.mitm", "r")
    message = decode(exchange, known.adapters)
    assert message.adapter == "my-telemetry"
    assert [e.name for e in message.events if e.kind == "record"][:2] == ["EventData", "MetricData"]
    adapter = known.adapters["my-telemetry"]
    assert adapter.rule("body:[].tags.ai.user.id").is_ == "upn"
    assert adapter.rule("header:user-agent").origin == "http"


def test_all_tables_are_read(knowledge):
    assert {path.stem for path in DATA.glob("adapters/*.toml")} == {a.id for a in knowledge.adapters.all}
    assert knowledge.adapters["generic"].rule("header:user-agent").is_ == "userAgent"
    with pytest.raises(KeyError):
        knowledge.adapters["nothing"]

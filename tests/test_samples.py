"""What must hold of the bundled samples: the knowledge is good enough for them."""

from pathlib import Path

import pytest

from portalscope.capture.exchange import Exchange
from portalscope.capture.read import read
from portalscope.decoders.decode import decode
from portalscope.decoders.judging import classifier, judge
from portalscope.decoders.knowledge import load
from tests.truth import oracle, seen

SAMPLES = Path(__file__).parent.parent / "samples"
FOLDERS = sorted(path.parent for path in SAMPLES.glob("*/expected.json"))
BUSY = [folder for folder in FOLDERS if oracle(folder)["n_flows"]]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_sample_says_where_it_is_from(folder):
    origin = (folder / "ORIGIN.md").read_text("utf-8")
    for word in ("Who produced the bytes", "How:", "may be redistributed", "invented"):
        assert word in origin.replace("**", "")


@pytest.mark.parametrize("folder", BUSY, ids=lambda folder: folder.name)
def test_nine_in_ten_fields_are_known_by_more_than_their_name(folder):
    firm, weak = set(), set()
    for one in seen(folder, folder / f"{folder.name}.mitm")[0]:
        for event, judged in zip(one.message.events, one.findings, strict=True):
            for field, finding in zip(event.fields, judged, strict=True):
                strong = any(ground.level != "H1" for ground in finding.evidence)
                (firm if strong else weak).add((one.message.adapter, event.name, field.key))
    weak -= firm
    assert len(firm) >= 0.9 * len(firm | weak), sorted(weak)


@pytest.mark.parametrize("folder", BUSY, ids=lambda folder: folder.name)
def test_a_flow_file_and_its_har_say_the_same(folder):
    """The doors differ only where the format loses something: the HAR has bodies unpacked, and header order aside."""
    both = [seen(folder, folder / f"{folder.name}.{kind}")[0] for kind in ("mitm", "har")]
    for flow, har in zip(*both, strict=True):
        for part in ("body", "path", "query"):
            found = [
                [(f.path, f.value, j.property, j.code) for f, j in one.leaves() if f.part == part]
                for one in (flow, har)
            ]
            assert found[0] == found[1]


def test_three_doors_give_the_same_events_and_findings():
    """A flow file, a HAR and a pcap with its TLS key log of one and the same traffic."""
    known = load()
    judging = classifier(judge(known, {}))
    doors = [
        read(SAMPLES / "ort132" / "ort132.mitm", "r"),
        read(SAMPLES / "ort132" / "ort132.har", "r"),
        read(SAMPLES / "pcap_ort132" / "ort132.pcap", "r", None, [SAMPLES / "pcap_ort132" / "ort132.keylog"]),
    ]
    found = []
    for door in doors:
        (exchange,) = (item for item in door if isinstance(item, Exchange))
        message = decode(exchange, known.adapters)
        judged = judging.findings(message, known.adapters[message.adapter])
        found.append(
            [
                (f.key, f.value, j)
                for e, js in zip(message.events, judged, strict=True)
                for f, j in zip(e.fields, js, strict=True)
                if f.part == "body"
            ]
        )
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 78

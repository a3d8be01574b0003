"""The picture: well-formed, no script, labels instead of values, one line for each recipient and step."""

import json
import xml.etree.ElementTree as ET

import pandas as pd

from portalscope.analysis import link_picture, links

KNOWN = pd.DataFrame(
    [("I1", "upn", "D1", False), ("I2", "deviceId", "D3", False), ("I3", "deviceId", "D3", False), ("I4", "accessToken", "S1", False), ("I5", "otherIdentifiers", "D3", True)],
    columns=["key", "property", "class", "candidate"],
)  # fmt: skip


def link(identifier, strength, *steps, recipient="Microsoft Corporation", candidate=False):
    row = dict.fromkeys(links.LINKS.names, "")
    said = [{"from": a, "to": b, "reason": reason} for a, b, reason in steps]
    return {
        **row,
        "identifier": identifier,
        "strength": strength,
        "recipient": recipient,
        "candidate": candidate,
        "steps": json.dumps(said),
    }


def drawn(*rows, lang="en"):
    table = pd.DataFrame(rows, columns=links.LINKS.names)
    return link_picture.svg(table, KNOWN, "nothing here", lang)


def parsed(text):
    root = ET.fromstring(text)
    space = "{http://www.w3.org/2000/svg}"
    paths = [path for path in root.iter(f"{space}path") if path.find(f"{space}title") is not None]
    return root, [text.text for text in root.iter(f"{space}text")], paths


def test_boxes_by_distance_and_lines_by_recipient():
    _, texts, paths = parsed(
        drawn(
            link("I1", "itself"),
            link("I2", "direct", ("I2", "I1", "same_event")),
            link("I2", "direct", ("I2", "I1", "same_request"), recipient="Adjust GmbH"),
        )
    )
    assert {"User principal name", "Device identifier", "Direct identifier", "One step away"} <= {*texts}
    assert {"Microsoft Corporation", "Adjust GmbH"} <= {*texts}
    assert len(paths) == 2
    assert len({path.get("stroke") for path in paths}) == 2
    assert paths[0][0].text == "Device identifier – User principal name: same event; Microsoft Corporation"


def test_identifiers_of_one_kind_share_a_box():
    _, texts, paths = parsed(
        drawn(
            link("I1", "itself"),
            link("I2", "direct", ("I2", "I1", "same_event")),
            link("I3", "direct", ("I3", "I1", "same_event")),
        )
    )
    assert "D3 × 2" in texts
    assert len(paths) == 1


def test_a_token_on_the_way_is_drawn():
    steps = (("I2", "I4", "same_token"), ("I4", "I1", "same_token"))
    _, texts, paths = parsed(drawn(link("I1", "itself"), link("I2", "one_hop", *steps)))
    assert "Access token" in texts
    assert len(paths) == 2


def test_what_is_no_finding_is_dashed():
    _, _, (possible,) = parsed(drawn(link("I1", "itself"), link("I2", "possible", ("I2", "I1", "same_address"))))
    assert possible.get("stroke-dasharray")
    guess = drawn(link("I1", "itself"), link("I5", "direct", ("I5", "I1", "same_event"), candidate=True))
    assert 'class="box guess"' in guess


def test_no_script_and_nothing_to_fetch():
    text = drawn(link("I1", "itself"))
    assert "<script" not in text
    assert "href" not in text
    assert text.count("http") == 1, "the name space"


def test_dutch():
    assert "Aanmeldnaam (UPN)" in drawn(link("I1", "itself"), lang="nl")


def test_hostile_names_stay_text():
    evil = '"><script>alert(1)</script>'
    _, texts, _ = parsed(drawn(link("I1", "itself"), link("I2", "direct", ("I2", "I1", "same_event"), recipient=evil)))
    assert evil in texts


def test_a_long_column_is_cut_and_says_so():
    known = pd.DataFrame(
        [(f"I{n}", f"made-up-{n}", "D3", False) for n in range(20)], columns=["key", "property", "class", "candidate"]
    )
    table = pd.DataFrame([link(f"I{n}", "none") for n in range(20)], columns=links.LINKS.names)
    _, texts, _ = parsed(link_picture.svg(table, known, "", "en"))
    assert f"dashed: candidate; {20 - link_picture.MOST} more are in the table" in texts


def test_nothing_to_draw():
    assert parsed(drawn())[1] == ["nothing here"]

"""The field numbers of Common Schema, against a few that the SDK's own bytes and decoder show."""

from portalscope.decoders.wire.common_schema_fields import EXTENSIONS, RECORD


def test_numbers_that_were_seen_on_the_wire():
    assert (RECORD[3], RECORD[70]) == ("time", "data")
    assert EXTENSIONS[21] == ("protocol", {1: "metadataCrc", 2: "ticketKeys", 3: "devMake", 4: "devModel", 5: "msp"})
    assert EXTENSIONS[23][1][2] == "localId"
    assert EXTENSIONS[28][1][999] == "dnt"
    assert EXTENSIONS[33][1][3] == "tz"


def test_no_name_stands_for_two_numbers():
    for name, fields in EXTENSIONS.values():
        assert len(set(fields.values())) == len(fields), name
    assert len({name for name, _ in EXTENSIONS.values()}) == len(EXTENSIONS)
    assert not RECORD.keys() & EXTENSIONS.keys()

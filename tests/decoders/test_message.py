"""What decoding gives."""

from portalscope.decoders.message import NOTHING, DecodeError, Field, Media, Missing


def test_rules_are_keyed_by_part_and_shape():
    assert Field(part="body", path="[3].a", shape="[].a", value=1).key == "body:[].a"


def test_an_error_keeps_what_was_read_and_what_was_not():
    error = DecodeError("why", b"rest", [1])
    assert (error.why, error.rest, error.partial) == ("why", b"rest", [1])
    assert isinstance(DecodeError("why").partial, Missing)
    assert DecodeError("why").partial is NOTHING


def test_documents_and_values_stay_out_of_representations():
    assert "secret" not in repr(Media("text/html", 6, b"secret"))
    assert "secret" not in repr(Field(part="body", path="a", shape="a", value="v", document=b"secret"))

"""XML: what comes out, what is refused, what a broken document leaves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError, Missing
from portalscope.decoders.wire.xml_text import MAX_DEPTH, MAX_ELEMENTS, element, xml_text


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        (b"<a>t</a>", {"a": "t"}),
        (b"<a/>", {"a": ""}),
        (b'<a x="1">t</a>', {"a": {"@x": "1", "#text": "t"}}),
        (b"<a>\n <b>1</b>\n <c>2</c>\n</a>", {"a": {"b": "1", "c": "2"}}),
        (b"<a><b>1</b><c/><b>2</b></a>", {"a": {"b": ["1", "2"], "c": ""}}),
        (b'<s:a xmlns:s="urn:s" s:x="1" y="2"/>', {"a": {"@x": "1", "@y": "2"}}),
        (b"<a>one <b>two</b> three</a>", {"a": {"b": "two", "#text": "one  three"}}),
        (b"<a>&lt;b&gt; <![CDATA[<c>]]>&#233;</a>", {"a": "<b> <c>é"}),
        (b"<a><!-- made by Kim --><?p q?></a>", {"a": {"#comment": " made by Kim ", "#instruction": "p q"}}),
    ],
)
def test_documents(text, tree):
    assert xml_text(text) == tree


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbf<a>\xc3\xa9</a>",
        '<?xml version="1.0" encoding="utf-16"?><a>é</a>'.encode("utf-16"),
        "<a>é</a>".encode("utf-16-le"),
        '<?xml version="1.0" encoding="windows-1252"?><a>é</a>'.encode("cp1252"),
        '<?xml version="1.0" encoding="iso-8859-1"?><a>é</a>'.encode("latin-1"),
    ],
)
def test_encodings(text):
    assert xml_text(text) == {"a": "é"}


@pytest.mark.parametrize(
    "text",
    [
        b"<!DOCTYPE a><a>x</a>",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "http://192.0.2.1/a.dtd"><a/>',
    ],
)
def test_document_types_and_entities_are_refused(text):
    with pytest.raises(DecodeError) as caught:
        xml_text(text)
    assert "refused" in caught.value.why
    assert caught.value.rest == text
    assert isinstance(caught.value.partial, Missing)


def test_entities_are_refused_where_a_document_type_is_allowed():
    with pytest.raises(DecodeError, match="refused"):
        element(b'<!DOCTYPE plist [<!ENTITY x "y">]><plist>&x;</plist>', document_type=True)


def test_a_document_that_breaks_off_leaves_what_came_before():
    with pytest.raises(DecodeError) as caught:
        xml_text(b"<a><b>1</b><c>secr")
    assert caught.value.partial == {"a": {"b": "1", "c": "secr"}}
    assert caught.value.rest == b""


def test_what_follows_the_document_is_the_rest():
    with pytest.raises(DecodeError) as caught:
        xml_text(b"<a>x</a>\0\0")
    assert (caught.value.partial, caught.value.rest) == ({"a": "x"}, b"\0\0")


def test_a_fault_does_not_quote_the_document():
    with pytest.raises(DecodeError) as caught:
        xml_text(b"<a>&hunter2;</a>")
    assert "hunter2" not in caught.value.why


def test_nesting_is_bounded():
    with pytest.raises(DecodeError, match="nested deeper") as caught:
        xml_text(b"<a>" * 500_000)
    assert len(caught.value.rest) > 1_000_000
    assert xml_text(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH)


def test_the_number_of_elements_is_bounded():
    with pytest.raises(DecodeError, match="elements") as caught:
        xml_text(b"<r>" + b"<a/>" * 600_000 + b"</r>")
    assert len(caught.value.partial["r"]["a"]) == MAX_ELEMENTS - 1


@given(st.binary(max_size=300) | st.text(alphabet="<>/!?ab =\"'&;[]-", max_size=60).map(str.encode))
def test_any_bytes(data):
    try:
        assert isinstance(xml_text(data), dict)
    except DecodeError as error:
        assert error.rest in data

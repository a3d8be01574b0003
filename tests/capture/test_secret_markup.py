"""Where values of secret names stand in markup; also in broken and hostile markup, in bounded time."""

import time

import pytest

from portalscope.capture.secret_markup import attributes, elements, entries, inputs, nodes, parts
from portalscope.capture.secret_names import Names, table

NAMES = Names(table())


def found(look, data):
    return [data[place.start : place.end] for place in look(data, NAMES)]


@pytest.mark.parametrize(
    ("xml", "values"),
    [
        (b'<wsse:Password Type="PasswordText"> se&lt;cret </wsse:Password>', [b"se&lt;cret"]),
        (b"<Password/><Password></Password><PasswordLength>8</PasswordLength>", []),
        (b"&lt;keyMaterial&gt;wifi pass&lt;/keyMaterial&gt;", [b"wifi pass"]),
        (b"\\u003cPassword\\u003eabcd\\u003c/Password\\u003e", [b"abcd"]),
        (b"<keyMaterial><![CDATA[<a>b]]></keyMaterial>", [b"<a>b"]),
        (b"<Password>cut off", [b"cut off"]),
        (b"<Password><Min>8</Min></Password>", []),
        (b'<TicketType Name="MSA"><Device>one</Device><User> two </User></TicketType>', [b"one", b"two"]),
        (b"<EncryptedData><![CDATA[one]]>two</EncryptedData>", [b"one", b"two"]),
    ],
)
def test_elements(xml, values):
    assert found(elements, xml) == values


def test_the_envelope_of_an_enrolment_is_no_secret():
    envelope = b"<wst:RequestSecurityToken><ac:Value>HONEY-LAPTOP</ac:Value></wst:RequestSecurityToken>"
    assert found(elements, envelope) == []


def test_property_lists():
    data = b"<key>UnlockToken</key>\n<data>\n\tAAEC\n</data><key>Token</key><data>push</data>"
    assert found(entries, data) == [b"AAEC"]


def test_syncml_names_the_secret_by_its_locuri():
    item = (
        b"<Item><Target><LocURI>./Device/Vendor/MSFT/Accounts/Users/anna/%s</LocURI></Target>"
        b"<Meta><Format>chr</Format></Meta><Data>hunter22</Data></Item>"
    )
    assert found(nodes, item % b"Password") == [b"hunter22"]
    assert found(nodes, item % b"LocalUserGroup") == []
    assert found(nodes, b"<LocURI>x/Password</LocURI></Item><Item><Data>other</Data>") == []
    assert found(nodes, b"<Cred><Meta/><Data>QnJ1Y2Uy</Data></Cred><Data>no</Data>") == [b"QnJ1Y2Uy"]


def test_names_and_values_in_either_order():
    assert found(inputs, b'<parm name="AAUTHSECRET" value="dummy"/>') == [b"dummy"]
    page = b'<input value="0.AAA" type=hidden name="code"><input name=\'state\' value="x">'
    assert found(inputs, page) == [b"0.AAA"]
    assert found(inputs, b'<input name="code" value="US">') == []


def test_attributes_and_parameters_of_headers():
    assert found(attributes, b'<app tttoken="abcd" id="x">') == [b"abcd"]
    assert found(attributes, b"PKeyAuth Context=\"1\", AuthToken='abc'") == [b"abc"]


def test_parts_of_a_multipart_form():
    head = b'--b\r\nContent-Disposition: form-data; name="%s"\r\nContent-Type: text/plain\r\n\r\nhunter2\r\n--b--'
    assert found(parts, head % b"password") == [b"hunter2"]
    assert found(parts, head % b"comment") == []


HOSTILE = [
    b"<password>",
    b"<TicketType>",
    b"<TicketType ",
    b"&lt;password ",
    b"<Cred><Data>",
    b"<LocURI>x/Password</LocURI>",
    b' name="password" value',
    b'form-data name="password"\r\n\r\n',
    b"<password><![CDATA[",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_the_text_and_no_faster(piece):
    data = piece * (200_000 // len(piece))
    start = time.process_time()
    for look in (elements, entries, nodes, inputs, attributes, parts):
        list(look(data, NAMES))
    assert time.process_time() - start < 60  # what is quadratic takes many minutes

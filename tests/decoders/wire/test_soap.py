"""SOAP of enrolment. The messages have the form of the examples in MS-MDE2 4.1 and 4.3.1.4; the values are invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.tree import leaves
from portalscope.decoders.wire.soap import soap

DISCOVER = b"""<?xml version="1.0"?>
<s:Envelope xmlns:a="http://www.w3.org/2005/08/addressing" xmlns:s="http://www.w3.org/2003/05/soap-envelope">
 <s:Header><a:Action s:mustUnderstand="1">
   http://schemas.microsoft.com/windows/management/2012/01/enrollment/IDiscoveryService/Discover
  </a:Action><a:MessageID>urn:uuid:1</a:MessageID></s:Header>
 <s:Body><Discover xmlns="http://schemas.microsoft.com/windows/management/2012/01/enrollment/"><request>
   <EmailAddress>user@contoso.example</EmailAddress><OSEdition>3</OSEdition><AuthPolicies><AuthPolicy>OnPremise</AuthPolicy>
 </AuthPolicies></request></Discover></s:Body></s:Envelope>"""

REQUEST = b"""<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:wsse="urn:w" xmlns:wst="urn:t" xmlns:ac="urn:a">
 <s:Header><wsse:Security s:mustUnderstand="1"><wsse:UsernameToken><wsse:Username>user@contoso.example</wsse:Username>
  <wsse:Password wsse:Type="urn:PasswordText">secret</wsse:Password></wsse:UsernameToken></wsse:Security></s:Header>
 <s:Body><wst:RequestSecurityToken><wsse:BinarySecurityToken ValueType="urn:PKCS10">
   TUlJ
 </wsse:BinarySecurityToken><ac:AdditionalContext xmlns="urn:a">
  <ac:ContextItem Name="DeviceName"><ac:Value>KIMS-LAPTOP</ac:Value></ac:ContextItem>
  <ac:ContextItem Name="MAC"><ac:Value>00-11-22-33-44-55</ac:Value></ac:ContextItem>
  <ac:ContextItem Name="MAC"><ac:Value>00-11-22-33-44-66</ac:Value></ac:ContextItem>
  <ac:ContextItem Name="Odd">text<ac:Value>1</ac:Value><ac:Value>2</ac:Value></ac:ContextItem>
 </ac:AdditionalContext></wst:RequestSecurityToken></s:Body></s:Envelope>"""


def found(data):
    return {path: value for path, _, value, _ in leaves(soap(data))}


def test_discovery():
    assert found(DISCOVER) == {
        "Header.Action.@mustUnderstand": "1",
        "Header.Action.#text": "http://schemas.microsoft.com/windows/management/2012/01/enrollment/IDiscoveryService/Discover",
        "Header.MessageID": "urn:uuid:1",
        "Body.Discover.request.EmailAddress": "user@contoso.example",
        "Body.Discover.request.OSEdition": "3",
        "Body.Discover.request.AuthPolicies.AuthPolicy[0]": "OnPremise",
    }


def test_certificate_request():
    context = "Body.RequestSecurityToken.AdditionalContext"
    assert found(REQUEST) == {
        "Header.Security.@mustUnderstand": "1",
        "Header.Security.UsernameToken.Username": "user@contoso.example",
        "Header.Security.UsernameToken.Password.@Type": "urn:PasswordText",
        "Header.Security.UsernameToken.Password.#text": "secret",
        "Body.RequestSecurityToken.BinarySecurityToken.@ValueType": "urn:PKCS10",
        "Body.RequestSecurityToken.BinarySecurityToken.#text": "TUlJ",
        f"{context}.DeviceName": "KIMS-LAPTOP",
        f"{context}.MAC[0]": "00-11-22-33-44-55",
        f"{context}.MAC[1]": "00-11-22-33-44-66",
        f"{context}.#ContextItem.@Name": "Odd",
        f"{context}.#ContextItem.Value[0]": "1",
        f"{context}.#ContextItem.Value[1]": "2",
        f"{context}.#ContextItem.#text": "text",
    }


def test_one_adapter_is_a_list_too():
    one = REQUEST.replace(b'<ac:ContextItem Name="MAC"><ac:Value>00-11-22-33-44-66</ac:Value></ac:ContextItem>', b"")
    assert "Body.RequestSecurityToken.AdditionalContext.MAC[0]" in found(one)


@pytest.mark.parametrize("size", range(0, len(REQUEST), 11))
def test_any_truncation(size):
    with pytest.raises(DecodeError) as caught:
        soap(REQUEST[:size])
    if size > 500:
        assert caught.value.partial["Header"]["Security"]["UsernameToken"]["Username"] == "user@contoso.example"


def test_another_document_is_no_envelope():
    with pytest.raises(DecodeError, match="not a SOAP"):
        soap(b"<a/>")


@given(st.binary(max_size=100))
def test_any_bytes(data):
    with pytest.raises(DecodeError):
        soap(data)

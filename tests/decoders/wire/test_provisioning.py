"""Provisioning documents in the form of the example in MS-MDE2 4.3.2; thumbprints and servers are invented."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalscope.decoders.message import DecodeError
from portalscope.decoders.tree import leaves
from portalscope.decoders.wire.provisioning import wap_provisioning

DOCUMENT = b"""<wap-provisioningdoc version="1.1">
 <characteristic type="CertificateStore">
  <characteristic type="Root"><characteristic type="System">
   <characteristic type="031336C933CC7E228B88880D78824FB2909A0A2F"><parm name="EncodedCertificate" value="B64"/></characteristic>
  </characteristic></characteristic>
  <characteristic type="My"><characteristic type="User"><characteristic type="PrivateKeyContainer">
   <parm name="KeySpec" value="2"/></characteristic></characteristic></characteristic>
 </characteristic>
 <characteristic type="APPLICATION"><parm name="APPID" value="w7"/><parm name="CONNRETRYFREQ" value="6" datatype="integer"/>
  <characteristic type="APPAUTH"><parm name="AAUTHLEVEL" value="CLIENT"/><parm name="AAUTHSECRET" value="secret"/></characteristic>
  <characteristic type="APPAUTH"><parm name="AAUTHLEVEL" value="APPSRV"/></characteristic></characteristic>
 <characteristic type="DMClient"><characteristic type="Provider"><characteristic type="MS DM Server">
  <parm name="EntDMID" value="00000000-0000-4000-8000-000000000001"/></characteristic></characteristic></characteristic>
</wap-provisioningdoc>"""


def found(data):
    return {path: value for path, _, value, _ in leaves(wap_provisioning(data))}


def test_a_document():
    assert found(DOCUMENT) == {
        "@version": "1.1",
        "CertificateStore.Root.System.*[0].thumbprint": "031336C933CC7E228B88880D78824FB2909A0A2F",
        "CertificateStore.Root.System.*[0].EncodedCertificate": "B64",
        "CertificateStore.My.User.PrivateKeyContainer.KeySpec": "2",
        "APPLICATION[0].APPID": "w7",
        "APPLICATION[0].CONNRETRYFREQ": "6",
        "APPLICATION[0].CONNRETRYFREQ@datatype": "integer",
        "APPLICATION[0].APPAUTH[0].AAUTHLEVEL": "CLIENT",
        "APPLICATION[0].APPAUTH[0].AAUTHSECRET": "secret",
        "APPLICATION[0].APPAUTH[1].AAUTHLEVEL": "APPSRV",
        "DMClient.Provider.*[0].provider": "MS DM Server",
        "DMClient.Provider.*[0].EntDMID": "00000000-0000-4000-8000-000000000001",
    }


def test_in_base64_with_line_breaks():
    assert wap_provisioning(base64.encodebytes(DOCUMENT)) == wap_provisioning(DOCUMENT)


def test_what_the_schema_does_not_know_is_kept():
    odd = b'<wap-provisioningdoc>1<parm value="2"/><characteristic><parm name="a" value="3"/></characteristic><b>4</b></wap-provisioningdoc>'
    assert set("1234") <= set(found(odd).values())


@pytest.mark.parametrize("size", range(0, len(DOCUMENT), 11))
def test_any_truncation(size):
    with pytest.raises(DecodeError) as caught:
        wap_provisioning(DOCUMENT[:size])
    if size > 600:
        assert "CertificateStore" in caught.value.partial


@pytest.mark.parametrize("data", [b"<a/>", b"PGEvPg==", b"not base64!", b""])
def test_something_else(data):
    with pytest.raises(DecodeError):
        wap_provisioning(data)


@given(st.binary(max_size=100))
def test_any_bytes(data):
    with pytest.raises(DecodeError):
        wap_provisioning(data)

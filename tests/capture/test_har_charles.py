"""HAR files in the form of Charles 4: SYNTHETIC, after published exports."""

import base64
import io
import json

from portalscope.capture.exchange import Exchange
from portalscope.capture.har import har

ANSWER = b'{"acc":1}\xff'


def entry(status="COMPLETE", **request):
    """One entry as Charles writes it: HTTP/2 with pseudo-headers, null where it knows nothing, bodies in base64."""
    content = {"size": 10, "mimeType": None, "text": base64.b64encode(ANSWER).decode(), "encoding": "base64"}
    response = {
        "_charlesStatus": status,
        "status": 200,
        "statusText": None,
        "httpVersion": "HTTP/2.0",
        "cookies": [],
        "headers": [{"name": ":status", "value": "200"}, {"name": "content-length", "value": "10"}],
        "content": content,
        "redirectURL": None,
        "headersSize": 0,
        "bodySize": 10,
    }
    asked = {
        "method": "POST",
        "url": "https://mobile.events.data.microsoft.com/OneCollector/1.0?cors=true",
        "httpVersion": "HTTP/2.0",
        "cookies": [],
        "headers": [
            {"name": ":method", "value": "POST"},
            {"name": ":authority", "value": "mobile.events.data.microsoft.com"},
            {"name": "content-type", "value": "application/json"},
        ],
        "queryString": [{"name": "cors", "value": "true"}],
        "postData": {"mimeType": "application/json", "text": "{}"},
        "headersSize": 56,
        "bodySize": 2,
        **request,
    }
    return {
        "startedDateTime": "2019-01-17T11:08:28.482+08:00",
        "time": 41,
        "request": asked,
        "response": response,
        "serverIPAddress": "192.0.2.7",
        "cache": {},
        "timings": {"dns": -1, "connect": 1, "ssl": 2, "send": 0, "wait": 40, "receive": 1},
    }


def read(*entries):
    log = {"version": "1.2", "creator": {"name": "Charles Proxy", "version": "4.2.7"}, "entries": list(entries)}
    return list(har(io.BytesIO(json.dumps({"log": log}).encode()), "charles.har", "run"))


def test_an_entry_of_charles():
    (one,) = read(entry())
    assert one.at.isoformat() == "2019-01-17T03:08:28.482000+00:00"
    assert (one.method, one.http, one.server_ip, one.duration) == ("POST", "HTTP/2.0", "192.0.2.7", 0.041)
    assert (one.host, one.path, one.query) == ("mobile.events.data.microsoft.com", "/OneCollector/1.0", "cors=true")
    assert one.headers == (("content-type", "application/json"),)
    assert (one.body, one.status, one.response_body) == (b"{}", 200, ANSWER)


def test_a_form_of_which_only_the_fields_are_there():
    form = {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "upn", "value": "Anna Test"}]}
    (one,) = read(entry(postData=form))
    assert one.body == b"upn=Anna+Test"


def test_an_answer_that_broke_off_is_counted():
    one, problem = read(entry("EXCEPTION"))
    assert isinstance(one, Exchange)
    assert (problem.part, problem.why) == ("response", "the connection broke before the answer was whole")

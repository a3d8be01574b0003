"""Google's messages, end to end: a real update check, and Firebase requests built after Google's own clients."""

import base64
import json

from tests.decoders.test_windows_messages import JSON, judged, sent
from tests.decoders.wire.test_protobuf import DESCRIPTOR
from tests.decoders.wire.test_safe_json import REPLY

# sent by Chromium 156 to a server of our own
OMAHA = (
    b'{"request":{"@os":"linux","@updater":"chromium","acceptformat":"crx3,download,puff,run,xz,zucc","apps":[{"appid":'
    b'"ceofaddefefcbblgcgnibnonglccbfja","enabled":true,"installsource":"ondemand","lang":"en-US","manifest_channel":"",'
    b'"ping":{"r":-2},"updatecheck":{},"version":"0.0.0.0"}],"arch":"x64","dedup":"cr","hw":{"avx":true,"physmemory":24,'
    b'"sse":true,"sse2":true,"sse3":true,"sse41":true,"sse42":true,"ssse3":true},"ismachine":false,"os":{"arch":"x86_64",'
    b'"platform":"Linux","version":"6.18.44-fc-v657"},"prodchannel":"built on Debian GNU/Linux 12 (bookworm)",'
    b'"prodversion":"156.0.8078.79","protocol":"4.0","requestid":"{44440a2e-23ea-49b4-9503-eee64a62cdf9}","sessionid":'
    b'"{25cf5a38-dfbf-457e-b49d-a494132bd524}","updaterchannel":"built on Debian GNU/Linux 12 (bookworm)",'
    b'"updaterversion":"156.0.8078.79"}}'
)
# one bundle: 1 version, 2 event {2 name}, 8 platform, 21 app instance id, 27 device id
BUNDLE = bytes.fromhex("0a270801120712057374617274420761" + "6e64726f6964aa01056162636465da01083031323334353637")
FIRELOG = {
    "logRequest": [
        {
            "requestTimeMs": "1700000000000",
            "clientInfo": {
                "clientType": "ANDROID_FIREBASE",
                "androidClientInfo": {"model": "Pixel", "mccMnc": "20404"},
            },
            "logSourceName": "FIREBASE_CRASHLYTICS_REPORT",
            "logEvent": [
                {
                    "timezoneOffsetSeconds": "3600",
                    "sourceExtensionJsonProto3": json.dumps(
                        {"installationUuid": "0", "session": {"os": {"jailbroken": False}}}
                    ),
                    "sourceExtension": base64.b64encode(DESCRIPTOR).decode(),
                }
            ],
        }
    ]
}


def test_a_real_update_check(knowledge):
    headers = (("Content-Type", "application/json"), ("X-Goog-Update-AppId", "ceofaddefefcbblgcgnibnonglccbfja"))
    exchange = sent(
        "POST", "update.googleapis.com", "/service/update2/json", "cup2key=1:a&cup2hreq=b", OMAHA, headers, REPLY
    )
    message, found, rules = judged(knowledge, exchange)
    assert message.adapter == "omaha"
    assert not message.problems
    assert None not in rules.values()
    assert found["header:x-goog-update-appid"] == ("appInventory", "documented")
    assert found["body:request.sessionid"] == ("sessionId", "documented")
    assert found["body:request.prodchannel"] == ("appVersion", "observed")
    assert found["response:response.daystart.elapsed_days"] == ("protocolField", "documented")


def test_firebase_installations(knowledge):
    body = json.dumps(
        {"fid": "f", "appId": "1:1:android:1", "authVersion": "FIS_v2", "sdkVersion": "a:17.0.0"}
    ).encode()
    answer = (
        b'{"name":"projects/1/installations/f","fid":"f","refreshToken":"r","authToken":{"token":"t","expiresIn":"1s"}}'
    )
    path = "/v1/projects/p/installations"
    headers = (*JSON, ("x-goog-api-key", "k"), ("X-Android-Cert", "AA"))
    message, found, rules = judged(
        knowledge, sent("POST", "firebaseinstallations.googleapis.com", path, "", body, headers, answer)
    )
    assert message.adapter == "firebase-installations"
    assert found["body:fid"] == ("installationId", "source code")
    assert found["header:x-android-cert"] == ("productKey", "source code")
    assert found["response:refreshToken"] == ("refreshToken", "source code")
    assert None not in rules.values()


def test_push_registration(knowledge):
    body = b"X-osv=34&device=123&X-scope=*&app=com.contoso&X-cliv=fcm-24&sender=1&X-appid=f&X-gmp_app_id=1"
    headers = (("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", "AidLogin 1:2"))
    message, found, rules = judged(
        knowledge, sent("POST", "fcmtoken.googleapis.com", "/register", "", body, headers, b"token=abc:def", ())
    )
    assert message.adapter == "fcm-register"
    assert found["body:device"] == ("deviceId", "source code")
    assert found["body:X-appid"] == ("installationId", "source code")
    assert found["response:token"] == ("pushNotificationToken", "from memory")
    assert None not in rules.values()


def test_firelog_opens_json_and_protobuf_inside(knowledge):
    host, path = "crashlyticsreports-pa.googleapis.com", "/v1/firelog/legacy/batchlog"
    message, found, rules = judged(knowledge, sent("POST", host, path, "", json.dumps(FIRELOG).encode(), JSON))
    assert message.adapter == "crashlytics-firelog"
    inner = "body:logRequest[].logEvent[].sourceExtensionJsonProto3|json."
    assert found[inner + "installationUuid"] == ("installationId", "source code")
    assert found[inner + "session.os.jailbroken"] == ("isRooted", "source code")
    assert "body:logRequest[].logEvent[].sourceExtension|protobuf.4.2[].1" in rules
    assert found["body:logRequest[].clientInfo.androidClientInfo.mccMnc"] == ("mobileNetworkCode", "source code")


def test_firelog_in_protobuf(knowledge):
    # cct.proto: 1 log_request {1 client_info {1 type 15, 4 ios {3 "17", 7 "iPhone14,2"}}, 2 source 462, 4 time}
    body = bytes.fromhex("0a200a14080f22101a0231373a0a6950686f6e6531342c3210ce032080d095ffbc31")
    headers = (("Content-Type", "application/x-protobuf"),)
    exchange = sent("POST", "firebaselogging.googleapis.com", "/v0cc/log/batch", "", body, headers)
    message, found, _ = judged(knowledge, exchange)
    assert message.adapter == "crashlytics-firelog-protobuf"
    assert not message.problems
    assert found["body:1.1.4.7"] == ("model", "source code")
    assert found["body:1.4"] == ("eventTime", "source code")


def test_app_measurement_by_the_community_s_numbers(knowledge):
    exchange = sent("POST", "app-measurement.com", "/a", "", BUNDLE, (("Content-Type", "application/x-protobuf"),))
    message, found, _ = judged(knowledge, exchange)
    assert message.adapter == "app-measurement"
    assert not message.problems
    assert found["body:1.21"] == ("installationId", "reverse-engineered")
    assert found["body:1.27"] == ("developerScopedId", "reverse-engineered")
    assert found["body:1.2.2"] == ("eventName", "reverse-engineered")

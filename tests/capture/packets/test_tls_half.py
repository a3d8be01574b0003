import random
import time

import pytest

from portalscope.capture.packets.tls_half import MOST_SKIPPED, Half
from portalscope.capture.packets.tls_keys import SUITES, Tls13Key
from tests.capture.packets.test_tls_keys import sealed13

HANDSHAKE, TRAFFIC = b"h" * 32, b"t" * 32


def half():
    one = Half()
    one.key, *one.later = (Tls13Key(secret, SUITES[0x1301]) for secret in (HANDSHAKE, TRAFFIC))
    return one


def wire(record):
    return record.header + record.payload


def test_the_next_key_is_found_by_trying():
    one = half()
    assert one.open(sealed13(HANDSHAKE, 0, b"finished\x16")) == (22, b"finished")
    assert one.open(sealed13(TRAFFIC, 0, b"first\x17")) == (23, b"first")
    assert one.open(sealed13(TRAFFIC, 1, b"second\x17")) == (23, b"second")
    updated = Tls13Key(TRAFFIC, SUITES[0x1301]).next().secret
    assert one.open(sealed13(updated, 0, b"third\x17")) == (23, b"third")
    assert one.sequence == 1
    assert not one.later


def test_a_record_that_nobody_opens():
    one = half()
    assert one.open(sealed13(b"x" * 32, 0, b"?\x17")) is None
    assert Half().open(sealed13(HANDSHAKE, 0, b"?\x17")) is None


@pytest.mark.parametrize("lost", [1, 3, 40])
def test_after_a_loss_the_next_record_is_found(lost):
    one = half()
    one.open(sealed13(HANDSHAKE, 0, b"\x16"))
    one.open(sealed13(TRAFFIC, 0, b"a\x17"))
    records = [wire(sealed13(TRAFFIC, 1 + n, b"%03d\x17" % n)) for n in range(lost + 2)]
    one.records.feed(records[0][:10])
    stream = b"".join(records)
    cut = len(b"".join(records[:lost])) + 4  # the loss ends inside a record
    assert one.lose(cut - 10)
    one.records.feed(stream[cut:-1])
    assert one.seek() is None
    one.records.feed(stream[-1:])
    assert one.seek() == (23, b"%03d" % (lost + 1))
    assert one.sequence == lost + 3
    assert not one.seeking
    assert one.take() == records[0][:10] + stream[cut : -len(records[0])]


def test_what_looks_like_a_record_is_passed_over():
    one = half()
    one.lose(100)
    noise = random.Random(1).randbytes(3000) + b"\x17\x03\x03\0\x20" + bytes(32) + b"\x17\x03\x03\xff"
    one.records.feed(noise + wire(sealed13(HANDSHAKE, 2, b"x\x16")))
    assert one.seek() == (22, b"x")


def test_a_loss_of_everything_before_a_key():
    assert not Half().lose(10)
    one = Half()
    one.later = [Tls13Key(TRAFFIC, SUITES[0x1301])]
    assert one.lose(10)
    assert not one.later


def test_records_that_only_look_like_it_cost_little():
    one = half()
    one.lose(1 << 20)
    one.records.feed((b"\x17\x03\x03\0\x20" + bytes(32)) * 20_000)
    began = time.perf_counter()
    with pytest.raises(ValueError, match="too many"):
        one.seek()
    assert time.perf_counter() - began < 5


def test_slack_is_bounded():
    one = half()
    one.lose(1 << 30)
    assert one.slack == MOST_SKIPPED

from portalscope.capture.packets.conversations import reverse
from portalscope.capture.packets.datagrams import BAD_DNS, MOST_OPEN, OTHER_UDP, Datagrams, Lookup, QuicFlow
from portalscope.capture.packets.dns import Names
from portalscope.capture.packets.slicing import slice_packet
from tests.capture.packets.test_dns import message, name
from tests.capture.packets.test_quic import datagrams
from tests.capture.segments import udp

CLIENT, RESOLVER, SERVER = ("192.0.2.10", 40000), ("192.0.2.53", 53), ("198.51.100.5", 443)


def put(table, at, source, target, payload):
    return table.datagram(at, slice_packet(101, udp(source, target, payload)))


def test_a_question_and_its_answer_are_one():
    table = Datagrams(Names())
    question, answer = (
        message("a.example", flags=0x100),
        message("a.example", (name("a.example"), 1, bytes([10, 0, 0, 1]))),
    )
    assert put(table, 5, CLIENT, RESOLVER, question) is None
    assert table.done == []
    assert put(table, 9, RESOLVER, CLIENT, answer) is None
    (lookup,) = table.done
    assert isinstance(lookup, Lookup)
    assert (lookup.at, lookup.sent, lookup.received) == (5, len(question), len(answer))
    assert lookup.message.addresses == ("10.0.0.1",)
    assert table.names.host("10.0.0.1") == "a.example"
    assert not table.asked


def test_an_answer_alone_and_a_question_alone():
    table = Datagrams(Names())
    put(table, 5, RESOLVER, CLIENT, message("a.example"))
    put(table, 6, CLIENT, RESOLVER, message("b.example", flags=0x100))
    table.sweep(7, idle=-1)
    answered, asked = table.done
    assert (answered.sent, answered.key[-2:]) == (None, (53).to_bytes(2))
    assert (asked.received, asked.message.question) == (None, "b.example")


def test_a_question_that_is_asked_again_keeps_its_time():
    table = Datagrams(Names())
    for at in (5, 6):
        put(table, at, CLIENT, RESOLVER, message("a.example", flags=0x100))
    put(table, 9, RESOLVER, CLIENT, message("a.example"))
    assert [lookup.at for lookup in table.done] == [5]


def test_quic():
    table = Datagrams(Names())
    (hello,) = datagrams()
    assert put(table, 5, CLIENT, SERVER, hello) is None
    assert put(table, 6, SERVER, CLIENT, b"\x40" * 1000) is None
    assert put(table, 7, CLIENT, SERVER, b"\x40" * 30) is None
    table.sweep(8, idle=-1)
    (flow,) = table.done
    assert isinstance(flow, QuicFlow)
    assert (flow.at, flow.last, flow.sent, flow.received) == (5, 7, 1230, 1000)
    assert flow.hello.sni == "mobile.events.data.microsoft.com"


def test_quic_that_does_not_open_is_still_a_connection():
    table = Datagrams(Names())
    hello = bytearray(datagrams()[0])
    hello[200] ^= 1
    put(table, 5, CLIENT, SERVER, bytes(hello))
    assert next(iter(table.quic.values())).hello is None


def test_the_rest_is_counted_by_the_caller():
    table = Datagrams(Names())
    assert put(table, 1, CLIENT, ("192.0.2.99", 123), bytes(48)) == OTHER_UDP
    assert put(table, 1, CLIENT, RESOLVER, b"rubbish") == BAD_DNS


def test_what_is_open_is_bounded():
    table = Datagrams(Names())
    for number in range(MOST_OPEN + 3):
        put(table, number, CLIENT, RESOLVER, message(f"n{number}.example", flags=0x100))
    assert len(table.asked) == MOST_OPEN
    assert [lookup.message.question for lookup in table.done] == ["n0.example", "n1.example", "n2.example"]


def test_the_key_is_the_clients():
    table = Datagrams(Names())
    put(table, 5, CLIENT, SERVER, datagrams()[0])
    (key,) = table.quic
    assert reverse(key)[:4] == bytes([198, 51, 100, 5])

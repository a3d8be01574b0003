"""Who listens to the connections of a capture: one that only looks at them, or one that has keys and reads."""

from collections import Counter
from dataclasses import replace
from typing import Protocol

from portalscope.capture.exchange import Exchange
from portalscope.capture.packets.conversations import Conversation
from portalscope.capture.packets.draft import Draft, Place
from portalscope.capture.packets.host_only import HostOnly
from portalscope.capture.packets.http1 import Http1
from portalscope.capture.packets.http2 import Http2
from portalscope.capture.packets.key_log import KeyLog
from portalscope.capture.packets.seen import server
from portalscope.capture.packets.talk import Opener, Talk
from portalscope.capture.packets.tls_closed import ClosedTls
from portalscope.capture.packets.tls_open import OpenTls
from portalscope.capture.packets.tunnel import Tunnel
from portalscope.capture.packets.twins import Twins
from portalscope.capture.problem import Problem

CLOSED: dict[str, Opener] = {
    "tls": ClosedTls,
    "tunnel": Tunnel,
    "http": HostOnly,
    "proxied": HostOnly,
    "h2": HostOnly,
}


class Listening(Protocol):
    """`out` collects what was read, `exchanges` counts them by the connection's number."""

    out: list[Exchange | Problem]
    exchanges: Counter[int]

    def listen(self, conversation: Conversation) -> Talk:
        """Return the talk that hears a new connection."""

    def finish(self) -> None:
        """Learn that the capture is over."""


class Closed:
    """Looks at each connection until it is known who was asked for."""

    def __init__(self) -> None:
        self.out: list[Exchange | Problem] = []
        self.exchanges: Counter[int] = Counter()

    def listen(self, _: Conversation) -> Talk:
        """Return the talk that hears a new connection."""
        return Talk(CLOSED)

    def finish(self) -> None:
        """There is nothing left to say."""


class Opened:
    """Reads what is in clear or has keys. `secrets` are key logs that turn up while the file is read."""

    def __init__(self, file: str, run: str, keys: KeyLog, secrets: list[bytes]) -> None:
        self.file = file
        self.run = run
        self.keys = keys
        self.secrets = secrets
        self.out: list[Exchange | Problem] = []
        self.exchanges: Counter[int] = Counter()
        self.twins = Twins()
        self.proxy_known = False
        self.read = self.given = 0
        self.lacks: dict[str, list[Problem]] = {}

    def listen(self, conversation: Conversation) -> Talk:
        """Return the talk that hears a new connection."""
        ip, port = server(conversation.key)
        number, name = conversation.number, f"{self.file}#tcp{conversation.number}"

        def report(why: str, rest: bytes) -> None:
            self.out.append(Problem(exchange=name, part="file", step="connection", why=why, rest=rest))

        def publish(talk: Talk, draft: Draft) -> None:
            self._publish(number, Place(file=self.file, run=self.run, ip=ip, port=port, facts=talk.facts), draft)

        return Talk(
            {
                "tls": lambda talk: OpenTls(talk, self._keys(), report),
                "tunnel": lambda talk: Tunnel(self._proxied(talk)),
                "http": lambda talk: Http1(talk, lambda draft: publish(talk, draft), report),
                "proxied": lambda talk: Http1(self._proxied(talk), lambda draft: publish(talk, draft), report),
                "h2": lambda talk: Http2(talk, lambda draft: publish(talk, draft), report),
            }
        )

    def finish(self) -> None:
        """Give out what was held back."""
        for exchange in self.twins.rest():
            self._give(exchange)

    def _keys(self) -> KeyLog:
        while self.secrets:
            self.keys.add(self.secrets.pop(0))
        return self.keys

    def _proxied(self, talk: Talk) -> Talk:
        self.proxy_known = talk.facts.proxied = True
        return talk

    def _publish(self, number: int, place: Place, draft: Draft) -> None:
        exchange = replace(draft.exchange(place), id=str(self.read))
        place.facts.host = place.facts.host or exchange.host
        place.facts.port = place.facts.port or exchange.port
        self.read += 1
        self.exchanges[number] += 1
        if problems := list(draft.problems(exchange.id)):
            self.lacks[exchange.id] = problems
        for certain in self.twins.take(exchange, proxied=place.facts.proxied, proxy_known=self.proxy_known):
            self._give(certain)

    def _give(self, exchange: Exchange) -> None:
        """Number an exchange in the order of giving, so that the sides that are left out leave no holes."""
        name = f"{self.file}#{self.given}"
        self.given += 1
        self.out.append(replace(exchange, id=name))
        self.out += [replace(problem, exchange=name) for problem in self.lacks.pop(exchange.id, ())]

"""Values that a researcher planted on the test device, found again in every form, all of them in one pass."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import ahocorasick

from portalscope.decoders.forms import Form, forms
from portalscope.decoders.names import Names
from portalscope.decoders.unwrap import Layer, layers

HEAD = 16  # characters of a form that the automaton knows; the rest is compared where the head was found
WEAK = 6
MIDDLE = 12


class Automaton(Protocol):
    """What is used of `ahocorasick.Automaton`: (position of the last character, number of the head) for every head."""

    def iter(self, text: str, /) -> Iterator[tuple[int, int]]:
        """All heads in a text, overlapping ones too."""
        ...


@dataclass(frozen=True, slots=True)
class Hit:
    """A planted value was found: under which name, in which form, outermost layer first (`base64 > utf-16 > plain`).

    `whole`: it is all that the field holds. `digest`: a reproducible hash of it, so class D2 and not the value's own.
    """

    name: str
    form: str
    whole: bool
    digest: bool = False


@dataclass(frozen=True, slots=True)
class Needle:
    """One form of one planted value, ready to be compared. `bound`: what may not stand beside it."""

    name: str
    form: Form
    folded: str
    bound: str
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """All planted values. Build it once for a run; a search costs the same for ten values and for a thousand."""

    automaton: Automaton
    needles: tuple[tuple[Needle, ...], ...]
    wholes: Mapping[str, tuple[Needle, ...]]

    @classmethod
    def of(
        cls, values: Mapping[str, Sequence[str]], hmac_keys: Sequence[bytes] = (), common: Iterable[str] = ()
    ) -> "Planted":
        """Build from name -> values. `common` are words that only count where they fill a field, in lower case.

        `hmac_keys` are secrets that a sender may have mixed into its hashes.
        """
        everyday = frozenset(common)
        heads: dict[str, list[Needle]] = {}
        wholes: dict[str, list[Needle]] = {}
        for name, texts in values.items():
            for value in texts:
                for needle in needles(name, value, everyday, hmac_keys):
                    if needle.bound == "whole":
                        wholes.setdefault(needle.folded, []).append(needle)
                    else:
                        heads.setdefault(needle.folded[:HEAD], []).append(needle)
        return cls(
            automaton=automaton(heads),
            needles=tuple(map(tuple, heads.values())),
            wholes={text: tuple(found) for text, found in wholes.items()},
        )

    def hits(self, text: str) -> tuple[Hit, ...]:
        """Return every planted value in a text, the longest first, each name and form once."""
        found: dict[Hit, int] = {}
        outside: dict[tuple[str, ...], set[tuple[str, Form]]] = {}
        for layer in layers(text):
            known = outside.get(layer.way[:-1], set()) if layer.again else set()
            here = outside.setdefault(layer.way, set(known))
            for needle, plain, whole in self.search(layer.text):
                here.add((needle.name, needle.form))
                if (needle.name, needle.form) not in known:
                    hit = Hit(needle.name, way(layer, needle.form, plain), whole and layer.whole, needle.form.digest)
                    found[hit] = needle.weight
        return first(found)

    def hits_bytes(self, raw: bytes) -> tuple[Hit, ...]:
        """Return every planted value in bytes, also inside base64, compression and so on; `unwrap` has the bounds."""
        return self.hits(raw.decode("latin-1"))

    def search(self, text: str) -> Iterator[tuple[Needle, bool, bool]]:
        """(needle, whether the case agrees, whether it is the whole text) for each form in a text as it stands."""
        folded = fold(text)
        bare = folded.strip()
        for needle in self.wholes.get(bare, ()):
            if not needle.form.exact or needle.form.text == text.strip():
                yield needle, needle.form.text == text.strip(), True
        if not self.needles:
            return
        for end, number in self.automaton.iter(folded):
            for needle in self.needles[number]:
                start = end + 1 - min(HEAD, len(needle.folded))
                stop = start + len(needle.folded)
                if not folded.startswith(needle.folded, start) or beside(needle.bound, folded, start, stop):
                    continue
                same = text[start:stop] == needle.form.text
                if same or not needle.form.exact:
                    # a digest's own bytes may be white space (1c, 20, a0), which is no sign around it
                    yield needle, same, len(needle.folded) in (len(bare), len(folded))


def needles(name: str, value: str, everyday: frozenset[str], keys: Sequence[bytes]) -> Iterator[Needle]:
    """The forms of one value, each with what may not stand beside it."""
    for form in forms(value, keys):
        if form.name == "base64, inside" and strength(value, everyday) != "":
            continue
        bound = "" if form.exact else strength(form.text, everyday)
        yield Needle(name, form, fold(form.text), bound, len(value.strip()))


def strength(text: str, everyday: frozenset[str]) -> str:
    """How a text is looked for: `whole` field, bounded as a `word` or by no `digit`, or anywhere (empty).

    Short and everyday texts ("NL", "11", "Netherlands") prove nothing inside a longer text; a number of six digits or
    a single name does when it stands alone; an address or a GUID does anywhere.
    """
    letters = sum(c.isalnum() for c in text)
    if letters < WEAK or text.strip().lower() in everyday:
        return "whole"
    plain = text.strip().lstrip("+-").replace(".", "", 1)
    if plain.isdigit():
        return "word" if len(plain) < MIDDLE else "digit"
    return "word" if letters < MIDDLE else ""


def beside(bound: str, text: str, start: int, stop: int) -> bool:
    """Whether something stands beside a find that speaks against it."""
    if not bound:
        return False
    around = (text[start - 1] if start else "") + text[stop : stop + 1]
    return any(c.isascii() and (c.isdigit() if bound == "digit" else c.isalnum()) for c in around)


def fold(text: str) -> str:
    """Lower case of the same length: a few letters have none, and then only ASCII is folded."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c.lower() if c.isascii() else c for c in text)


def automaton(heads: Mapping[str, object]) -> Automaton:
    """Aho and Corasick's automaton over the heads; its values are their positions."""
    made = ahocorasick.Automaton()
    for number, head in enumerate(heads):
        made.add_word(head, number)
    made.make_automaton()
    found: Automaton = made
    return found


def way(layer: Layer, form: Form, plain: bool) -> str:
    """The layers and the form, outermost first."""
    last = form.name if plain or form.exact else f"{form.name}, other case"
    return " > ".join((*layer.way, last))


def first(found: Mapping[Hit, int]) -> tuple[Hit, ...]:
    """The longest values first, then those in the fewest layers."""
    return tuple(sorted(found, key=lambda hit: (-found[hit], hit.form.count(" > "), hit.name, hit.form)))


def property_of(name: str, table: Mapping[str, str], names: Names) -> str:
    """The property of a planted name: from `planted.toml`, else from the words of the name, else `otherIdentifiers`."""
    if known := table.get(name):
        return known
    suggested = names.judge(name)
    return suggested.property if suggested and suggested.code not in {"N1", "Q1"} else "otherIdentifiers"

"""A document as events that a coder codes one after another: what scoring computes in batches.

Nothing here depends on the kind of model: its stepper gives the distribution of each next event.
"""

from collections.abc import Callable

import numpy as np

from toolkit.events.distribution import Distribution, Floats, bits
from toolkit.events.encoding import DOC, Events
from toolkit.events.protocols import Logits, Stepper, Tokenizer
from toolkit.events.vocabulary import Reserve


class LogitStepper:
    """A ``Stepper``: a network's logits, with the reserve for what training never showed."""

    def __init__(self, network: Logits, reserve: Reserve) -> None:
        self._network, self._reserve = network, reserve
        self._network.feed(DOC)

    def distribution(self) -> Floats:
        """P (V,) of the next event."""
        return self._reserve.distribution(self._network.logits())

    def feed(self, id_: int) -> None:
        """Pass an event; what is outside the network is not fed to it."""
        if id_ not in self._reserve.outside:
            self._network.feed(id_)


def encode_document(
    stepper: Stepper, tokenizer: Tokenizer, encoding: Events, put: Callable[[Distribution, int], None]
) -> None:
    """Call ``put`` for every event of a document, with its distribution and its outcome."""
    spelling = tokenizer.speller.start()
    for position, id_ in enumerate(encoding.ids.tolist()):
        put(stepper.distribution(), id_)
        if id_ in tokenizer.vocabulary.spelled:
            word_class, surface = tokenizer.vocabulary.spelled[id_], encoding.surfaces[position]
            for distribution, outcome in spelling.events(word_class, surface):
                put(distribution, outcome)
            spelling.observe(word_class, surface)
        stepper.feed(id_)


def decode_document(stepper: Stepper, tokenizer: Tokenizer, pick: Callable[[Distribution], int]) -> str:
    """The text of a document whose events have the outcomes that ``pick`` gives."""
    spelling = tokenizer.speller.start()
    ids: list[int] = []
    surfaces: dict[int, str] = {}
    while (id_ := pick(stepper.distribution())) != DOC:
        if id_ in tokenizer.vocabulary.spelled:
            word_class = tokenizer.vocabulary.spelled[id_]
            surfaces[len(ids)] = spelling.read(word_class, pick)
            spelling.observe(word_class, surfaces[len(ids)])
        ids.append(id_)
        stepper.feed(id_)
    stepper.feed(DOC)
    return tokenizer.decode(ids, surfaces)


def spelling_bits(tokenizer: Tokenizer, encoding: Events) -> Floats:
    """Bits (n,) of what is spelled behind each network event of a document, in reading order."""
    spelled = np.zeros(len(encoding.ids))
    spelling = tokenizer.speller.start()
    for position, surface in sorted(encoding.surfaces.items()):
        word_class = tokenizer.vocabulary.spelled[int(encoding.ids[position])]
        spelled[position] = sum(bits(*event) for event in spelling.events(word_class, surface))
        spelling.observe(word_class, surface)
    return spelled

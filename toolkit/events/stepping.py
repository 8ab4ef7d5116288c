"""A document as the events that a coder codes, one after another: what scoring computes in batches.

Nothing here knows which network answers: whoever steps through a document gives the logits of each next event.
"""

from collections.abc import Callable

import numpy as np

from toolkit.events.distribution import Distribution, Floats, bits
from toolkit.events.encoding import DOC, Encoding
from toolkit.events.protocols import Stepper, Tokenizer
from toolkit.events.vocabulary import Vocabulary


class Place:
    """A place in a document: the distribution of the next network event there."""

    def __init__(self, stepper: Stepper, vocabulary: Vocabulary) -> None:
        self._stepper, self._reserve = stepper, vocabulary.reserve
        self.move(DOC)

    def move(self, id_: int) -> None:
        """Go behind an event; what is outside the network is not fed to it."""
        if id_ not in self._reserve.outside:
            self.distribution = self._reserve.distribution(self._stepper.next_logits(id_))


def encode_document(
    stepper: Stepper, tokenizer: Tokenizer, encoding: Encoding, put: Callable[[Distribution, int], None]
) -> None:
    """Give every event of a document to ``put``: its distribution and its outcome."""
    place, spelling = Place(stepper, tokenizer.vocabulary), tokenizer.speller.start()
    for position, id_ in enumerate(encoding.ids.tolist()):
        put(place.distribution, id_)
        if id_ in tokenizer.vocabulary.spelled:
            word_class, surface = tokenizer.vocabulary.spelled[id_], encoding.surfaces[position]
            for distribution, outcome in spelling.events(word_class, surface):
                put(distribution, outcome)
            spelling.observe(word_class, surface)
        if id_ != DOC:
            place.move(id_)


def decode_document(stepper: Stepper, tokenizer: Tokenizer, pick: Callable[[Distribution], int]) -> str:
    """The text of a document whose events have the outcomes that ``pick`` gives."""
    place, spelling = Place(stepper, tokenizer.vocabulary), tokenizer.speller.start()
    ids: list[int] = []
    surfaces: dict[int, str] = {}
    while (id_ := pick(place.distribution)) != DOC:
        if id_ in tokenizer.vocabulary.spelled:
            word_class = tokenizer.vocabulary.spelled[id_]
            surfaces[len(ids)] = spelling.read(word_class, pick)
            spelling.observe(word_class, surfaces[len(ids)])
        ids.append(id_)
        place.move(id_)
    return tokenizer.decode(ids, surfaces)


def spelling_bits(tokenizer: Tokenizer, encoding: Encoding) -> Floats:
    """Bits (n,) of what is spelled behind each network event of a document, in reading order."""
    found = np.zeros(len(encoding.ids))
    spelling = tokenizer.speller.start()
    for position, surface in sorted(encoding.surfaces.items()):
        word_class = tokenizer.vocabulary.spelled[int(encoding.ids[position])]
        found[position] = sum(bits(*event) for event in spelling.events(word_class, surface))
        spelling.observe(word_class, surface)
    return found

"""What the living page pays for a text: the bits of its rounded network, with the classes that it guesses."""

import math
from collections.abc import Callable, Sequence

from toolkit.events.distribution import bits
from toolkit.events.encoding import DOC, Encoding
from toolkit.events.protocols import Spelling
from toolkit.inference.model import Model

Guess = Callable[[str], Sequence[int]]  # the ids of the classes that may stand for a surface


def page_bits(model: Model, encoding: Encoding, guess: Guess | None = None) -> float:
    """All bits of a document but its end, which the page does not charge for an open sentence.

    With ``guess``, the cheapest of the classes that it gives stands for what is spelled, instead of the encoding's.
    """
    stepper, tokenizer = model.start(), model.tokenizer
    spelling, spelled = tokenizer.speller.start(), tokenizer.vocabulary.spelled
    total = 0.0
    for position, id_ in enumerate(encoding.ids.tolist()):
        if id_ == DOC:
            break
        distribution = stepper.distribution()
        if id_ in spelled:
            surface = encoding.surfaces[position]
            candidates = [id_] if guess is None else guess(surface)
            costs = {
                candidate: bits(distribution, candidate) + spelled_bits(spelling, spelled[candidate], surface)
                for candidate in candidates
            }
            id_ = min(costs, key=costs.__getitem__)
            total += costs[id_]
            spelling.observe(spelled[id_], surface)
        else:
            total += bits(distribution, id_)
        stepper.feed(id_)
    return total


def spelled_bits(spelling: Spelling, word_class: str, surface: str) -> float:
    """The bits of a surface, given its class."""
    return math.fsum(bits(*event) for event in spelling.events(word_class, surface))

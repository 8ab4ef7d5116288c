"""What the living page pays for a text where it guesses the classes of words: event by event, as the page reads it."""

from toolkit.events.distribution import bits
from toolkit.events.encoding import DOC, Encoding
from toolkit.inference.model import Model
from toolkit.spelling.word_spelling import WordSpelling
from toolkit.tokenizers.portable import Guess


def page_bits(model: Model, encoding: Encoding, guess: Guess) -> float:
    """All bits of a document but its end, when the cheapest of the guessed classes stands for what is spelled.

    What follows is read as if that class had been the word's.
    """
    stepper, tokenizer = model.start(), model.tokenizer
    spelling, spelled = tokenizer.speller.start(), tokenizer.vocabulary.spelled
    if not isinstance(spelling, WordSpelling):
        raise TypeError(f"no class is guessed for what a {type(spelling).__name__} spells")
    total = 0.0
    for position, id_ in enumerate(encoding.ids.tolist()):
        if id_ == DOC:
            break
        distribution = stepper.distribution()
        chosen, cost = id_, bits(distribution, id_)
        if id_ in spelled:
            surface = encoding.surfaces[position]
            costs = {c: bits(distribution, c) + spelling.bits(spelled[c], surface) for c in guess(surface)}
            chosen = min(costs, key=costs.__getitem__)
            cost = costs[chosen]
            spelling.observe(spelled[chosen], surface)
        total += cost
        stepper.feed(chosen)
    return total

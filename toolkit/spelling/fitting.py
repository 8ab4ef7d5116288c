"""A speller fitted on training documents, with settings chosen on validation documents."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from toolkit.spelling.speller import CHOICES, Restriction, Spelled, WordSpeller

ORDERS = (4, 5, 6, 7)


@dataclass(frozen=True)
class SpellerData:
    """What a speller is fitted on, as ``WordSpeller.fit`` takes it, and what spellers are chosen on.

    ``types``: a class and a surface for every word of the training text; ``spelled``, ``left_out``: by training
    document, or part of one; ``characters``: by whole document; ``valid``: what each validation document spells.
    """

    types: frozenset[Spelled]
    spelled: Sequence[Sequence[Spelled]]
    characters: Sequence[str]
    valid: Sequence[Sequence[Spelled]] = ()
    left_out: Sequence[Sequence[Spelled]] | None = None


def total_bits(speller: WordSpeller, documents: Iterable[Iterable[Spelled]]) -> float:
    """−log2 P of what the documents spell, each with its cache."""
    total = 0.0
    for document in documents:
        spelling = speller.start()
        for word_class, surface in document:
            total += spelling.bits(word_class, surface)
            spelling.observe(word_class, surface)
    return total


def fitted_on_valid(data: SpellerData, restriction: Restriction | None = None) -> WordSpeller:
    """The speller of the training documents whose order, λ, θ and η, chosen in turn, give ``valid`` the fewest bits.

    If ``valid`` spells nothing, the defaults are used. A cache is off (None) if it does not save bits.
    """

    def fitted(order: int) -> WordSpeller:
        speller = WordSpeller(order, restriction=restriction)
        return speller.fit(data.types, data.spelled, data.characters, data.left_out)

    def fewest(spellers: Iterable[WordSpeller]) -> WordSpeller:
        return min(spellers, key=lambda speller: total_bits(speller, data.valid))

    if not any(data.valid):
        return fitted(WordSpeller().order)
    best = fewest(map(fitted, ORDERS))
    for name, choices in CHOICES.items():
        best = fewest([best.tuned(**{name: choice}) for choice in choices])
    return best

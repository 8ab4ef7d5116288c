"""Which word types are rare in a set of texts, and which would be if one of the texts were left out."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import chain

IsRare = Callable[[int, int], bool]  # (occurrences, texts) -> whether a type is rare


class Rarity:
    """How often, and in how many texts, each type occurs. ``texts`` are the types of their words."""

    def __init__(self, is_rare: IsRare, texts: Sequence[Sequence[str]]) -> None:
        self.is_rare = is_rare
        self.here = [Counter(text) for text in texts]
        self.counts = sum(self.here, Counter[str]())
        self.texts_with = Counter(type_ for here in self.here for type_ in here)

    def kept(self) -> list[str]:
        """The types that are not rare, by frequency."""
        types = (type_ for type_, count in self.counts.items() if not self.is_rare(count, self.texts_with[type_]))
        return sorted(types, key=lambda type_: (-self.counts[type_], type_))

    def without(self, text: int) -> frozenset[str]:
        """The types of a text that would be rare or unseen if it were left out."""
        return frozenset(
            type_
            for type_, here in self.here[text].items()
            if self.is_rare(self.counts[type_] - here, self.texts_with[type_] - 1)
        )


def surprising_symbols(is_rare: IsRare, texts: Sequence[Sequence[tuple[str, Sequence[int]]]]) -> int:
    """How many symbols would be used by no other rare word if their text were left out.

    ``texts`` has for each word its type and the symbols that write it if it is rare. Without a text, a type has only
    its occurrences elsewhere, which decide whether it is rare. Only words that would be rare without their text count.
    """
    rarity = Rarity(is_rare, [[type_ for type_, _ in text] for text in texts])
    rare, without = rarity.counts.keys() - rarity.kept(), [rarity.without(i) for i in range(len(texts))]
    candidates = rare.union(*without)
    written: dict[str, dict[int, list[int]]] = defaultdict(dict)  # by type and text; lists, as most have few symbols
    for i, text in enumerate(texts):
        for type_, symbols in text:
            if type_ in candidates:
                written[type_].setdefault(i, []).extend(symbols)
    total = Counter(symbol for type_ in rare for by_text in written[type_].values() for symbol in by_text)
    surprising = 0
    for i, rare_without in enumerate(without):
        left = Counter(total)
        for type_ in rarity.here[i].keys() & candidates:
            everywhere = list(chain.from_iterable(written[type_].values()))
            if type_ in rare:
                left.subtract(everywhere)
            if type_ in rare_without:
                left.update(everywhere)
                left.subtract(written[type_][i])
        for type_ in rare_without:
            surprising += sum(left[symbol] == 0 for symbol in written[type_][i])
    return surprising

"""How a tokenizer cuts a corpus, and which words its classes stand for."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from toolkit.results import CellCoverage, ClassCoverage
from toolkit.segmentation import unmarked
from toolkit.tokenizers import Encoding, Tokenizer

EXAMPLES = 24  # of a class's words: enough for a person to give a cluster a name
FREQUENT = EXAMPLES // 2  # of these, at most so many are the most frequent


def coverage(tokenizer: Tokenizer, train: Sequence[Encoding], test: Sequence[Encoding]) -> CellCoverage:
    """How the tokenizer cuts the corpus. A replaced token is one behind which a surface is spelled.

    Its share is of the tokens that cover text: document ends and marks do not count.
    """
    train_surfaces, test_surfaces = surfaces_by_class(tokenizer, train), surfaces_by_class(tokenizer, test)
    replaced_characters = sum(
        int(np.diff(encoding.offsets)[list(encoding.surfaces)].sum()) for encoding in test if encoding.surfaces
    )
    characters = sum(int(encoding.offsets[-1]) for encoding in test)
    return CellCoverage(
        characters_per_token=characters / sum(len(encoding.ids) for encoding in test),
        replaced_token_share_train=replaced_share(train),
        replaced_token_share_test=replaced_share(test),
        replaced_character_share_test=replaced_characters / characters,
        classes=[
            ClassCoverage(
                name=name,
                train_types=len(train_surfaces[name]),
                train_tokens=train_surfaces[name].total(),
                test_tokens=test_surfaces[name].total(),
                examples=examples(train_surfaces[name] or test_surfaces[name]),
            )
            for name in sorted(train_surfaces.keys() | test_surfaces.keys())
            if train_surfaces[name] or test_surfaces[name]
        ],
    )


def examples(surfaces: Counter[str]) -> list[str]:
    """Some of a class's words, without their marks.

    First those that come more often than the rarest ones do, at most ``FREQUENT``, the most frequent first; then, up to
    ``EXAMPLES`` in all, words evenly spaced over the alphabetical list of the others.

    >>> examples(Counter({"eel": 1, "bell": 2, "oar": 1, "quay": 5}))
    ['quay', 'bell', 'eel', 'oar']
    """
    counts = Counter[str]()
    for surface, count in surfaces.items():
        counts[unmarked(surface)[1]] += count
    least = min(counts.values())
    ranked = sorted((word for word in counts if counts[word] > least), key=lambda word: (-counts[word], word))
    frequent = ranked[:FREQUENT]
    others = sorted(counts.keys() - set(frequent))
    places = np.linspace(0, len(others) - 1, min(EXAMPLES - len(frequent), len(others))).round().astype(int)
    return [*frequent, *(others[place] for place in places)]


def surfaces_by_class(tokenizer: Tokenizer, encodings: Sequence[Encoding]) -> dict[str, Counter[str]]:
    """By class, what is spelled in the documents; a class without any has an empty counter."""
    spelled = tokenizer.vocabulary.spelled
    found = {word_class: Counter[str]() for word_class in spelled.values()}
    for encoding in encodings:
        for position, surface in encoding.surfaces.items():
            found[spelled[int(encoding.ids[position])]][surface] += 1
    return found


def replaced_share(encodings: Sequence[Encoding]) -> float:
    """Replaced tokens over all tokens that cover text."""
    covering = sum(int((np.diff(encoding.offsets) > 0).sum()) for encoding in encodings)
    return sum(len(encoding.surfaces) for encoding in encodings) / covering

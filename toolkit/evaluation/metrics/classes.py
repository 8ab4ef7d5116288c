"""How a tokenizer cuts a corpus, and which words its classes stand for."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from toolkit.events.encoding import CLASSES, SPELLING
from toolkit.results import CellCoverage, ClassCoverage
from toolkit.text.corpus import Document
from toolkit.tokenizers import Encoding, Tokenizer

EXAMPLES = 24  # of a class's words: enough for a reader to name a cluster
FREQUENT = EXAMPLES // 2  # at most this many of them are the most frequent


def coverage(
    tokenizer: Tokenizer, train: Sequence[tuple[Document, Encoding]], test: Sequence[tuple[Document, Encoding]]
) -> CellCoverage:
    """How the tokenizer cuts the corpus.

    A replaced token is a word that a class stands for, or a mark that the word will be spelled out: an event in the
    ledger's part "classes". The events after it in the part "spelling" belong to it.
    """
    train_words, test_words = words_by_class(tokenizer, train), words_by_class(tokenizer, test)
    characters = sum(len(document.text) for document, _ in test)
    return CellCoverage(
        characters_per_token=characters / sum(len(encoding.ids) for _, encoding in test),
        replaced_token_share_train=replaced_share(encoding for _, encoding in train),
        replaced_token_share_test=replaced_share(encoding for _, encoding in test),
        replaced_character_share_test=sum(replaced_characters(encoding) for _, encoding in test) / characters,
        classes=[
            ClassCoverage(
                name=name,
                train_types=len(train_words[name]),
                train_tokens=train_words[name].total(),
                test_tokens=test_words[name].total(),
                examples=examples(train_words[name] or test_words[name]),
            )
            for name in sorted(train_words.keys() | test_words.keys())
        ],
    )


def examples(counts: Counter[str]) -> list[str]:
    """Some of a class's words.

    First the words more frequent than the rarest ones, at most ``FREQUENT``, the most frequent first; then, up to
    ``EXAMPLES`` in all, words evenly spaced over the alphabetical list of the others.

    >>> examples(Counter({"eel": 1, "bell": 2, "oar": 1, "quay": 5}))
    ['quay', 'bell', 'eel', 'oar']
    """
    least = min(counts.values())
    ranked = sorted((word for word in counts if counts[word] > least), key=lambda word: (-counts[word], word))
    frequent = ranked[:FREQUENT]
    others = sorted(counts.keys() - set(frequent))
    places = np.linspace(0, len(others) - 1, min(EXAMPLES - len(frequent), len(others))).round().astype(int)
    return [*frequent, *(others[place] for place in places)]


def words_by_class(
    tokenizer: Tokenizer, encoded: Iterable[tuple[Document, Encoding]]
) -> defaultdict[str, Counter[str]]:
    """For each class, the words that it stands for in the documents, without the space before them."""
    vocabulary = tokenizer.vocabulary
    words: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for document, encoding in encoded:
        for i, end in replaced(encoding):
            id_ = int(encoding.ids[i])
            word = document.text[encoding.offsets[i] : encoding.offsets[end]]
            name = vocabulary.spelled.get(id_, vocabulary.tokens[id_].strip("<>"))
            words[name][word if word.isspace() else word.removeprefix(" ")] += 1
    return words


def replaced(encoding: Encoding) -> Iterator[tuple[int, int]]:
    """The first event of each replaced token, and the event after its last."""
    for i in np.flatnonzero(encoding.parts == CLASSES).tolist():
        end = i + 1
        while end < len(encoding.parts) and encoding.parts[end] == SPELLING:
            end += 1
        yield i, end


def replaced_characters(encoding: Encoding) -> int:
    """Characters of the replaced tokens, including the space before each."""
    return sum(int(encoding.offsets[end] - encoding.offsets[i]) for i, end in replaced(encoding))


def replaced_share(encodings: Iterable[Encoding]) -> float:
    """Replaced tokens over all tokens that cover text; document ends and marks do not count."""
    replaced_tokens = tokens = 0
    for encoding in encodings:
        covering = (np.diff(encoding.offsets) > 0) & ~np.isin(encoding.parts, (CLASSES, SPELLING))
        here = int((encoding.parts == CLASSES).sum())
        replaced_tokens += here
        tokens += here + int(covering.sum())
    return replaced_tokens / tokens

"""How a tokenizer cuts a corpus, and which words its classes stand for."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from toolkit.evaluation.metrics.tokenization import renyi_efficiency, whole_word_share
from toolkit.events.encoding import CLASSES, SPELLING
from toolkit.events.vocabulary import Vocabulary
from toolkit.inference.scores import DocumentScores
from toolkit.results.bits import NO_CLASS, ClassBits
from toolkit.results.cell import CellCoverage, ClassCoverage
from toolkit.text import neutral
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
    vocabulary = tokenizer.vocabulary
    tokens = sum(len(vocabulary.fed(encoding).ids) for _, encoding in test)
    return CellCoverage(
        characters_per_token=characters / tokens,
        tokens_per_word=tokens / sum(len(neutral.words(document.text)) for document, _ in test),
        whole_word_share=whole_word_share(test),
        renyi_efficiency=renyi_efficiency((vocabulary.fed(encoding).ids for _, encoding in train), len(vocabulary)),
        characters_per_word_token=characters_per_word_token(test),
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


def characters_per_word_token(encoded: Iterable[tuple[Document, Encoding]]) -> float | None:
    """The mean length of the tokens that have a letter or digit, replaced ones included; None if there are none.

    >>> encoding = Encoding(np.array([3, 1, 2, 0]), np.array([0, 1, 5, 6, 6]), np.array([0, 0, 3, 4]), {})
    >>> characters_per_word_token([(Document("a", "a bee!"), encoding)])
    2.0
    """
    lengths = []
    for document, encoding in encoded:
        text = document.text
        starts = np.flatnonzero(encoding.parts != SPELLING)  # what is spelled belongs to the event before it
        texts = (text[a:b].strip() for a, b in pairwise(encoding.offsets[[*starts, len(encoding.parts)]]))
        lengths += [len(text) for text in texts if any(map(str.isalnum, text))]
    return sum(lengths) / len(lengths) if lengths else None


def class_bits(tokenizer: Tokenizer, scores: Iterable[DocumentScores]) -> list[ClassBits]:
    """What each class cost in the scored documents, in the order of the ids: their parts "classes" and "spelling".

    To announce a class is its event, or its flag if the network does not predict it; the flags that say "not here"
    before all other tokens are an entry of their own. Escapes of single characters are no class of words.
    """
    vocabulary = tokenizer.vocabulary
    count, announced, spelled = (np.zeros(len(vocabulary)) for _ in range(3))
    flags = flag_bits = 0.0
    for document in scores:
        ids, inside = document.encoding.ids, vocabulary.reserve.inside(document.encoding.ids)
        for i, end in replaced(document.encoding):
            count[ids[i]] += 1
            announced[ids[i]] += document.network_bits[i] + document.outside_bits[i]
            spelled[ids[i]] += document.spelling_bits[i:end].sum() + document.network_bits[i + 1 : end].sum()
        flags += inside.sum() * bool(vocabulary.reserve.outside)
        flag_bits += document.outside_bits[inside].sum()
    entries = [
        ClassBits(name=class_name(vocabulary, int(i)), count=int(count[i]), announced=announced[i], spelled=spelled[i])
        for i in np.flatnonzero(count)
    ]
    none = ClassBits(name=NO_CLASS, count=int(flags), announced=flag_bits, spelled=0.0)
    return [*entries, none] if flags else entries


def class_name(vocabulary: Vocabulary, id_: int) -> str:
    """The name of the class of an id."""
    return vocabulary.spelled.get(id_, vocabulary.tokens[id_].strip("<>"))


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
            word = document.text[encoding.offsets[i] : encoding.offsets[end]]
            words[class_name(vocabulary, int(encoding.ids[i]))][word if word.isspace() else word.removeprefix(" ")] += 1
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

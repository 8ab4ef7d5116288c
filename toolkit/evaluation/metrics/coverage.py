"""How much of the held-out text a vocabulary covers, and how a tokenizer cuts the corpus. No model is involved.

Tokens of the corpus are neutral words and single punctuation marks, with their case. N tokens, V types and V1 hapaxes
(types that occur once) are counted in the training documents. Validation documents are not used.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from toolkit.events.encoding import CLASSES, SPELLING, Ids
from toolkit.events.vocabulary import Vocabulary
from toolkit.results.cell import CellCoverage, ClassCoverage
from toolkit.results.corpus import Coverage, FractionFacts
from toolkit.text import neutral
from toolkit.text.census import Census, census
from toolkit.text.corpus import Document, Split
from toolkit.tokenizers import Encoding, Tokenizer

CURVE_POINTS = 60  # besides powers of ten: as many as a line a few hundred pixels wide can show
EXAMPLES = 24  # of a class's words: enough to name a cluster
FREQUENT_EXAMPLES = EXAMPLES // 2
RENYI_ORDER = 2.5  # correlates best with translation quality (Zouhar et al. 2023)


def share(part: int, whole: int) -> float:
    """Return part / whole, or 0 if the whole is 0."""
    return part / whole if whole else 0.0


def corpus_coverage(split: Split) -> Coverage:
    """Return facts about the words of a corpus; see ``coverage_of``."""
    return coverage_of(census(split.train), census(split.test))


def coverage_of(train: Census, test: Census) -> Coverage:
    """Return facts about the words of the training text and the held-out text.

    ``hapax_type_share`` is V1/V, ``hapax_token_share`` V1/N. ``good_turing`` V1/N forecasts the unseen share of tokens
    (Good 1953). ``leave_one_out`` forecasts it from documents: the share of training tokens whose type occurs in only
    one training document. ``unseen_token_share`` is the true value: the share of test tokens whose type does not occur
    in training. ``unseen_character_share`` is their share of the test characters, white space included.
    """
    unseen_characters = sum(len(token) * n for token, n in test.counts.items() if token not in train.counts)
    return Coverage(
        tokens=train.tokens,
        types=train.types,
        hapax_types=train.hapaxes,
        hapax_type_share=share(train.hapaxes, train.types),
        hapax_token_share=share(train.hapaxes, train.tokens),
        good_turing=share(train.hapaxes, train.tokens),
        leave_one_out=share(sum(train.in_one_document), train.tokens),
        test_tokens=test.tokens,
        unseen_token_share=unseen_share(test.counts, train.counts),
        unseen_character_share=share(unseen_characters, test.characters),
        curve=coverage_curve(train.counts, test.counts),
    )


def fraction_facts(splits: Mapping[float, Split], recipes: Mapping[float, str]) -> list[FractionFacts]:
    """Return how each fraction of the training documents covers the held-out text, with its recipe."""
    test = census(splits[1.0].test)
    return [
        FractionFacts(
            fraction=fraction,
            documents=train.documents,
            characters=train.characters,
            tokens=train.tokens,
            types=train.types,
            unseen_token_share=unseen_share(test.counts, train.counts),
            recipe=recipes[fraction],
        )
        for fraction, train in ((fraction, census(split.train)) for fraction, split in splits.items())
    ]


def unseen_share(test: Counter[str], counts: Mapping[str, int]) -> float:
    """Return the share of test items whose type does not occur in training."""
    return share(sum(n for item, n in test.items() if item not in counts), test.total())


def coverage_curve(counts: Mapping[str, int], test: Counter[str]) -> list[tuple[int, float]]:
    """Return (k, share of test tokens among the k most frequent training types) for log-spaced k and powers of ten.

    Types of one frequency are in alphabetical order, so the curve depends only on the counts.
    """
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    if not ranked:
        return []
    covered = np.cumsum([test[token] for token in ranked])  # (V,)
    spaced = np.geomspace(1, len(ranked), CURVE_POINTS).round().astype(int)
    ks = np.union1d(spaced, [10**i for i in range(len(str(len(ranked))))])
    return [(int(k), share(int(covered[k - 1]), test.total())) for k in ks]


def coverage(
    tokenizer: Tokenizer, train: Sequence[tuple[Document, Encoding]], test: Sequence[tuple[Document, Encoding]]
) -> CellCoverage:
    """Return how a tokenizer cuts the documents and which words its classes replace, from their encodings."""
    train_words, test_words = words_by_class(tokenizer, train), words_by_class(tokenizer, test)
    vocabulary = tokenizer.vocabulary
    characters = sum(len(document.text) for document, _ in test)
    words = sum(len(neutral.words(document.text)) for document, _ in test)
    tokens = sum(len(vocabulary.fed(encoding).ids) for _, encoding in test)
    replaced = sum(int(e.offsets[end] - e.offsets[first]) for _, e in test for first, end in replaced_spans(e))
    return CellCoverage(
        characters_per_token=characters / tokens,
        tokens_per_word=tokens / words,
        whole_word_share=share(sum(_whole_words(*pair) for pair in test), words),
        renyi_efficiency=renyi_efficiency((vocabulary.fed(encoding).ids for _, encoding in train), len(vocabulary)),
        characters_per_word_token=_characters_per_word_token(test),
        replaced_token_share_train=_replaced_token_share(train),
        replaced_token_share_test=_replaced_token_share(test),
        replaced_character_share_test=replaced / characters,
        classes=[
            ClassCoverage(
                name=name,
                train_types=len(train_words[name]),
                train_tokens=train_words[name].total(),
                test_tokens=test_words[name].total(),
                examples=_examples(train_words[name] or test_words[name]),
            )
            for name in sorted(train_words.keys() | test_words.keys())
        ],
    )


def words_by_class(
    tokenizer: Tokenizer, encoded: Iterable[tuple[Document, Encoding]]
) -> defaultdict[str, Counter[str]]:
    """Count the words that each class replaces in the documents, without the space before them."""
    words: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for document, encoding in encoded:
        for first, end in replaced_spans(encoding):
            word = document.text[encoding.offsets[first] : encoding.offsets[end]]
            name = class_name(tokenizer.vocabulary, int(encoding.ids[first]))
            words[name][word if word.isspace() else word.removeprefix(" ")] += 1
    return words


def class_name(vocabulary: Vocabulary, id_: int) -> str:
    """Return the name of the class of an id."""
    return vocabulary.spelled.get(id_, vocabulary.tokens[id_].strip("<>"))


def replaced_spans(encoding: Encoding) -> list[tuple[int, int]]:
    """Return the first event of each replaced token, and the event after its last.

    A replaced token is a word that a class stands for, or a mark that the word will be spelled out: an event of the
    part "classes". The events of the part "spelling" after it belong to it.
    """
    classes = np.flatnonzero(encoding.parts == CLASSES)
    starts = np.flatnonzero(np.append(encoding.parts, CLASSES) != SPELLING)  # of all tokens, and the end
    return list(zip(classes.tolist(), starts[np.searchsorted(starts, classes, "right")].tolist(), strict=True))


def renyi_efficiency(documents: Iterable[Ids], vocabulary_size: int) -> float:
    """Return Rényi's entropy of the token frequencies, log2(Σ p^2.5) / −1.5, divided by log2 of the vocabulary's size.

    It is low if a few tokens make up most of a text or many are hardly ever used (Zouhar et al. 2023, "Tokenization and
    the noiseless channel"), and 1 for a vocabulary of one token.
    """
    if vocabulary_size < 2:
        return 1.0
    counts = np.bincount(np.concatenate(list(documents)), minlength=vocabulary_size)
    shares = counts / counts.sum()
    entropy = math.log2(float((shares**RENYI_ORDER).sum())) / (1 - RENYI_ORDER)
    return entropy / math.log2(vocabulary_size)


def _whole_words(document: Document, encoding: Encoding) -> int:
    """The number of neutral words whose characters one token covers that is neither a class nor spelled."""
    spans = [(end - len(word), end) for _, end, word in neutral.word_spans(document.text)]
    if not spans:
        return 0
    starts, ends = np.array(spans).T
    covering = np.flatnonzero(np.diff(encoding.offsets))  # events that cover characters
    event = covering[np.searchsorted(encoding.offsets[1:][covering], starts, "right")]  # of each word's first character
    is_word = ~np.isin(encoding.parts[event], (CLASSES, SPELLING))
    return int((is_word & (encoding.offsets[1:][event] >= ends)).sum())


def _characters_per_word_token(encoded: Iterable[tuple[Document, Encoding]]) -> float | None:
    """The mean length of the tokens that have a letter or digit, replaced ones included."""
    lengths = []
    for document, encoding in encoded:
        firsts = np.flatnonzero(encoding.parts != SPELLING)
        bounds = encoding.offsets[[*firsts, len(encoding.parts)]]
        texts = (document.text[start:end].strip() for start, end in pairwise(bounds))
        lengths += [len(text) for text in texts if any(map(str.isalnum, text))]
    return sum(lengths) / len(lengths) if lengths else None


def _replaced_token_share(encoded: Iterable[tuple[Document, Encoding]]) -> float:
    """Replaced tokens over all tokens that cover text; document ends and marks do not count."""
    replaced = tokens = 0
    for _, encoding in encoded:
        is_class = encoding.parts == CLASSES
        replaced += int(is_class.sum())
        tokens += int((is_class | ((np.diff(encoding.offsets) > 0) & (encoding.parts != SPELLING))).sum())
    return replaced / tokens


def _examples(counts: Counter[str]) -> list[str]:
    """Words of a class: some that are more frequent than the rarest, then some evenly spaced over the alphabet."""
    least = min(counts.values())
    ranked = sorted((word for word in counts if counts[word] > least), key=lambda word: (-counts[word], word))
    frequent = ranked[:FREQUENT_EXAMPLES]
    rest = sorted(counts.keys() - set(frequent))
    places = np.linspace(0, len(rest) - 1, min(EXAMPLES - len(frequent), len(rest))).round().astype(int)
    return [*frequent, *(rest[place] for place in places)]

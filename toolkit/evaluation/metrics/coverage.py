"""The words of the held-out text: their coverage by a vocabulary, their tokens, and their bits.

Tokens of the corpus are neutral words and single punctuation marks, with their case. Types and hapaxes (types that
occur once) are counted in the training documents. Validation documents are not used.
"""

import math
import sys
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from toolkit.evaluation.metrics.counts import tagged_spans
from toolkit.events.distribution import Floats
from toolkit.events.encoding import CLASSES, SPELLING, Events, Tokenizer, Vocabulary
from toolkit.inference.scores import DocumentScores
from toolkit.results.bits import (
    BANDS,
    NO_CLASS,
    Band,
    ClassBits,
    PartOfSpeech,
    Share,
)
from toolkit.results.cell import CellCoverage, ClassCoverage, HeldOutShares
from toolkit.results.corpus import Coverage, Uncovered, UnseenWord
from toolkit.results.record import grouped
from toolkit.text import neutral
from toolkit.text.corpus import Document, characters
from toolkit.text.neutral import Census
from toolkit.text.words import Words

CURVE_POINTS = 60  # besides powers of ten: as many as a line a few hundred pixels wide can show
EXAMPLES = 24  # of a class's words: enough to name a cluster
MAX_UNSEEN_WORDS = 30  # as examples
CONTEXT_CHARACTERS = 40  # on either side of an example
KINDS = ("whole", "pieces", "replaced", "escaped")  # in ``HeldOutShares``
WHOLE, PIECES, REPLACED, ESCAPED = range(len(KINDS))

Encoded = tuple[Document, Events]
Places = npt.NDArray[np.intp]
# For each document the bits of its characters (characters,) and of its end.
Scored = Iterable[tuple[Floats, float]]
# Names of parts of speech, and for each text the place of each character's name (characters,). The last name is for
# everything that is not a word.
Labels = tuple[Sequence[str], Sequence[npt.NDArray[np.int8]]]


def coverage_of(train: Census, test: Census) -> Coverage:
    """Return facts about the words of the training text and the held-out text.

    ``unseen_token_share`` is the share of test tokens whose type does not occur in training. ``good_turing`` forecasts
    it from hapaxes (Good 1953). ``leave_one_out`` forecasts it from types that only one training document has.
    """
    unseen_characters = sum(len(token) * n for token, n in test.counts.items() if token not in train.counts)
    return Coverage(
        tokens=train.tokens,
        types=train.types,
        hapax_types=train.hapaxes,
        hapax_type_share=train.hapaxes / train.types,
        hapax_token_share=train.hapaxes / train.tokens,
        good_turing=train.hapaxes / train.tokens,
        leave_one_out=sum(train.in_one_document) / train.tokens,
        test_tokens=test.tokens,
        unseen_token_share=sum(n for token, n in test.counts.items() if token not in train.counts) / test.tokens,
        unseen_character_share=unseen_characters / test.characters,
        curve=coverage_curve(train.counts, test.counts),
    )


def coverage_curve(counts: Mapping[str, int], test: Counter[str]) -> list[tuple[int, float]]:
    """Return (k, share of test tokens among the k most frequent training types) for log-spaced k and powers of ten.

    Types of one frequency are in alphabetical order, so the curve depends only on the counts.
    """
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    covered = np.cumsum([test[token] for token in ranked])  # (V,)
    spaced = np.geomspace(1, len(ranked), CURVE_POINTS).round().astype(int)
    ks = np.union1d(spaced, [10**i for i in range(len(str(len(ranked))))])
    return [(int(k), int(covered[k - 1]) / test.total()) for k in ks]


def coverage(tokenizer: Tokenizer, train: Sequence[Encoded], test: Sequence[Encoded]) -> CellCoverage:
    """Return how a tokenizer cuts the documents and which words its classes replace, from their encodings."""
    train_words = words_by_class(tokenizer, train)
    test_words = words_by_class(tokenizer, test)
    length = characters([document for document, _ in test])
    tokens = sum(len(tokenizer.vocabulary.fed(encoding).ids) for _, encoding in test)
    words = sum(len(neutral.words(document.text)) for document, _ in test)
    replaced = sum(end - start for _, encoding in test for _, start, end in replaced_texts(encoding))
    return CellCoverage(
        held_out=held_out_shares(tokenizer.vocabulary, test),
        tokens_per_word=(tokens - len(test)) / words,
        characters_per_token=length / tokens,
        characters_per_word_token=_characters_per_word_token(test),
        replaced_token_share_train=_replaced_token_share(train),
        replaced_token_share_test=_replaced_token_share(test),
        replaced_character_share_test=replaced / length,
        classes=[
            ClassCoverage(
                name=name,
                train_types=len(train_words[name]),
                train_tokens=train_words[name].total(),
                test_tokens=test_words[name].total(),
                examples=[word for word, _ in (train_words[name] or test_words[name]).most_common(EXAMPLES)],
            )
            for name in sorted(train_words.keys() | test_words.keys())
        ],
    )


def held_out_shares(vocabulary: Vocabulary, encoded: Iterable[Encoded]) -> HeldOutShares:
    """Return how the events cover the neutral words and punctuation marks of the documents."""
    tokens = np.zeros(len(KINDS))
    for document, encoding in encoded:
        kinds = _kinds_of_cover(vocabulary, encoding, *neutral.token_spans(document.text).T)
        tokens += np.bincount(kinds, minlength=len(KINDS))
    return HeldOutShares(**dict(zip(KINDS, (tokens / tokens.sum()).tolist(), strict=True)))


def _kinds_of_cover(vocabulary: Vocabulary, encoding: Events, starts: Places, ends: Places) -> Places:
    """Return which share each neutral token (n,) belongs to, as its place in ``KINDS``.

    An event without characters is a mark before a token, or bytes of a character that the next event with characters
    completes. Such bytes have its part of the ledger, and it does not end a word before it.
    """
    ids, parts, has_characters = encoding.ids, encoding.parts, encoding.widths > 0
    covering = np.flatnonzero(has_characters)
    covered = encoding.ends[covering]
    bounds = np.append(0, covering + 1)  # a covering event ends a group of events
    first_events = bounds[np.searchsorted(covered, starts, "right")]
    next_events = bounds[np.searchsorted(covered, ends) + 1]
    completing = covering.take(np.searchsorted(covering, np.arange(len(ids))), mode="clip")  # (events,)
    is_byte = (parts == parts[completing]) & ~vocabulary.ends_words[ids[completing]]
    covers = [
        (PIECES, has_characters | is_byte, 2),
        (REPLACED, has_characters & np.isin(parts, (CLASSES, SPELLING)), 1),
        (ESCAPED, np.isin(ids, list(vocabulary.spelled)) & (parts != CLASSES), 1),
    ]
    kinds = np.full(len(starts), WHOLE)
    for kind, is_counted, least in covers:  # the last one decides
        totals = np.append(0, np.cumsum(is_counted))
        kinds[totals[next_events] - totals[first_events] >= least] = kind
    return kinds


def uncovered(test: Sequence[Document], known: Container[str]) -> Uncovered:
    """Return the held-out words that are not ``known``, the most frequent ones with their first places."""
    spans = [(word, document, end) for document in test for _, end, word in neutral.word_spans(document.text)]
    unseen = grouped((span for span in spans if span[0] not in known), itemgetter(0))
    examples = []
    for word, places in sorted(unseen.items(), key=lambda item: (-len(item[1]), item[0]))[:MAX_UNSEEN_WORDS]:
        _, document, end = places[0]
        start, text = end - len(word), document.text.replace("\n", " ")
        examples.append(
            UnseenWord(
                word=word,
                count=len(places),
                documents=len({document.name for _, document, _ in places}),
                left=text[max(0, start - CONTEXT_CHARACTERS) : start],
                right=text[end : end + CONTEXT_CHARACTERS],
            )
        )
    return Uncovered(
        words=len(spans),
        unseen=sum(map(len, unseen.values())),
        unseen_types=len(unseen),
        examples=examples,
    )


def words_by_class(tokenizer: Tokenizer, encoded: Iterable[Encoded]) -> defaultdict[str, Counter[str]]:
    """Count the words that each class replaces in the documents, without the space before them."""
    words: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for document, encoding in encoded:
        text = document.text
        for id_, start, end in replaced_texts(encoding):
            word = text[start:end]
            words[class_name(tokenizer.vocabulary, id_)][word if word.isspace() else word.removeprefix(" ")] += 1
    return words


def class_name(vocabulary: Vocabulary, id_: int) -> str:
    """Return the name of the class of an id."""
    return vocabulary.spelled.get(id_, vocabulary.tokens[id_].strip("<>"))


def replaced_texts(encoding: Events) -> Iterator[tuple[int, int, int]]:
    """Yield the class's id of each replaced token, and where the token starts and ends in the text."""
    firsts, ends = np.array(replaced_spans(encoding), int).reshape(-1, 2).T
    columns = encoding.ids[firsts], encoding.starts[firsts], encoding.ends[ends - 1]
    return zip(*(column.tolist() for column in columns), strict=True)


def replaced_spans(encoding: Events) -> list[tuple[int, int]]:
    """Return the first event of each replaced token, which has the part "classes", and the event after its last.

    A class stands for the word, or announces its spelling: the events of the part "spelling" that follow.
    """
    classes = np.flatnonzero(encoding.parts == CLASSES)
    starts = np.flatnonzero(np.append(encoding.parts, CLASSES) != SPELLING)  # of all tokens, and the end
    return list(zip(classes.tolist(), starts[np.searchsorted(starts, classes, "right")].tolist(), strict=True))


def _characters_per_word_token(encoded: Iterable[Encoded]) -> float | None:
    lengths = []
    for document, encoding in encoded:
        bounds = [*encoding.starts[encoding.parts != SPELLING], encoding.characters]
        text = document.text
        texts = (text[start:end].strip() for start, end in pairwise(bounds))
        lengths += [len(text) for text in texts if any(map(str.isalnum, text))]
    return sum(lengths) / len(lengths) if lengths else None


def _replaced_token_share(encoded: Iterable[Encoded]) -> float:
    replaced = tokens = 0
    for _, encoding in encoded:
        is_class = encoding.parts == CLASSES
        replaced += int(is_class.sum())
        covers_text = encoding.widths > 0  # not a document's end or a mark
        tokens += int((is_class | (covers_text & (encoding.parts != SPELLING))).sum())
    return replaced / tokens


def by_frequency(scored: Scored, texts: Sequence[str], counts: Mapping[str, int]) -> list[Band]:
    """Return characters and bits of the neutral words in each frequency band, from the counts of the training text.

    The end of a document, and all text outside neutral words, is "not a word".
    """
    labels = BANDS, [neutral.bands_of(text, counts) for text in texts]
    return [Band(band=band, **ledger) for band, ledger in _ledgers(scored, labels)]


def labels(texts: Sequence[str], tagged: Iterable[Words]) -> Labels:
    """Return the parts of speech of the texts' characters, from the tokens of each text."""
    spans = [list(tagged_spans(text, tokens)) for text, tokens in zip(texts, tagged, strict=True)]
    names = (*sorted({pos for text_spans in spans for _, _, pos in text_spans}), BANDS[neutral.NOT_A_WORD])
    by_text = [np.full(len(text), len(names) - 1, np.int8) for text in texts]
    for by_character, text_spans in zip(by_text, spans, strict=True):
        for start, end, pos in text_spans:
            by_character[start:end] = names.index(pos)
    return names, by_text


def by_part_of_speech(scored: Scored, parts: Labels) -> list[PartOfSpeech]:
    """Return characters and bits of the neutral words of each part of speech; ends are "not a word"."""
    return [PartOfSpeech(pos=pos, **ledger) for pos, ledger in _ledgers(scored, parts)]


def _ledgers(scored: Scored, labels: Labels) -> Iterator[tuple[str, dict[str, Any]]]:
    """For each name its characters and bits in all texts and in each. The last name pays for the ends of texts."""
    names, by_text = labels
    characters, bits = [], []  # (names,) of each text
    for (per_character, end), text_labels in zip(scored, by_text, strict=True):
        characters.append(np.bincount(text_labels, minlength=len(names)))
        bits.append(np.bincount(text_labels, per_character, len(names)).astype(float))
        bits[-1][-1] += end
    columns = (np.transpose(of_texts).tolist() for of_texts in (characters, bits))
    for name, counts, paid in zip(names, *columns, strict=True):
        shares = [Share(characters=n, bits=of_text) for n, of_text in zip(counts, paid, strict=True)]
        yield name, {"characters": sum(counts), "bits": math.fsum(paid), "documents": shares}


def word_perplexity(bits: float, words: int) -> float:
    """Return 2^(bits / words), the perplexity per neutral word for any tokens, or the largest float."""
    exponent = bits / words
    return float(2.0**exponent) if exponent < sys.float_info.max_exp else sys.float_info.max


def class_bits(tokenizer: Tokenizer, scores: Iterable[DocumentScores]) -> list[ClassBits]:
    """Return the cost of each class in the scored documents, in the order of the ids, then of flags without a class.

    A class is announced by its event, or by its flag if the network does not predict it.
    """
    vocabulary = tokenizer.vocabulary
    costs = np.zeros((3, len(vocabulary)))  # occurrences, and bits of announcements and of spelling, by id
    flags = flag_bits = 0.0
    for document in scores:
        ids = document.encoding.ids
        is_inside = vocabulary.reserve.inside(ids)
        for i, end in replaced_spans(document.encoding):
            announced = document.network_bits[i] + document.outside_bits[i]
            spelled = document.spelling_bits[i:end].sum() + document.network_bits[i + 1 : end].sum()
            costs[:, ids[i]] += 1, announced, spelled
        flags += int(is_inside.sum()) * bool(vocabulary.reserve.outside)
        flag_bits += document.outside_bits[is_inside].sum()
    entries = [
        ClassBits(name=class_name(vocabulary, id_), count=int(count), announced=announced, spelled=spelled)
        for id_, (count, announced, spelled) in enumerate(costs.T.tolist())
        if count
    ]
    no_class = ClassBits(name=NO_CLASS, count=int(flags), announced=flag_bits, spelled=0.0)
    return [*entries, no_class] if flags else entries

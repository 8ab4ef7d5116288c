"""How bits are spread over the held-out text: by frequency, part of speech and class of its words, and by word.

All functions of a ledger take ``scored``: for each document the bits of its characters (characters,) and of its end.
"""

import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from toolkit.evaluation.metrics.coverage import class_name, replaced_spans
from toolkit.evaluation.metrics.words import tagged_spans
from toolkit.evaluation.statistics import t_quantile
from toolkit.events.distribution import Floats
from toolkit.inference.scores import DocumentScores
from toolkit.results.bits import BANDS, NO_CLASS, Band, ClassBits, PartOfSpeech, Share
from toolkit.results.text import ALPHA
from toolkit.results.words import WordBits, WordIntervals, WordType
from toolkit.text import neutral
from toolkit.text.tagged import Tagged
from toolkit.tokenizers import Tokenizer

MAX_EACH_WAY = 12  # words of a pair of columns with the greatest differences in one direction
MAX_WORDS = 600  # over all pairs together
WORD_CHARACTERS = 60  # shown of a word

Scored = Iterable[tuple[Floats, float]]


def by_frequency(scored: Scored, texts: Sequence[str], counts: Mapping[str, int]) -> list[Band]:
    """Return characters and bits of the neutral words in each frequency band, from the counts of the training text.

    The end of a document, and all text outside neutral words, is "not a word".
    """
    labels = (neutral.bands_of(text, counts) for text in texts)
    return [Band(band=band, **ledger) for band, ledger in _by_label(scored, BANDS, labels)]


@dataclass(frozen=True)
class Labels:
    """For each text, the part of speech of each character (characters,), as a place in ``names``.

    The last name is for everything that is not a word.
    """

    names: tuple[str, ...]
    by_text: tuple[npt.NDArray[np.int8], ...]


def labels(texts: Sequence[str], tagged: Iterable[Sequence[Tagged]]) -> Labels:
    """Return the parts of speech of the texts' characters, from the tokens of each text."""
    spans = [list(tagged_spans(text, tokens)) for text, tokens in zip(texts, tagged, strict=True)]
    names = (*sorted({pos for text_spans in spans for _, _, pos in text_spans}), BANDS[neutral.NOT_A_WORD])
    by_text = []
    for text, text_spans in zip(texts, spans, strict=True):
        by_character = np.full(len(text), len(names) - 1, np.int8)
        for start, end, pos in text_spans:
            by_character[start:end] = names.index(pos)
        by_text.append(by_character)
    return Labels(names, tuple(by_text))


def by_part_of_speech(scored: Scored, parts: Labels) -> list[PartOfSpeech]:
    """Return characters and bits of the neutral words of each part of speech; ends are "not a word"."""
    return [PartOfSpeech(pos=pos, **ledger) for pos, ledger in _by_label(scored, parts.names, parts.by_text)]


def _by_label(
    scored: Scored, names: Sequence[str], labels: Iterable[npt.NDArray[np.integer]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """For each name its characters and bits in all texts and in each. The last name pays for the ends of texts."""
    shares: list[list[Share]] = [[] for _ in names]
    for (per_character, end), text_labels in zip(scored, labels, strict=True):
        characters = np.bincount(text_labels, minlength=len(names))
        bits = np.bincount(text_labels, weights=per_character, minlength=len(names)).astype(float)
        bits[-1] += end
        for i, of_name in enumerate(shares):
            of_name.append(Share(characters=int(characters[i]), bits=float(bits[i])))
    for name, of_name in zip(names, shares, strict=True):
        total = math.fsum(share.bits for share in of_name)
        yield name, {"characters": sum(share.characters for share in of_name), "bits": total, "documents": of_name}


def word_perplexity(bits: float, words: int) -> float:
    """Return 2^(bits / words), the perplexity per neutral word for any tokens, or the largest float."""
    exponent = bits / words
    return float(2.0**exponent) if exponent < sys.float_info.max_exp else sys.float_info.max


def class_bits(tokenizer: Tokenizer, scores: Iterable[DocumentScores]) -> list[ClassBits]:
    """Return the cost of each class in the scored documents, in the order of the ids.

    A class is announced by its event, or by its flag if the network does not predict it. The flags before all other
    tokens say that none of them follows, and are an entry of their own.
    """
    vocabulary = tokenizer.vocabulary
    count, announced, spelled = (np.zeros(len(vocabulary)) for _ in range(3))
    flags = flag_bits = 0.0
    for document in scores:
        ids, is_inside = document.encoding.ids, vocabulary.reserve.inside(document.encoding.ids)
        for i, end in replaced_spans(document.encoding):
            count[ids[i]] += 1
            announced[ids[i]] += document.network_bits[i] + document.outside_bits[i]
            spelled[ids[i]] += document.spelling_bits[i:end].sum() + document.network_bits[i + 1 : end].sum()
        flags += int(is_inside.sum()) * bool(vocabulary.reserve.outside)
        flag_bits += document.outside_bits[is_inside].sum()
    entries = [
        ClassBits(name=class_name(vocabulary, int(i)), count=int(count[i]), announced=announced[i], spelled=spelled[i])
        for i in np.flatnonzero(count)
    ]
    no_class = ClassBits(name=NO_CLASS, count=int(flags), announced=flag_bits, spelled=0.0)
    return [*entries, no_class] if flags else entries


def word_bits(
    per_character: Mapping[str, Sequence[Floats]], texts: Sequence[str], training: Mapping[str, int]
) -> WordBits:
    """Return the words on which the columns differ most, with the bits that each column pays for all occurrences.

    Args:
        per_character: for each column and text, the bits of its characters.
        training: counts of the words in the training text.
    """
    spans = [list(neutral.word_spans(text)) for text in texts]
    counts = Counter(word for text_spans in spans for _, _, word in text_spans)
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    place = {word: i for i, word in enumerate(ranked)}
    types = np.array([place[word] for text_spans in spans for _, _, word in text_spans], np.int64)  # (occurrences,)
    documents = np.repeat(np.arange(len(texts)), list(map(len, spans)))  # (occurrences,)
    bits = {column: _span_bits(text_bits, spans) for column, text_bits in per_character.items()}  # (occurrences,) each
    totals = {column: _sums(types, paid, len(ranked)) for column, paid in bits.items()}  # (types,) each
    each_way, words = _most_different([a - b for a, b in combinations(totals.values(), 2)])

    def intervals(a: str, b: str) -> WordIntervals:
        """The intervals hold together for all types (Bonferroni), and so for any choice of words."""
        order = np.argsort((totals[a] - totals[b])[words], kind="stable").tolist()
        shown = sorted({*order[:each_way], *order[-each_way:]})
        column = np.full(len(ranked), -1)
        column[[words[i] for i in shown]] = np.arange(len(shown))
        is_shown = column[types] >= 0
        cells = documents[is_shown] * len(shown) + column[types[is_shown]]
        by_text = _sums(cells, (bits[a] - bits[b])[is_shown], len(texts) * len(shown)).reshape(len(texts), len(shown))
        deviation = np.sqrt(len(texts) * by_text.var(axis=0, ddof=1))  # of a sum over texts, the independent units
        half_widths = t_quantile(1 - ALPHA / 2 / len(ranked), len(texts) - 1) * deviation
        return WordIntervals(a=a, b=b, words=shown, half_widths=half_widths.tolist())

    return WordBits(
        each_way=each_way,
        words=[
            WordType(
                text=word if len(word) <= WORD_CHARACTERS else word[: WORD_CHARACTERS - 1] + "…",
                count=counts[word],
                band=neutral.band(training.get(word, 0)),
            )
            for word in (ranked[i] for i in words)
        ],
        bits={column: total[words].tolist() for column, total in totals.items()},
        intervals=[intervals(a, b) for a, b in combinations(totals, 2)] if len(texts) > 1 and words else [],
        complete=True,
        among=len(ranked),
    )


def _span_bits(per_character: Sequence[Floats], spans: Sequence[Sequence[tuple[int, int, str]]]) -> Floats:
    """The bits of each span of all texts (spans,)."""
    bits = []
    for text_bits, text_spans in zip(per_character, spans, strict=True):
        sums = [0.0, *np.cumsum(text_bits).tolist()]
        bits += [sums[end] - sums[start] for start, end, _ in text_spans]
    return np.array(bits)


def _sums(places: npt.NDArray[np.int64], bits: Floats, length: int) -> Floats:
    return np.bincount(places, bits, length).astype(float)


def _most_different(differences: Sequence[Floats]) -> tuple[int, list[int]]:
    """n, and in ascending order the words with the n greatest of each pair's differences in either direction.

    n is the largest number up to ``MAX_EACH_WAY`` that gives at most ``MAX_WORDS`` words.
    """
    orders = [np.argsort(of_pair, kind="stable").tolist() for of_pair in differences]
    for n in range(MAX_EACH_WAY, 0, -1):
        words = {i for order in orders for i in (*order[:n], *order[-n:])}
        if len(words) <= MAX_WORDS:
            return n, sorted(words)
    return 0, []

"""The vocabulary of the training text: its coverage of the held-out text, its growth, and the words that it lacks.

Tokens are neutral words and punctuation marks. Heaps' law (1978) is the growth of the vocabulary with the text, Zipf's
law (1949) the fall of frequency with rank. The forecasts of the share of unseen tokens know the training text alone:

- *Good–Turing*: V1/N, the probability that the next token of the same text is new (Good 1953).
- *Leaving one document out*: the share of training tokens that occur in one document only.
- *Growth*: new types per token at the end of the text, times the mean count of the types that only one document has.
  The former are b · V(N) / N with the exponent b at the end. log V over log n bends, so b is the slope of a parabola.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence
from typing import Any

import numpy as np

from toolkit.errors import InputError
from toolkit.evaluation.metrics.counts import tagged_spans
from toolkit.evaluation.metrics.coverage import coverage_curve
from toolkit.events.encoding import DOC
from toolkit.results.corpus import Coverage
from toolkit.results.inspection import (
    Curve,
    Forecasts,
    Heaps,
    PowerLaw,
    Reason,
    Uncovered,
    Unit,
    UnseenOfPart,
    UnseenWord,
)
from toolkit.text.census import Census, census
from toolkit.text.corpus import Document, Split, whole_documents
from toolkit.text.excerpt import fitting
from toolkit.text.neutral import word_spans
from toolkit.text.splits import blocks
from toolkit.text.tagging import Tagger
from toolkit.tokenizers.subwords import BytePairs

MAX_POINTS = 60  # log-spaced, so that each decade has the same weight; as many as a chart can show
FIRST_TOKENS = 1_000  # before them the curve of any text is steeper, which would spoil the forecast of its end
FIRST_RANK = 10  # the most frequent words of every language lie below a power law
MIN_COUNT = 5  # the rank of a rarer word says little

# A law of a short range says little of the text. In a hundred shuffles of the bundled tales, Heaps' exponent at 10,000
# tokens is within 0.13 of the whole's (0.18 at 2,000), and so is Zipf's at rank 200 (0.28 at rank 60).
MIN_TOKENS = 10 * FIRST_TOKENS
MIN_RANKS = 20 * FIRST_RANK
MAX_EXAMPLES = 60  # of unseen words
CONTEXT_CHARACTERS = 40  # on either side of an example


def unit_curve(unit: Unit, train: Mapping[str, int], test: Mapping[str, int]) -> Curve:
    """Return the coverage of held-out characters by the units counted in training and in the held-out text."""
    return Curve(unit=unit, points=coverage_curve(train, Counter({name: n * len(name) for name, n in test.items()})))


def byte_pair_curve(split: Split) -> Curve:
    """Return the coverage by the default byte pairs, learned from an excerpt if the text does not fit into memory."""
    tokenizer = BytePairs().fit(fitting(split.train))
    tokens, reserve = tokenizer.vocabulary.tokens, tokenizer.vocabulary.reserve
    ranks = {tokens[id_]: len(tokens) - id_ for id_ in np.flatnonzero(reserve.trained).tolist() if id_ != DOC}
    covered: Counter[str] = Counter()
    for document in split.test:
        encoding = tokenizer.encode(document)
        for id_, width in zip(encoding.ids.tolist(), encoding.widths.tolist(), strict=True):
            covered[tokens[id_]] += width
    return Curve(unit="byte pairs", points=coverage_curve(ranks, covered))  # ids are numbered by frequency


def heaps(train: Census) -> Heaps | None:
    """Fit Heaps' law from ``FIRST_TOKENS`` tokens on. Return None below ``MIN_TOKENS``."""
    if train.tokens < MIN_TOKENS:
        return None
    points = [(n, train.types_after(n)) for n in _log_spaced(FIRST_TOKENS, train.tokens)]
    x, y = np.log(np.array(points, float)).T  # (points,)
    return Heaps(**_fit(points), points=points, end_exponent=float(np.polyfit(x - x[-1], y, 2)[1]))


def zipf(counts: Counter[str]) -> PowerLaw | None:
    """Fit Zipf's law from ``FIRST_RANK`` to the last rank with ``MIN_COUNT``. Return None below ``MIN_RANKS``."""
    ranked = sorted(counts.values(), reverse=True)
    last = sum(count >= MIN_COUNT for count in ranked)
    if last < MIN_RANKS:
        return None
    fitted, points = (
        [(rank, ranked[rank - 1]) for rank in _log_spaced(*ends)] for ends in ((FIRST_RANK, last), (1, len(ranked)))
    )
    return PowerLaw(**_fit(fitted), points=points)


def _log_spaced(first: int, last: int) -> list[int]:
    return [int(x) for x in np.unique(np.geomspace(first, last, MAX_POINTS).round().astype(int))]


def _fit(points: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Fit y = factor · x^exponent by least squares of log y, which R² is of, too."""
    x, y = np.log(np.array(points, float)).T  # (points,)
    exponent, constant = np.polyfit(x, y, 1)
    residual = ((y - constant - exponent * x) ** 2).sum()
    total = ((y - y.mean()) ** 2).sum()
    facts = {"factor": float(np.exp(constant)), "exponent": float(exponent), "first": points[0][0]}
    return facts | {"last": points[-1][0], "r_squared": float(1 - residual / total) if total else 1.0}


def forecasts(split: Split, train: Census, coverage: Coverage, heaps: Heaps | None, *, whole: bool) -> Forecasts:
    """Return the share of unseen tokens with its forecasts by the census of the training documents.

    ``whole`` says that the split is into whole documents, and not into blocks of one.
    """
    alone = (train if len(split.train) > 1 else census(blocks(split.train[0]))).in_one_document
    repeats, rate = sum(alone) / len(alone) if alone else None, None
    if heaps is not None and repeats and 0 < heaps.end_exponent < 1:
        rate = heaps.end_exponent * coverage.types / coverage.tokens
    missing: dict[str, Reason] = {}
    if not whole or whole_documents(split.train) < 2:
        missing["leave_one_out"] = "one_document" if whole else "blocks"
    if rate is None:
        missing["growth"] = "too_short" if heaps is None else "no_growth"
    return Forecasts(
        unseen=coverage.unseen_token_share,
        good_turing=coverage.good_turing,
        leave_one_out=None if "leave_one_out" in missing else coverage.leave_one_out,
        growth=None if rate is None or repeats is None else rate * repeats,
        new_type_rate=rate,
        repeats=repeats,
        missing=missing,
    )


def uncovered(test: Sequence[Document], known: Container[str], tagger: Tagger) -> Uncovered:
    """Return the held-out words that are not ``known``, by part of speech if there is a tagger."""
    untagged = why_untagged(tagger)
    words: defaultdict[str, Counter[str]] = defaultdict(Counter)  # by part of speech
    unseen: defaultdict[str, list[tuple[Document, int, str]]] = defaultdict(list)  # documents, ends, parts of speech
    for document in test:
        spans = list(word_spans(document.text))
        tags = [""] * len(spans)
        if not untagged:
            tags = [pos for *_, pos in tagged_spans(document.text, tagger.tag(document.text))]
        for (_, end, word), pos in zip(spans, tags, strict=True):
            words[pos][word] += 1
            if word not in known:
                unseen[word].append((document, end, pos))
    parts = [
        UnseenOfPart(
            pos=pos,
            words=counts.total(),
            unseen=sum(count for word, count in counts.items() if word in unseen),
            types=len(counts),
            unseen_types=len(counts.keys() & unseen.keys()),
        )
        for pos, counts in words.items()
        if not untagged
    ]
    examples = []
    for word, places in sorted(unseen.items(), key=lambda item: (-len(item[1]), item[0]))[:MAX_EXAMPLES]:
        document, end, pos = places[0]
        start, text = end - len(word), document.text.replace("\n", " ")
        examples.append(
            UnseenWord(
                word=word,
                count=len(places),
                documents=len({document.name for document, *_ in places}),
                pos=pos or None,
                left=text[max(0, start - CONTEXT_CHARACTERS) : start],
                right=text[end : end + CONTEXT_CHARACTERS],
            )
        )
    return Uncovered(
        words=sum(counts.total() for counts in words.values()),
        unseen=sum(map(len, unseen.values())),
        unseen_types=len(unseen),
        examples=examples,
        by_part_of_speech=sorted(parts, key=lambda part: (-part.unseen, part.pos)),
        untagged=untagged,
    )


def why_untagged(tagger: Tagger) -> str | None:
    """Return why words cannot be tagged, or None if they can."""
    try:
        tagger.check()
    except InputError as error:
        return str(error)
    return None

"""The held-out words that training does not have: which, where, and of which part of speech."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import NamedTuple

from toolkit.errors import InputError
from toolkit.evaluation.metrics.words import tagged_spans
from toolkit.results.grouping import grouped
from toolkit.results.inspection import Uncovered, UnseenOfPart, UnseenWord
from toolkit.text.corpus import Document
from toolkit.text.neutral import word_spans
from toolkit.text.tagging import Tagger

EXAMPLES = 60  # the most frequent unseen words
CONTEXT = 40  # characters on either side


class Occurrence(NamedTuple):
    """A word in its text, and its part of speech."""

    word: str
    start: int
    end: int
    document: Document
    pos: str | None


def uncovered(test: Sequence[Document], known: Container[str], tagger: Tagger) -> Uncovered:
    """The held-out words that are not among those ``known`` from training, by part of speech if there is a tagger."""
    untagged = why_untagged(tagger)
    by_part: dict[str | None, Counter[str]] = defaultdict(Counter)
    unseen = []
    for document in test:
        for occurrence in read(document, None if untagged else tagger):
            by_part[occurrence.pos][occurrence.word] += 1
            if occurrence.word not in known:
                unseen.append(occurrence)
    return Uncovered(
        words=sum(of_part.total() for of_part in by_part.values()),
        unseen=len(unseen),
        unseen_types=len({occurrence.word for occurrence in unseen}),
        examples=examples(unseen),
        by_part_of_speech=[] if untagged else by_part_of_speech(by_part, known),
        untagged=untagged,
    )


def why_untagged(tagger: Tagger) -> str | None:
    """Why words cannot be tagged, or None if they can."""
    try:
        tagger.check()
    except InputError as error:
        return str(error)
    return None


def read(document: Document, tagger: Tagger | None) -> Iterator[Occurrence]:
    """The neutral words of a document, tagged if there is a tagger."""
    text = document.text
    if tagger is None:
        for _, end, word in word_spans(text):
            yield Occurrence(word, end - len(word), end, document, None)
    else:
        for (_, end, pos), (_, _, word) in zip(tagged_spans(text, tagger.tag(text)), word_spans(text), strict=True):
            yield Occurrence(word, end - len(word), end, document, pos)


def examples(unseen: Sequence[Occurrence]) -> list[UnseenWord]:
    """The most frequent unseen words, each with the context of its first occurrence."""
    by_word = grouped(unseen, lambda occurrence: occurrence.word)
    ranked = sorted(by_word.values(), key=lambda all_of_it: (-len(all_of_it), all_of_it[0].word))
    return [
        UnseenWord(
            word=first.word,
            count=1 + len(others),
            documents=len({occurrence.document.name for occurrence in (first, *others)}),
            pos=first.pos,
            left=" ".join(first.document.text[max(0, first.start - CONTEXT) : first.start].split("\n")),
            right=" ".join(first.document.text[first.end : first.end + CONTEXT].split("\n")),
            document=first.document.name,
        )
        for first, *others in ranked[:EXAMPLES]
    ]


def by_part_of_speech(words: Mapping[str | None, Counter[str]], known: Container[str]) -> list[UnseenOfPart]:
    """How many words and types of each part of speech training lacks, the most unseen words first."""
    parts = []
    for pos, of_part in words.items():
        unseen = [n for word, n in of_part.items() if word not in known]
        parts.append(
            UnseenOfPart(
                pos=str(pos),
                words=of_part.total(),
                unseen=sum(unseen),
                types=len(of_part),
                unseen_types=len(unseen),
            )
        )
    return sorted(parts, key=lambda part: (-part.unseen, part.pos))

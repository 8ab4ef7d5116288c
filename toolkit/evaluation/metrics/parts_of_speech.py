"""Parts of speech of neutral words: the coarse tag of the tagger's token that holds the word's first letter."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.evaluation.metrics.likelihood import by_label, total
from toolkit.events.distribution import Floats
from toolkit.results.bits import BANDS, PartOfSpeech
from toolkit.text import neutral
from toolkit.text.tagged import Tagged

NOT_A_WORD = BANDS[neutral.NOT_A_WORD]
UNTAGGED = "X"  # the Universal Dependencies tag for words without another


def tagged_spans(text: str, tagged: Sequence[Tagged]) -> Iterator[tuple[int, int, str]]:
    """Start, end and coarse tag of each neutral word; the span includes the single space directly before it.

    >>> tokens = [Tagged(0, 2, "", "AUX", ""), Tagged(2, 5, "", "PART", ""), Tagged(6, 8, "", "VERB", "")]
    >>> list(tagged_spans("Don't go", tokens))
    [(0, 5, 'AUX'), (5, 8, 'VERB')]
    """
    starts = np.array([token.start for token in tagged], np.int64)
    for start, end, word in neutral.word_spans(text):
        first = end - len(word)
        place = int(np.searchsorted(starts, first, side="right")) - 1
        covered = place >= 0 and first < tagged[place].end
        yield start, end, (tagged[place].pos if covered else "") or UNTAGGED


@dataclass(frozen=True)
class Labels:
    """For each text, the part of speech of each character (characters,), as a place in ``names``.

    The last name is for everything that is not a word.
    """

    names: tuple[str, ...]
    by_text: tuple[npt.NDArray[np.int8], ...]


def labels(texts: Sequence[str], tagged: Iterable[Sequence[Tagged]]) -> Labels:
    """The parts of speech of the texts' characters, from the texts' tagged tokens.

    >>> parts = labels(["a bee!"], [[Tagged(0, 1, "", "DET", ""), Tagged(2, 5, "", "NOUN", "")]])
    >>> parts.names, parts.by_text[0].tolist()
    (('DET', 'NOUN', 'not a word'), [0, 1, 1, 1, 1, 2])
    """
    spans = [list(tagged_spans(text, tokens)) for text, tokens in zip(texts, tagged, strict=True)]
    names = (*sorted({pos for text_spans in spans for _, _, pos in text_spans}), NOT_A_WORD)
    place = {pos: i for i, pos in enumerate(names)}
    by_text = []
    for text, text_spans in zip(texts, spans, strict=True):
        by_character = np.full(len(text), place[NOT_A_WORD], np.int8)
        for start, end, pos in text_spans:
            by_character[start:end] = place[pos]
        by_text.append(by_character)
    return Labels(names, tuple(by_text))


def by_part_of_speech(scored: Iterable[tuple[Floats, float]], parts: Labels) -> list[PartOfSpeech]:
    """The ledger by the text: characters and bits (sums) of the neutral words of each part of speech.

    ``scored`` has for each text the bits of its characters and of its end; the latter go to "not a word".
    """
    shares = by_label(scored, parts.by_text, len(parts.names))
    return [PartOfSpeech(pos=pos, **total(of_part)) for pos, of_part in zip(parts.names, shares, strict=True)]

"""The texts that are tagged before anything else, in several processes: columns then find the tags in the cache."""

from collections.abc import Iterable, Sequence

from toolkit.comparison.progress import Reporter
from toolkit.runs.crew import Crew
from toolkit.text.corpus import Document, characters
from toolkit.text.tagging import Tagger
from toolkit.tokenizers import Tokenizer
from toolkit.tokenizers.patterns import PatternWords
from toolkit.tokenizers.words import Words

MUCH_TEXT = 200_000  # characters: tagging them takes as long as a process needs to load a tagger
SHARE = 50_000_000  # characters at most that one process tags: it remembers every word that it has seen


def tagger_of(tokenizer: Tokenizer, training: Iterable[Document]) -> Tagger | None:
    """The tagger that a tokenizer will have when it is fitted to the training documents; None if it asks none.

    Where a pattern cuts the words, it asks one for tags alone.
    """
    tagger = getattr(tokenizer, "tagger", None)
    if not isinstance(tagger, Tagger):
        return None
    if not tagger.tags and isinstance(getattr(tokenizer, "segmenter", None), PatternWords):
        return None
    if isinstance(tokenizer, Words):
        tagger.see_dashes(document.text for document in training)
    return tagger


def tag(tagger: Tagger, documents: Sequence[Document], crew: Crew, reporter: Reporter) -> None:
    """Tag what has not been tagged before, much text in as many processes as the crew has."""
    if not (new := [document for document in documents if not tagger.cached(document.text)]):
        return
    what = "tagging" if tagger.tags else "cutting into words"
    reporter.stage(f"{what} {len(new):,} of {len(documents):,} texts, which is kept for the next time")
    if characters(new) < MUCH_TEXT:
        tag_texts(tagger, new)
        return
    tagged = 0
    shares = [share for share in even_shares(new, shares_of(characters(new), crew.size)) if share]
    for share, done in [(share, crew.submit(crew.alone, tag_texts, tagger, share)) for share in shares]:
        done.result()
        tagged += len(share)
        if tagged < len(new) and len(shares) > crew.size:
            reporter.stage(f"{what}: {tagged:,} of {len(new):,} texts are done")


def shares_of(characters: int, processes: int) -> int:
    """In how many shares so many characters are tagged: a multiple of the processes, none of more than ``SHARE``.

    >>> shares_of(1_000, 2), shares_of(SHARE * 3 + 1, 2)
    (2, 4)
    """
    return processes * max(1, -(-characters // (processes * SHARE)))


def even_shares(documents: Sequence[Document], number: int) -> list[list[Document]]:
    """The documents in so many shares of similar length.

    >>> documents = [Document("a", "aaaa"), Document("b", "bbb"), Document("c", "cc")]
    >>> [[document.name for document in share] for share in even_shares(documents, 2)]
    [['a'], ['b', 'c']]
    """
    shares: list[list[Document]] = [[] for _ in range(number)]
    lengths = [0] * number
    for document in sorted(documents, key=lambda document: document.characters, reverse=True):
        shortest = lengths.index(min(lengths))
        shares[shortest].append(document)
        lengths[shortest] += document.characters
    return shares


def tag_texts(tagger: Tagger, documents: Sequence[Document]) -> None:
    """Tag the texts of documents, which leaves their tags in the cache."""
    for document in documents:
        tagger.tag(document.text)

"""The texts that are tagged before anything else: columns and unseen words then find the tags in the cache."""

from collections.abc import Sequence
from typing import Any

from toolkit.comparison.reporter import Reporter
from toolkit.comparison.request import Request
from toolkit.environment import cores
from toolkit.inspection.columns import made
from toolkit.inspection.crew import Crew
from toolkit.inspection.uncovered import why_untagged
from toolkit.text.corpus import Document
from toolkit.text.excerpt import characters
from toolkit.text.tagging import Tagger
from toolkit.tokenizers.words import Words

MUCH_TEXT = 200_000  # characters: tagging them takes as long as a process needs to load a tagger


def tag(request: Request, tagger: Tagger, crew: Crew, reporter: Reporter) -> None:
    """Tag what has not been tagged before, much text in a process per core; the columns read it from the cache.

    Unseen words are tagged by ``tagger`` as a column of words tags them, so that no text is tagged twice.
    """
    split = request.split
    needed: dict[Any, tuple[Tagger, tuple[Document, ...]]] = {}
    if why_untagged(tagger) is None:
        tagger.see_dashes(document.text for document in split.train)
        needed[key(tagger)] = tagger, split.test
    for tokenizer in (made(request, column) for column in request.columns):
        if isinstance(of_column := getattr(tokenizer, "tagger", None), Tagger):
            if isinstance(tokenizer, Words):
                of_column.see_dashes(document.text for document in split.train)
            needed[key(of_column)] = of_column, (*split.train, *split.valid, *split.test)
    for of_texts, documents in needed.values():
        if not (new := [document for document in documents if not of_texts.cached(document.text)]):
            continue
        what = "tagging" if of_texts.tags else "cutting into words"
        reporter.stage(f"{what} {len(new)} of {len(documents)} texts, which is kept for the next time")
        if characters(new) < MUCH_TEXT:
            tag_texts(of_texts, new)
            continue
        shares = [share for share in even_shares(new, cores()) if share]
        for done in [crew.submit(crew.alone, tag_texts, of_texts, share) for share in shares]:
            done.result()


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


def key(tagger: Tagger) -> tuple[str, bool, bool]:
    """What the tagger's tokens of a text depend on."""
    return tagger.model, tagger.tags, tagger.cuts_dashes


def tag_texts(tagger: Tagger, documents: Sequence[Document]) -> None:
    """Tag the texts of documents, which leaves their tags in the cache."""
    for document in documents:
        tagger.tag(document.text)

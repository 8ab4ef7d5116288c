"""Tag texts before anything else, in several processes. Columns then find the tags in the cache."""

from collections.abc import Iterable, Sequence

from toolkit.comparison.progress import Reporter
from toolkit.runs.process import Crew
from toolkit.text.corpus import Document, characters
from toolkit.text.tagging import Tagger
from toolkit.tokenizers import Tokenizer
from toolkit.tokenizers.patterns import PatternWords
from toolkit.tokenizers.words import Words

MIN_CHARACTERS = 200_000  # for a process of their own: tagging them takes as long as loading a tagger
MAX_CHARACTERS = 50_000_000  # for one process, which remembers every word that it has seen


def tagger_of(tokenizer: Tokenizer, training: Iterable[Document]) -> Tagger | None:
    """Return the tagger that a tokenizer will have when it is fitted to the training documents; None if it needs none.

    A tokenizer that cuts words by a pattern needs a tagger for tags alone.
    """
    tagger = getattr(tokenizer, "tagger", None)
    if not isinstance(tagger, Tagger):
        return None
    if not tagger.tags and isinstance(getattr(tokenizer, "segmenter", None), PatternWords):
        return None
    if isinstance(tokenizer, Words):
        tagger.see_dashes(document.text for document in training)
    return tagger


def tag(
    tagger: Tagger, documents: Sequence[Document], crew: Crew, reporter: Reporter, least: int = MIN_CHARACTERS
) -> None:
    """Tag the documents that have never been tagged: in the crew's processes if they have ``least`` characters."""
    if not (new := [document for document in documents if not tagger.cached(document.text)]):
        return
    task = "tagging" if tagger.tags else "cutting into words"
    reporter.stage(f"{task} {len(new):,} of {len(documents):,} texts, which is kept for the next time")
    if characters(new) < least:
        _tag_texts(tagger, new)
        return
    shares = crew.size * max(1, -(-characters(new) // (crew.size * MAX_CHARACTERS)))
    by_length = sorted(new, key=lambda document: document.characters, reverse=True)
    for outcome in [crew.submit(crew.alone, _tag_texts, tagger, by_length[i::shares]) for i in range(shares)]:
        outcome.result()


def _tag_texts(tagger: Tagger, documents: Sequence[Document]) -> None:
    for document in documents:
        tagger.tag(document.text)

"""The census of tokens is what counting all of them gives, also of a document in parts."""

from collections import Counter
from dataclasses import replace

from tests.conftest import story
from toolkit.text import store
from toolkit.text.corpus import Corpus, Document, left_out_together
from toolkit.text.neutral import census, characters_in, tokens, training_counts
from toolkit.text.sources import checked


def test_the_census_is_what_counting_all_tokens_gives():
    documents = [Document(f"d{i:02}", story(i, 5)) for i in range(7)]
    everything = [token for document in documents for token in tokens(document.text)]
    counted = census(documents)
    assert (counted.tokens, counted.types) == (len(everything), len(set(everything)))
    assert counted.hapaxes == sum(everything.count(token) == 1 for token in set(everything))
    assert counted.words == training_counts(documents).total()
    assert counted.spread["lamp"] == sum("lamp" in tokens(document.text) for document in documents)
    text = "".join(document.text for document in documents) + "😀"
    assert characters_in([*documents, Document("e", "😀")]) == Counter(text)


def test_in_the_census_a_document_in_parts_is_one_unless_all_are_parts_of_one(monkeypatch):
    """A name that one novel has in all its parts is in one document; other novels have others."""
    texts = ("\n\n".join(f"{story(i + k, 4)} Name{i}" for k in range(0, 90, 10)) for i in range(3))
    novels = [Document(f"n{i}", text) for i, text in enumerate(texts)]
    whole = census(novels)
    for name, value in (("MEMORY_CHARACTERS", 3_000), ("LONG_CHARACTERS", 2_000), ("PART_CHARACTERS", 300)):
        monkeypatch.setattr(store, name, value)
    parts = checked(Corpus("novels", tuple(novels))).documents
    assert len(parts) > 2 * len(novels)
    assert left_out_together(parts) == sorted(left_out_together(parts))
    assert set(left_out_together(parts)) == {0, 1, 2}
    assert census(parts) == replace(whole, documents=len(parts))
    lone = [part for part in parts if part.whole == "n1"]
    assert left_out_together(lone) == list(range(len(lone)))
    assert census(lone).spread["Name1"] > 1

"""Much text: counts of all of it, and classes and spellers from an excerpt; documents in parts count as one."""

import re
from collections import Counter
from dataclasses import dataclass

import pytest

from tests.conftest import story
from toolkit.text.corpus import Document
from toolkit.tokenizers import counting
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.cut import Spaced, SpacyWords
from toolkit.tokenizers.subwords import BytePairs

COUNTED = ("kept", "alphabet", "trained", "surprises", "events", "outside")


@pytest.mark.parametrize("strategy", ["unk", "keep", "spell", "drop", "pos"])
def test_words_are_counted_in_all_documents_whatever_the_excerpt_is(split, monkeypatch, strategy):
    whole = SpacyWords(strategy).fit(split.train, split.valid).state()
    monkeypatch.setattr(counting, "fitting_places", lambda *_: range(1, 3))
    part = SpacyWords(strategy).fit(split.train, split.valid).state()
    assert {name: part[name] for name in COUNTED} == {name: whole[name] for name in COUNTED}


@pytest.mark.parametrize("strategy", ["pos", "shape", "cluster"])
def test_classes_and_speller_are_learnt_from_the_excerpt_alone(split, monkeypatch, strategy):
    kept = split.train[1:3]
    monkeypatch.setattr(counting, "fitting_places", lambda *_: range(1, 3))
    others = [d if d in kept else Document(d.name, d.text.replace("e", "a").upper()) for d in split.train]
    states = [SpacyWords(strategy, rare_max_count=10**6).fit(of).state() for of in (split.train, others)]
    assert states[0]["fillings"] == states[1]["fillings"] != {}
    assert states[0]["strategy"] == states[1]["strategy"]


@dataclass(frozen=True)
class Piece(Document):
    """A part of a document, as a corpus that does not fit has them."""

    whole: str


def in_pieces(documents):
    """The documents, each in a piece for each of its paragraphs."""
    return [
        Piece(f"{document.name}#{number}", paragraph, document.name)
        for document in documents
        for number, paragraph in enumerate(re.split(r"(?<=\n\n)", document.text))
    ]


def novel(number: int) -> Document:
    """Four paragraphs with a name and a letter that no other novel has."""
    name, letter = f"Name{number}", "αβγδε"[number]
    paragraphs = [f"{story(10 * number + k, 3).strip()} {name} {letter}\n {name} said" for k in range(4)]
    return Document(f"n{number}", "\n\n".join(paragraphs))


NOVELS = [novel(number) for number in range(5)]


@pytest.mark.parametrize("strategy", ["unk", "spell", "drop"])
@pytest.mark.parametrize("options", [{}, {"rare_max_documents": 1}])
def test_a_document_in_parts_counts_as_one_document(strategy, options):
    """A name that is all over one novel is in no other: the reserve is for what a new document brings."""
    whole, parts = (Spaced(strategy, **options).fit(of) for of in (NOVELS, in_pieces(NOVELS)))
    assert parts.kept_ids == whole.kept_ids
    assert ("Name1" in "".join(parts.kept_ids)) == (not options)
    reserve = parts.vocabulary.reserve
    assert reserve.surprises == whole.vocabulary.reserve.surprises
    more_ends = len(in_pieces(NOVELS)) - len(NOVELS)  # of documents
    assert reserve.events == whole.vocabulary.reserve.events + more_ends
    if strategy == "unk":
        assert parts.speller.escapes == whole.speller.escapes


@pytest.mark.parametrize("make", [Characters, BytePairs])
def test_what_only_one_document_in_parts_has_would_be_a_surprise_without_it(make):
    tokenizer = make().fit(in_pieces(NOVELS))
    encodings = {one.name: [tokenizer.encode(piece) for piece in in_pieces([one])] for one in NOVELS}
    by_novel = {name: Counter(i for e in of for i in e.ids.tolist()) for name, of in encodings.items()}
    together = sum(by_novel.values(), Counter())
    alone = sum(count for of in by_novel.values() for id_, count in of.items() if of[id_] == together[id_])
    assert tokenizer.vocabulary.reserve.surprises == alone > 10


@pytest.mark.parametrize("make", [Characters, BytePairs, lambda: Spaced("spell")])
def test_parts_of_a_lone_document_are_left_out_in_turn(make):
    lone = in_pieces([Document("all", "\n\n".join(one.text for one in NOVELS))])
    reserve = make().fit(lone).vocabulary.reserve
    assert 0 < reserve.surprises < reserve.events / 5

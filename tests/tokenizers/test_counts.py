"""What is counted in the training text: surprises and escapes against a recount, documents in parts, excerpts."""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest

from tests.conftest import story
from toolkit.runs.spec import parse_column
from toolkit.text.corpus import Document
from toolkit.text.store import fitting_places
from toolkit.text.words import JOINER
from toolkit.tokenizers.counting import EXCERPT_CHARACTERS
from toolkit.tokenizers.cut import Spaced, SpacyWords

MARKS = range(1, 5)  # their ids


def surprises(parts):
    """Count the events that training would not show if their part were left out."""
    counts, parts_with = Counter(), Counter()
    for part in parts:
        counts.update(part)
        parts_with.update(set(part))
    return sum(count for event, count in counts.items() if parts_with[event] == 1)


@dataclass(frozen=True)
class Piece(Document):
    """A part of a document, as a corpus that does not fit into memory has them."""

    whole: str


def in_pieces(documents):
    """The documents, each in a piece for each of its paragraphs."""
    return [
        Piece(f"{document.name}#{number}", paragraph, document.name)
        for document in documents
        for number, paragraph in enumerate(re.split(r"(?<=\n\n)", document.text))
    ]


NOVELS = [  # four paragraphs each, with a name and a letter that no other novel has
    Document(letter, "\n\n".join(f"{story(4 * n + k, 3).strip()} {letter}\n Name{letter} said" for k in range(4)))
    for n, letter in enumerate("αβγδε")
]


def test_documents_without_rare_words_have_no_surprises():
    assert Spaced().fit([Document(name, "a lamp\n") for name in "abc"]).vocabulary.reserve.surprises == 0


@pytest.mark.parametrize("column", ["char", "bpe", "spaced:keep"])
def test_surprises_are_the_events_that_only_one_document_has(column):
    for documents in (NOVELS, in_pieces(NOVELS)):
        tokenizer = parse_column(column, {}).make().fit(documents)
        ids = {whole.name: [] for whole in NOVELS}
        for document in documents:
            ids[document.whole] += tokenizer.encode(document).ids.tolist()
        assert tokenizer.vocabulary.reserve.surprises == surprises(ids.values()) > 10


@pytest.mark.parametrize(
    ("strategy", "options"),
    [
        ("pos", {}),
        ("pos", {"rare_max_documents": 1}),
        ("spell", {}),
        ("spell", {"rare_max_count": 2}),
        ("spell", {"rare_max_documents": 1}),
        ("cluster", {"rare_max_count": 2}),
        ("drop", {}),
        ("keep", {}),
    ],
)
def test_surprises_equal_a_recount_without_each_document(split, strategy, options):
    scripts = [Document(text, " ".join([text] * 4)) for text in ("свет на тёмной воде", "ضوء على الماء")]
    documents = [
        *split.train,
        *scripts,
    ]  # a script takes its letters with it: a kept word is one event all the same
    tokenizer = SpacyWords(strategy, **options).fit(documents)
    cut = [tokenizer.cut(document) for document in documents]
    texts = [list(zip(c.texts, tokenizer.with_classes(c, np.arange(len(c))), strict=True)) for c in cut]
    helpers = [[i for i in tokenizer.encode(d).ids.tolist() if i in MARKS] for d in documents]
    written_with = tokenizer.strategy.symbols(tokenizer.state()["alphabet"])
    numbers = {symbol.name: number for number, symbol in enumerate(written_with)}

    def symbols(spelled):
        written = [event.symbol for event in tokenizer.strategy.write(*spelled, numbers)]
        return [number for number in written if not written_with[number].outside]

    in_all = Counter(type_ for text in texts for type_, _ in text)
    parts_with = Counter(type_ for text in texts for type_ in {type_ for type_, _ in text})
    kept = {type_ for type_ in in_all if not tokenizer.is_rare(in_all[type_], parts_with[type_])}
    expected = surprises(helpers)
    for d, text in enumerate(texts):
        others = [word for o, other in enumerate(texts) if o != d for word in other]
        counts = Counter(type_ for type_, _ in others)
        spread = Counter(w for o, other in enumerate(texts) if o != d for w in {type_ for type_, _ in other})
        rare = {type_ for type_ in counts if tokenizer.is_rare(counts[type_], spread[type_])}
        shown = {symbol for type_, spelled in others if type_ in rare for symbol in symbols(spelled)}
        for type_, spelled in text:
            if type_ in rare or type_ not in counts:
                new = sum(symbol not in shown for symbol in symbols(spelled))
                expected += min(new, 1) if type_ in kept else new  # a kept word is one event
    assert tokenizer.vocabulary.reserve.surprises == expected


@pytest.mark.parametrize("options", [{}, {"rare_max_documents": 1}])
def test_the_spellers_escapes_equal_a_refit_without_each_document(brief_split, options):
    train = brief_split.train
    tokenizer = SpacyWords("unk", **options).fit(train)
    escapes = symbols = 0
    for document in train:
        others = [other for other in train if other is not document]
        encoding = SpacyWords("unk", **options).fit(others).encode(document)
        seen = set("".join(other.text for other in others))
        escapes += sum(c not in seen for s in encoding.surfaces.values() for c in s.replace(JOINER, ""))
        symbols += sum(len(s) + 1 for s in encoding.surfaces.values())
    assert tokenizer.speller.escapes == (escapes, symbols)


@pytest.mark.parametrize("strategy", ["unk", "spell", "drop"])
@pytest.mark.parametrize("options", [{}, {"rare_max_documents": 1}])
def test_a_document_in_parts_counts_as_one_document(strategy, options):
    """A name that is all over one novel is in no other: the reserve is for what a new document brings."""
    whole, parts = (Spaced(strategy, **options).fit(of) for of in (NOVELS, in_pieces(NOVELS)))
    assert parts.kept_ids == whole.kept_ids
    assert ("Nameβ" in "".join(parts.kept_ids)) == (not options)
    reserve = parts.vocabulary.reserve
    assert reserve.surprises == whole.vocabulary.reserve.surprises
    more_ends = len(in_pieces(NOVELS)) - len(NOVELS)  # of documents
    assert reserve.events == whole.vocabulary.reserve.events + more_ends
    assert (parts.placeholder is not None) == (strategy == "unk")  # one id stands for every rare word
    if strategy == "unk":
        assert parts.speller.escapes == whole.speller.escapes


@pytest.mark.parametrize("column", ["char", "spaced:spell"])
def test_parts_of_a_lone_document_are_left_out_in_turn(column):
    lone = Document("all", "\n\n".join(one.text for one in NOVELS))
    for documents in ([lone], in_pieces([lone])):
        reserve = parse_column(column, {}).make().fit(documents).vocabulary.reserve
        assert 0 < reserve.surprises < reserve.events / 5


@dataclass(frozen=True)
class Long(Document):
    """A document of a corpus that does not fit into memory."""

    characters: int = 3_500_000


@pytest.mark.parametrize("strategy", ["unk", "spell", "drop", "pos", "cluster"])
def test_much_text_is_counted_as_a_whole_and_its_classes_learnt_from_an_excerpt(split, strategy):
    train = [Long(document.name, document.text) for document in split.train]
    excerpt = [train[place] for place in fitting_places(train, EXCERPT_CHARACTERS)]
    whole, part = (SpacyWords(strategy).fit(documents).state() for documents in (split.train, train))
    depends_on_classes = {"trained", "surprises"} if strategy == "cluster" else set()
    for name in {"kept", "alphabet", "trained", "surprises", "events", "outside"} - depends_on_classes:
        assert part[name] == whole[name], name
    assert part["fillings"] != whole["fillings"]
    part, alone = (
        SpacyWords(strategy, rare_max_count=10**6).fit(documents).state() for documents in (train, excerpt)
    )
    assert (part["fillings"], part["strategy"]) == (alone["fillings"], alone["strategy"])

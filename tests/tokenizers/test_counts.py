"""What is counted in the training text: surprises and escapes against a recount."""

from collections import Counter

import numpy as np
import pytest

from tests.conftest import story
from toolkit.runs.spec import parse_column
from toolkit.text.corpus import Document
from toolkit.text.words import JOINER
from toolkit.tokenizers.cut import Spaced, SpacyWords

MARKS = range(1, 5)  # their ids


def surprises(parts):
    """Count the events that training would not show if their part were left out."""
    counts, parts_with = Counter(), Counter()
    for part in parts:
        counts.update(part)
        parts_with.update(set(part))
    return sum(count for event, count in counts.items() if parts_with[event] == 1)


NOVELS = [  # four paragraphs each, with a name and a letter that no other novel has
    Document(letter, "\n\n".join(f"{story(4 * n + k, 3).strip()} {letter}\n Name{letter} said" for k in range(4)))
    for n, letter in enumerate("αβγδε")
]


def test_documents_without_rare_words_have_no_surprises():
    assert Spaced().fit([Document(name, "a lamp\n") for name in "abc"]).vocabulary.reserve.surprises == 0


@pytest.mark.parametrize("column", ["char", "bpe", "spaced:keep"])
def test_surprises_are_the_events_that_only_one_document_has(column):
    tokenizer = parse_column(column, {}).make().fit(NOVELS)
    ids = [tokenizer.encode(document).ids.tolist() for document in NOVELS]
    assert tokenizer.vocabulary.reserve.surprises == surprises(ids) > 10


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


@pytest.mark.parametrize("column", ["char", "spaced:spell"])
def test_parts_of_a_lone_document_are_left_out_in_turn(column):
    lone = Document("all", "\n\n".join(one.text for one in NOVELS))
    reserve = parse_column(column, {}).make().fit([lone]).vocabulary.reserve
    assert 0 < reserve.surprises < reserve.events / 5

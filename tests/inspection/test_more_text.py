"""The n-gram on fractions of the training documents."""

import pytest

from toolkit.inference.ngram import NGramModel
from toolkit.inspection.more_text import FRACTIONS, more_text
from toolkit.text.corpus import Document, Split
from toolkit.tokenizers import TOKENIZERS

TALE = "The lamp had been lit for {} nights, and on the next it was the keeper who climbed up to see why.\n"


def split_of(number: int) -> Split:
    """A split with so many training documents."""
    documents = [Document(f"d{i}", TALE.format(i * 7919) * 3) for i in range(number + 2)]
    return Split(tuple(documents[:number]), (documents[number],), (documents[number + 1],))


def grown(split: Split):
    """What more text gives to characters, and the n-gram of the whole."""
    tokenizer = TOKENIZERS.make("char").fit(split.train, split.valid)
    train, valid, test = ([tokenizer.encode(d) for d in part] for part in (split.train, split.valid, split.test))
    model = NGramModel.fitted(tokenizer, train, valid)
    return more_text(model, split, train, valid, test), model, test


def test_the_last_point_is_the_ngram_of_the_whole_text_and_the_others_come_before_it():
    split = split_of(40)
    found, model, test = grown(split)
    characters = [n for n, _ in found.points]
    assert characters == sorted(set(characters))
    assert len(characters) == len(FRACTIONS) + 1
    bits = sum(document.total for document in model.score(test)) / len(split.test[0].text)
    assert found.points[-1][1] == pytest.approx(bits)
    assert found.curve.held_back.measured == pytest.approx(bits)
    assert found.scored_characters == len(split.test[0].text)


@pytest.mark.parametrize("number", [1, 3])
def test_with_too_few_documents_there_is_none(number):
    assert grown(split_of(number))[0] is None

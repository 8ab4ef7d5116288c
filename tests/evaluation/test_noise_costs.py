"""The costs of noise, by hand for models with known bits."""

import numpy as np
import pytest

from toolkit.errors import InputError
from toolkit.evaluation.evaluator import noise_costs
from toolkit.inference.scores import document_scores
from toolkit.text.corpus import Document
from toolkit.text.noise import Noisy, noisy_texts
from toolkit.tokenizers.characters import Characters


class Refusing(Characters):
    """Characters that cannot encode the documents of one kind of noise."""

    def encode(self, document):
        if "5 %" in document.name:
            raise InputError("Too much noise; leave it out.")
        return super().encode(document)


def costs(split, texts, documents):
    """The costs of noisy texts for a model that pays 7 bits for a capital and 4 bits for another character."""
    tokenizer = Refusing().fit(split.train)
    bits = np.array([7.0 if token.isupper() else 4.0 for token in tokenizer.vocabulary.tokens])

    def score(documents, encodings):
        assert len(documents) == len(encodings)
        return [document_scores(tokenizer, e, bits[e.ids], np.zeros(len(e.ids))) for e in encodings]

    return noise_costs(texts, tokenizer, score(documents, [tokenizer.encode(d) for d in documents]), score)


def test_a_model_gains_the_bits_of_capitals_in_lower_case_and_pays_nothing_for_errors_of_the_same_case(split):
    one, lower = costs(split, noisy_texts(split), split.test)
    capitals = [sum(map(str.isupper, document.text)) for document in split.test]
    bits = 4.0 * sum(len(document.text) for document in split.test) + 3 * sum(capitals)
    assert (one.bits, one.clean_bits, one.extra, one.changed > 0) == (bits, bits, 0, True)
    assert [one.name, lower.name] == ["1 % of letters", "lower case"]
    assert [share.bits for share in lower.documents] == [-3.0 * n for n in capitals]
    assert (lower.changed, lower.clean_bits) == (sum(capitals), bits)
    assert lower.extra == pytest.approx(-3 * sum(capitals) / lower.characters)


def test_a_beginning_is_compared_with_the_clean_beginning_and_a_single_document_is_cut_into_pieces(split):
    document = Document("all", "a lamp and the tide " * 20 + "A LAMP AND THE TIDE " * 20)
    (noise,) = costs(split, [Noisy("none", (Document("all", document.text[:400]),), 1, 0)], [document])
    assert (noise.characters, noise.clean_bits, noise.extra) == (400, 1600, 0)
    assert [(share.characters, share.bits) for share in noise.documents] == [(20, 0.0)] * 20

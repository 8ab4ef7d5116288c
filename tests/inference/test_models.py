"""Laws of every kind of model: distributions sum to one, scoring charges them, and a coder restores the text."""

import math
from functools import partial

import numpy as np
import pytest

from tests.helpers.rounding import assert_same_sums
from tests.inference.conftest import counted, network
from toolkit.errors import InputError
from toolkit.events.coding import check_distribution
from toolkit.inference.combined import Adapting, Ensemble, Mixture
from toolkit.inference.neural import WINDOW
from toolkit.inference.scores import bits_by_word
from toolkit.inference.verification import decode, verify
from toolkit.runs.folder import load
from toolkit.runs.spec import parse_column
from toolkit.text.corpus import Document
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.cut import Spaced, SpacyWords

KINDS = [  # a tokenizer, and a model of its events
    *((spec, kind) for spec in ("char", "bpe", "whitespace:keep", "word:drop") for kind in ("lstm", "ngram")),
    ("word:spell", "lstm"), ("word:unk", "ngram"), ("word:drop", "mean"),
    *((spec, "transformer") for spec in ("char", "bpe")),
    pytest.param("word:drop", "learning", marks=pytest.mark.slow),
]  # fmt: skip
DOCUMENTS = [
    Document("a", "The harbour lay still; “quincunx” Ωλ wrote: don't—the moon's\n\n low 14th.  Nobody "),
    Document("empty", ""),
    Document("b", "  He wrote quincunx 😀, the harbour's old lamp\tburned. " + 40 * "oh"),
]


# Terms of a block of 6 units with 20 remembered tokens: more than an LSTM's.
TERMS = 6 + 3 + 20 + 6 + 6 + 24
STEPPED = TERMS, None, "stepper"


@pytest.fixture(scope="module")
def of_one_tokenizer(request, split):
    """Networks of each kind, n-grams, their mean, and models that learn as they read."""
    tokenizer = parse_column(request.param, {}).make().fit(split.train, split.valid)
    lstm, gru, ngram = network(tokenizer), network(tokenizer, cell="gru"), counted(tokenizer, split)
    mean = Ensemble([lstm, gru, ngram])
    transformer = network(tokenizer, cell="transformer")
    models = {"lstm": lstm, "gru": gru, "transformer": transformer, "ngram": ngram}
    return models | {"mean": mean, "learning": Adapting(mean, 0.3)}


@pytest.fixture
def mixture(parts):
    return Mixture(parts)


def check_laws(model):
    """Stepping gives distributions that scoring charges, in batches too, and that end words as scoring says."""
    vocabulary = model.tokenizer.vocabulary
    encodings = [model.tokenizer.encode(document) for document in DOCUMENTS]
    scores, stepper = model.score(encodings), model.start()
    places = [set(range(0, len(encoding), 7)) | {len(encoding) - 1} for encoding in encodings]
    places[1] = set()
    batched = {(number, place): p for number, place, p in model.distributions(encodings, places)}
    assert batched.keys() == {(n, place) for n, of_document in enumerate(places) for place in of_document}
    for number, (document, encoding, of_document) in enumerate(zip(DOCUMENTS, encodings, scores, strict=True)):
        charged = of_document.network_bits + of_document.outside_bits
        paid, endings = [], []
        for place, id_ in enumerate(encoding.ids.tolist()):
            distribution = stepper.distribution()
            check_distribution(distribution, id_, document.name)
            paid.append(-math.log2(distribution[id_]))
            endings.append(distribution[vocabulary.ends_words].sum())
            if (number, place) in batched:
                possible = distribution > 0  # not all, of a language model
                of_batch = np.log2(batched[number, place][possible])
                # 0.05 seen
                assert_same_sums(of_batch, np.log2(distribution[possible]), *STEPPED)
            stepper.feed(id_)
        assert_same_sums(charged, paid, *STEPPED)  # 0.01 seen
        endings_of_scoring, largest = 2.0**-of_document.ending_bits, max(paid)
        # 0.001 seen
        assert_same_sums(endings_of_scoring, endings, TERMS, largest, "stepper")
        per_character, end = bits_by_word(document.text, of_document)
        assert per_character.sum() + end == pytest.approx(of_document.total, abs=1e-9)
        assert len(per_character) == len(document.text)
    bits = [of_document.total for of_document in scores]
    result = verify(model, partial(decode, model), DOCUMENTS, lambda *_: None, bits)
    assert result.wrong is None
    assert_same_sums(result.coded_bits, sum(bits), *STEPPED)  # 0.002 seen
    assert list(model.distributions(encodings, [set() for _ in encodings])) == []
    assert model.score([]) == []


@pytest.mark.parametrize(("of_one_tokenizer", "kind"), KINDS, indirect=["of_one_tokenizer"])
def test_laws_of_models_of_one_tokenizer(of_one_tokenizer, kind):
    check_laws(of_one_tokenizer[kind])


def test_laws_of_mixtures(mixture):
    check_laws(mixture)


of_drop = pytest.mark.parametrize("of_one_tokenizer", ["word:drop"], indirect=True)


def test_a_prefix_has_the_same_probabilities_whatever_follows(parts, mixture):
    models = [(model, 1) for model in [*parts[:2], mixture, Adapting(parts[1], 0.3)]]
    models += [(Adapting(parts[0], 5.0), 1), (parts[2], 3)]
    text = DOCUMENTS[0].text
    for model, margin in models:  # events that may depend on the end of the text
        (whole,), (part,) = (model.score_documents([Document("d", t)]) for t in (text, text[:50]))
        end = len(part.bits) - margin
        assert_same_sums(part.bits[:end], whole.bits[:end], TERMS)  # 0 seen


def test_documents_cost_the_same_alone_among_others_and_over_several_windows(run, split):
    long = Document("long", "\n\n".join(document.text for document in (*split.test, *split.valid)))
    encodings = [run.model.tokenizer.encode(document) for document in (long, *split.test, *DOCUMENTS)]
    assert len(encodings[0]) > 2 * WINDOW
    together = run.model.score(encodings)
    for encoding, scores in zip(encodings, together, strict=True):
        (alone,) = run.model.score([encoding])
        assert_same_sums(scores.bits, alone.bits, TERMS)  # 0.001 seen
    places = [{0, len(encoding) // 2, len(encoding) - 1} for encoding in encodings]
    for number, place, distribution in run.model.distributions(encodings, places):
        charged = together[number].network_bits + together[number].outside_bits
        paid = -np.log2(distribution[encodings[number].ids[place]])
        assert_same_sums(paid, charged[place], TERMS, charged.max())  # 0.003 seen


@of_drop
def test_an_ensemble_is_the_mean_of_its_models(of_one_tokenizer):
    models = [of_one_tokenizer[name] for name in ("lstm", "gru", "ngram")]
    ensemble, encoding = of_one_tokenizer["mean"], models[0].tokenizer.encode(DOCUMENTS[0])
    (scores,), alone = ensemble.score([encoding]), [model.score([encoding])[0] for model in models]
    for bits in ("network_bits", "ending_bits"):
        mean = np.mean([2.0 ** -getattr(of_model, bits) for of_model in alone], 0)
        np.testing.assert_allclose(2.0 ** -getattr(scores, bits), mean, rtol=1e-9)
    assert scores.total < np.mean([of_model.total for of_model in alone])  # Jensen
    for size in ("parameters", "embedding_parameters", "multiply_adds"):
        assert getattr(ensemble, size) == sum(getattr(model, size) for model in models) > 0
    learning, together = [model.at_rate(0.3) for model in models], ensemble.at_rate(0.3)
    for id_ in encoding.ids.tolist():
        expected = np.mean([stepper.distribution() for stepper in learning], 0)
        np.testing.assert_allclose(together.distribution(), expected, rtol=1e-12)
        for stepper in (together, *learning):
            stepper.feed(id_)


def test_models_are_unchanged_by_learning_and_cheaper_for_it(comparison_folder):
    model = load(comparison_folder / "runs" / "word-unk-seed0")
    arrays, text = model.network.arrays(), "The keeper wrote quincunx in his book. " * 24
    encodings = [model.tokenizer.encode(Document("d", text))] * 2
    (still,) = model.score(encodings[:1])
    first, second = Adapting(model, 5.0).score(encodings)
    assert second.total < first.total < 0.98 * still.total
    (tiny, _) = Adapting(model, 1e-30).score(encodings)
    assert_same_sums(tiny.bits, still.bits, TERMS)  # 0.001 seen
    for weight, array in model.network.arrays().items():
        np.testing.assert_array_equal(array, arrays[weight])


def test_models_of_unlike_tokenizers_and_invalid_rates_are_rejected(parts, split):
    shape, other = Spaced("shape").fit(split.train, split.valid), Characters().fit(split.train[:1])
    unlike = [counted(tokenizer, split) for tokenizer in (SpacyWords("unk").fit(split.train), shape, other)]
    wrong = [partial(Ensemble, []), partial(Ensemble, parts[1:3]), partial(Mixture, parts, -1)]
    wrong += [partial(Mixture, parts[2:]), *(partial(Mixture, [parts[0], model]) for model in unlike)]
    wrong += [partial(Adapting, parts[1], rate) for rate in (0.0, -1.0, math.nan, math.inf)]
    for make in wrong:
        with pytest.raises(InputError):
            make()


BITS = {  # of these documents
    "char": 1043.622277, "bpe": 1360.316102, "spaced:spell": 1395.299749, "spaced:shape": 1244.591846,
    "whitespace:unk": 1192.112050, "learning": 3204.711297, "mixture": 626.666069,
}  # fmt: skip


def test_models_pay_the_bits_that_they_have_always_paid(parts, split):
    """A change of these numbers changes published ones; laws alone do not show it."""
    columns = {name: parse_column(name, {}).make() for name in list(BITS)[:5]}
    models = {
        name: counted(tokenizer.fit(split.train, split.valid), split) for name, tokenizer in columns.items()
    }
    models |= {"learning": Adapting(parts[0], 0.3), "mixture": Mixture(parts, 0.3)}
    bits = {
        name: sum(scores.total for scores in model.score(list(map(model.tokenizer.encode, DOCUMENTS))))
        for name, model in models.items()
    }
    shares = [bits[name] / BITS[name] for name in BITS]
    assert_same_sums(shares, np.ones(len(BITS)), TERMS)  # 0.001 seen

"""The coder: what it refuses, what it gives back, and what it makes of a model that lies."""

import os
import platform
import shutil
import subprocess
import sys
import zlib
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from toolkit.inference.adapting import STEPS, Adapting
from toolkit.inference.compression import CHECKSUM, HEADER, MAGIC, compress, decompress, numbers
from toolkit.inference.ensemble import Ensemble
from toolkit.inference.range_coder import CodedDataError, Decoder, Encoder, NotADistributionError

from toolkit.config import NetworkSettings
from toolkit.errors import KILLED, ContractError, InputError, KilledError
from toolkit.evaluation.scoring import prove
from toolkit.events import exact
from toolkit.events.distribution import Uniform, with_floor
from toolkit.events.encoding import Events
from toolkit.events.stepping import spelling_bits
from toolkit.events.vocabulary import Reserve
from toolkit.inference.verification import decode, encode_document, verify, verify_while_scoring
from toolkit.network import CELLS
from toolkit.network.backend import tf
from toolkit.network.network import RecurrentNetwork
from toolkit.runs.folder import load
from toolkit.spelling.uniform import UNICODE_SCALARS
from toolkit.text.corpus import Document

pytestmark = pytest.mark.slow

HEADER_BYTES = len(MAGIC) + CHECKSUM.size + HEADER.size  # of a compressed file
UNSEEN = Document("unseen", "Ω ñandú 😀 zyzzyva, the harbour\n\n\n lay.  ")


def silent(*_):
    pass


def here(model):
    """A decoder in this process."""
    return partial(decode, model)


def reported(run, documents):
    return [s.total for s in run.model.score([run.model.tokenizer.encode(d) for d in documents])]


def test_outcomes_come_back_and_cost_their_bits():
    rng = np.random.default_rng(0)
    distributions = [rng.dirichlet(np.ones(50)) * (1 - 1e-4) + 2e-6 for _ in range(400)]
    distributions = [d / d.sum() for d in distributions] + [Uniform(1_112_000)] * 5
    outcomes = [int(rng.choice(50, p=d)) for d in distributions[:400]] + [0, 1_111_999, 5, 70_000, 999_999]
    encoder = Encoder()
    for distribution, outcome in zip(distributions, outcomes, strict=True):
        encoder.put(distribution, outcome)
    data = encoder.data()
    assert encoder.bits / 8 - 16 <= len(data) <= encoder.bits / 8 * 1.005 + 16
    decoder = Decoder(data)
    assert [decoder.pick(distribution) for distribution in distributions] == outcomes


@pytest.mark.parametrize("tail", [0.0, 0.02, 0.2])
def test_rare_outcomes_of_a_large_alphabet_cost_what_their_bits_say(tail):
    rng = np.random.default_rng(0)
    zipf = 1 / np.arange(1, 14_001) ** 2.2
    distribution = with_floor(zipf / zipf.sum())
    drawn = rng.choice(len(zipf), 3000, p=distribution)
    encoder = Encoder()
    for outcome in np.where(rng.random(3000) < tail, rng.integers(0, len(zipf), 3000), drawn):
        encoder.put(distribution, outcome)
    assert len(encoder.data()) - encoder.bits / 8 == pytest.approx(0, abs=12)


@pytest.mark.parametrize("distribution", [[0.5, 0.51], [0.5, 0.49], [1.0, 0.0], [1 - 1e-8, 1e-8], [0.5], [1.01]])
def test_what_is_no_distribution_is_refused(distribution):
    with pytest.raises(NotADistributionError, match="sum to"):
        Encoder().put(np.array(distribution), 0)
    with pytest.raises(NotADistributionError, match="sum to"):
        Decoder(bytes(4)).pick(np.array(distribution))


@pytest.mark.parametrize("cell", list(CELLS))
@pytest.mark.parametrize(("one_hot", "layers"), [(True, 1), (False, 2)])
def test_stepping_equals_the_graph(one_hot, layers, cell):
    settings = NetworkSettings(cell=cell, units=5, embedding=5, layers=layers)
    network = RecurrentNetwork(settings, np.ones(6, bool), one_hot=one_hot, seed=3)
    ids = np.array([0, 3, 5, 1, 0, 4], np.int32)  # with a <doc> in the middle
    outputs, _ = network.forward().window(tf.constant(ids[:, None]), network.initial(1))
    expected = network.output_layer().logits(tf.reshape(outputs, (-1, 5))).numpy()
    stepper, logits = network.stepper(), []
    for id_ in ids:
        stepper.feed(id_)
        logits.append(stepper.logits())
    np.testing.assert_allclose(logits, expected, atol=1e-6)


def test_verify_agrees_on_held_out_and_on_unseen_text(run, split):
    documents = [*split.test, UNSEEN, Document("empty", "")]
    result = verify(run.model, here(run.model), documents, reported(run, documents), silent)
    assert result.wrong is None
    assert result.coded_bits == pytest.approx(result.bits, rel=1e-5)
    assert result.characters == sum(len(document.text) for document in documents)


def test_a_decoder_that_is_killed_refutes_nothing(run, split, tmp_path, monkeypatch):
    def killed(*_):
        raise KilledError(KILLED)

    with pytest.raises(KilledError):
        verify(run.model, killed, split.test, reported(run, split.test), silent)
    monkeypatch.setattr("toolkit.evaluation.scoring.decoder_of", lambda *_: killed)
    (tmp_path / "a.txt").write_text("The harbour lay still.", "utf-8")
    with pytest.raises(KilledError):  # not "NOT verified"
        prove(run.folder, tmp_path / "a.txt", None, silent)


def test_a_decoder_that_cannot_work_refutes_nothing_and_one_that_finds_the_data_wrong_does(run, split):
    def raises(error):
        raise error

    full, altered = (partial(lambda error, *_: raises(error), kind("said")) for kind in (InputError, CodedDataError))
    for check in (verified, while_scoring):
        with pytest.raises(InputError, match="said"):
            check(run, split.test, full)
    assert verified(run, split.test, altered).wrong == "said"
    assert while_scoring(run, split.test, altered)[1].wrong == "said"


def test_verify_finds_bits_that_were_reported_too_low(run, split):
    expected = [0.99 * bits for bits in reported(run, split.test)]
    assert "bits were reported" in verify(run.model, here(run.model), split.test, expected, silent).wrong


def test_verify_finds_a_spelling_made_free(run, monkeypatch):
    """Planted: the scorer forgets what is spelled; the coder has to pay for it."""
    monkeypatch.setattr("toolkit.inference.scores.spelling_bits", lambda _, encoding: np.zeros(len(encoding.ids)))
    assert verify(run.model, here(run.model), [UNSEEN], reported(run, [UNSEEN]), silent).wrong


def test_verify_finds_a_token_that_the_encoding_skips(run, split, monkeypatch):
    """Planted: the encoder drops an event, so the text does not come back."""
    whole = type(run.model.tokenizer).encode

    def shortened(self, document):
        e = whole(self, document)
        moved = {i - (i > 3): s for i, s in e.surfaces.items() if i != 3}
        return type(e)(np.delete(e.array, 3), moved)

    monkeypatch.setattr(type(run.model.tokenizer), "encode", shortened)
    assert "differs" in verify(run.model, here(run.model), split.test, reported(run, split.test), silent).wrong


def test_verify_decodes_with_nothing_but_what_was_saved(run, split, monkeypatch):
    """Planted: a tokenizer that keeps the text that it encodes, and codes nothing but the end."""

    def stash(self, document):
        self.kept = document.text
        size = len(document.text)
        return Events.of([2, 0], [size, size], [0, 4], {})

    kind = type(run.model.tokenizer)
    monkeypatch.setattr(kind, "encode", stash)
    monkeypatch.setattr(kind, "decode", lambda self, ids, surfaces: getattr(self, "kept", ""))  # noqa: ARG005
    document = split.test[0]
    result = verify(run.model, here(load(run.folder)), [document], reported(run, [document]), silent)
    assert "differs" in result.wrong


def verified(run, documents, decoder):
    return verify(run.model, decoder, documents, reported(run, documents), silent)


def while_scoring(run, documents, decoder, check=lambda _: None):
    return verify_while_scoring(Adapting(run.model, 5.0), decoder, documents, check, silent)


def test_what_is_scored_while_it_is_coded_is_what_scoring_alone_gives(run, split):
    documents = [split.test[0], UNSEEN, Document("empty", "")]
    model, seen = Adapting(run.model, 5.0), []
    scores, result = while_scoring(run, documents, here(Adapting(run.model, 5.0)), seen.extend)
    alone = model.score([model.tokenizer.encode(document) for document in documents])
    for a, b in zip(scores, alone, strict=True):
        np.testing.assert_array_equal(a.bits, b.bits)
        np.testing.assert_array_equal(a.ending_bits, b.ending_bits)
    stepper = model.start()
    for document, of_document in zip(documents, scores, strict=True):
        encoded = model.tokenizer.encode(document)
        paid = []
        for id_ in encoded.ids:  # an oracle: stepping alone
            paid.append(-np.log2(stepper.distribution()[id_]))
            stepper.feed(int(id_))
        spelled = spelling_bits(model.tokenizer, encoded)
        np.testing.assert_allclose(of_document.bits, paid + spelled, rtol=1e-12)
    assert seen == scores
    assert result.wrong is None
    assert result.bits == sum(of_document.total for of_document in alone)
    assert result == verify(model, here(model), documents, [of_document.total for of_document in alone], silent)


def test_what_another_model_decodes_is_no_proof_of_scores_made_while_coding(run, split):
    assert while_scoring(run, split.test, here(run.model))[1].wrong


def test_a_spelling_made_free_is_found_while_scoring_and_nothing_is_decoded(run, monkeypatch):
    """Planted: the scorer forgets what is spelled; the coder has to pay for it."""
    monkeypatch.setattr("toolkit.inference.scores.spelling_bits", lambda _, encoding: np.zeros(len(encoding.ids)))
    assert "bits were reported" in while_scoring(run, [UNSEEN], pytest.fail)[1].wrong


def test_a_document_that_cannot_be_encoded_is_no_failed_proof(run, monkeypatch):
    def refuse(*_):
        raise InputError("no tagger")

    monkeypatch.setattr(type(run.model.tokenizer), "encode", refuse)
    with pytest.raises(InputError, match="no tagger"):
        while_scoring(run, [UNSEEN], pytest.fail)


def test_scores_that_a_check_refuses_are_not_decoded(run):
    def refuse(_):
        raise ContractError("something is free")

    assert while_scoring(run, [UNSEEN], pytest.fail, refuse)[1].wrong == "something is free"


def test_a_certain_outcome_needs_no_writing():
    certain, encoder = np.array([1.0]), Encoder()
    encoder.put(Uniform(1), 0)
    encoder.put(certain, 0)
    encoder.put(Uniform(7), 3)
    decoder = Decoder(encoder.data())
    assert [decoder.pick(Uniform(1)), decoder.pick(certain), decoder.pick(Uniform(7))] == [0, 0, 3]
    assert encoder.bits == pytest.approx(np.log2(7))
    decoder.finish()


@pytest.mark.parametrize("data", [b"abc", bytes(5)])
def test_data_of_a_part_of_a_word_is_refused_as_truncated(data):
    with pytest.raises(CodedDataError, match="is truncated"):
        Decoder(data)


def test_a_decoder_that_reads_on_behind_the_data_notices_it():
    """What a coder wrote has no more bits than it is long: 1,000 outcomes of 8 bits are not in 4 bytes."""
    decoder, uniform = Decoder(bytes(4)), np.full(256, 1 / 256)
    with pytest.raises(CodedDataError, match="ends before the text does"):
        [decoder.pick(uniform) for _ in range(1000)]


def test_what_is_no_number_is_no_probability():
    with pytest.raises(NotADistributionError):
        Encoder().put(np.array([0.5, np.nan, 0.5]), 0)


def test_the_coder_stops_at_a_softmax_that_sums_to_more_than_one(run, split, monkeypatch):
    reserve = type(run.model.tokenizer.vocabulary.reserve)
    right = reserve.distribution
    monkeypatch.setattr(reserve, "distribution", lambda self, logits: 1.01 * right(self, logits))
    with pytest.raises(NotADistributionError):
        encode_document(
            run.model.start(), run.model.tokenizer, run.model.tokenizer.encode(split.test[0]), Encoder().put
        )
    assert "sum to 1.01" in verify(run.model, here(run.model), split.test, [0.0] * len(split.test), silent).wrong


def test_the_coder_stops_at_a_speller_that_sums_to_more_than_one(run, monkeypatch):
    if run.spec.column.strategy is None:
        pytest.skip("the speller of characters and subwords is uniform by construction")
    speller = type(run.model.tokenizer.speller.start())
    right = speller.events
    monkeypatch.setattr(
        speller,
        "events",
        lambda self, c, s: ((d if isinstance(d, Uniform) else 1.01 * d, o) for d, o in right(self, c, s)),
    )
    with pytest.raises(NotADistributionError):
        encode_document(run.model.start(), run.model.tokenizer, run.model.tokenizer.encode(UNSEEN), Encoder().put)


def test_a_file_comes_back_in_another_process_without_corpus_and_spacy(
    comparison_folder, subwords_folder, split, tmp_path
):
    """The files of all runs in one process: to load TensorFlow takes longer than to decode them."""
    text = split.test[0].text[:400] + UNSEEN.text
    runs = sorted([*(comparison_folder / "runs").iterdir(), *(subwords_folder / "runs").iterdir()])
    for run in runs:
        (tmp_path / f"{run.name}.tkc").write_bytes(compress(load(run), text, "in.txt"))
        shutil.copytree(run, tmp_path / "elsewhere" / run.name)
    code = (
        "import sys; sys.modules['spacy'] = None\n"
        "from pathlib import Path; from toolkit.cli.model import decompress\n"
        "for run in Path('elsewhere').iterdir():\n"
        "    decompress(run, Path(f'{run.name}.tkc'), Path(f'{run.name}.txt'), [])"
    )
    environment = {**os.environ, "TOOLKIT_CACHE": str(tmp_path / "empty")}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)
    assert len(runs) == 4
    for run in runs:
        assert (tmp_path / f"{run.name}.txt").read_bytes() == text.encode()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a\r\nb", "CRLF"),
        ("e\u0301", "normal form C"),
        ("\ufeffa", "byte-order"),
        ("a\udcff", "surrogate"),
    ],
)
def test_text_that_is_not_canonical_is_refused(run, text, reason):
    with pytest.raises(InputError, match=reason):
        compress(run.model, text, "file.txt")


def test_a_wrong_run_is_refused(comparison_folder):
    a, b = (load(comparison_folder / "runs" / f"{name}-seed0") for name in ("char", "word-pos"))
    with pytest.raises(InputError, match="another run"):
        decompress(b, compress(a, "the harbour", "f"), "f.tkc")


def test_truncated_and_altered_files_are_refused(run, split):
    coded = compress(run.model, split.test[0].text, "f")
    broken = [coded[: HEADER_BYTES - 2], coded[:-4], coded[:-3], coded[:HEADER_BYTES], b"PK" + coded, coded + bytes(4)]
    for place in range(4, HEADER_BYTES + 20):
        altered = bytearray(coded)
        altered[place] ^= 0x10
        broken.append(bytes(altered))
    for data in broken:
        with pytest.raises(InputError, match=r"truncated or altered|not made by"):
            decompress(run.model, data, "f.tkc")


def test_the_course_of_the_fingerprint_is_the_one_that_files_were_written_with():
    """By hand, of seven trained ids: 7919 is 2 modulo 7."""
    trained = np.array([True, False, True, True, False, True, True, True, True])  # 0, 2, 3, 5, 6, 7, 8
    around = [0, 3, 6, 8, 2, 5, 7]
    fed, asked = [], []

    def distribution():
        asked.append(len(fed))
        return np.full(9, 1 / 9)

    stepper = SimpleNamespace(feed=fed.append, distribution=distribution)
    model = SimpleNamespace(tokenizer=SimpleNamespace(vocabulary=SimpleNamespace(reserve=Reserve(trained, 1, 9))))
    found = numbers(model, stepper)
    assert fed == [*around, *around, *around, 0, 3, 6, 0, 0, 3]  # the end of a document is 0
    assert asked == list(range(27))
    assert found == zlib.crc32(27 * np.full(9, 1 / 9).astype("<f8").tobytes())


def test_a_decoder_that_computes_other_numbers_does_not_blame_the_file(run, split, monkeypatch):
    """Planted: the last digits that another processor's exponentials have."""
    coded = compress(run.model, split.test[0].text, "f")
    right = exact.exp
    monkeypatch.setattr(exact, "exp", lambda x: right(x) * (1 + 2.0**-40))  # σ changes, the softmax hardly does
    with pytest.raises(InputError, match=r"is whole, but cannot be decompressed here: this processor"):
        decompress(run.model, coded, "f.tkc")


def test_neither_does_one_that_computes_other_numbers_only_later(run, split, monkeypatch):
    """Planted: the course of the fingerprint says nothing, as where a difference is rare."""
    monkeypatch.setattr("toolkit.inference.compression.numbers", lambda *_: 0)
    coded = compress(run.model, split.test[0].text, "f")
    right = exact.softmax
    monkeypatch.setattr("toolkit.events.vocabulary.softmax", lambda logits: right(logits * 1.001))
    with pytest.raises(InputError, match=r"is whole, but cannot be decompressed here"):
        decompress(run.model, coded, "f.tkc")


KERNELS = [{"OPENBLAS_CORETYPE": "Haswell"}, {"OPENBLAS_CORETYPE": "Nehalem", "OPENBLAS_NUM_THREADS": "4"}]


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="the kernels are those of x86-64")
def test_networks_give_the_same_distributions_under_every_kernel_of_blas():
    code = (
        "import hashlib, numpy as np; from toolkit.config import NetworkSettings\n"
        "from toolkit.network.network import RecurrentNetwork; from toolkit.events.vocabulary import Reserve\n"
        "for one_hot, cell in ((True, 'lstm'), (False, 'gru')):\n"
        "    settings = NetworkSettings(cell=cell, units=96, embedding=96, layers=2, tied=not one_hot)\n"
        "    network = RecurrentNetwork(settings, np.ones(50, bool), one_hot=one_hot, seed=1)\n"
        "    stepper, reserve, digest = network.stepper(), Reserve(np.ones(50, bool), 0, 1), hashlib.sha256()\n"
        "    for i in range(0, 1400, 7):\n"
        "        stepper.feed(i % 50)\n"
        "        digest.update(reserve.distribution(stepper.logits()))\n"
        "    print(cell, digest.hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, **kernel}, check=True, capture_output=True, text=True
        ).stdout
        for kernel in KERNELS
    }
    assert len(found) == 1, found
    assert len(found.pop().splitlines()) == 2


def test_a_text_of_unseen_characters_comes_back(run):
    """constriction's own uniform distribution gives its last outcome 7.5 bits where 20.1 are booked."""
    text = "\U0010ffff" * 50 + "\U0010fffe\u1234" * 50
    coded = compress(run.model, text, "f")
    assert decompress(run.model, coded, "f.tkc") == text
    assert len(coded) - HEADER_BYTES == pytest.approx(run.model.bits(text) / 8, abs=8)


@pytest.mark.parametrize("outcomes", [2, 3, 255, 257, 1000, 65_537, UNICODE_SCALARS - 100, 2**24 - 1, 10**9])
def test_every_uniform_outcome_costs_its_bits(outcomes):
    rng = np.random.default_rng(outcomes)
    for drawn in ([0] * 1000, [outcomes - 1] * 1000, rng.integers(0, outcomes, 1000).tolist()):
        encoder = Encoder()
        for outcome in drawn:
            encoder.put(Uniform(outcomes), outcome)
        assert encoder.bits == pytest.approx(1000 * np.log2(outcomes))
        assert len(encoder.data()) - encoder.bits / 8 == pytest.approx(0, abs=6)
        decoder = Decoder(encoder.data())
        assert [decoder.pick(Uniform(outcomes)) for _ in drawn] == drawn
        decoder.finish()


def test_compress_writes_nothing_that_does_not_come_back(run, monkeypatch):
    """Planted: a decoding that loses a character."""
    kind = type(run.model.tokenizer)
    right = kind.decode
    monkeypatch.setattr(kind, "decode", lambda self, ids, surfaces: right(self, ids, surfaces)[:-1])
    with pytest.raises(InputError, match="would not come back"):
        compress(run.model, "the harbour", "f.txt")


def test_what_a_model_expects_that_is_no_number_is_told_and_not_coded(run, monkeypatch):
    coded = compress(run.model, "the harbour", "f.txt")
    kind, right = type(run.model.start()), type(run.model.start()).distribution
    monkeypatch.setattr(kind, "distribution", lambda self: np.nan * right(self))
    with pytest.raises(InputError, match=r"f\.txt cannot be compressed: probabilities sum to nan"):
        compress(run.model, "the harbour", "f.txt")
    with pytest.raises(InputError, match="is whole, but cannot be decompressed here"):
        decompress(run.model, coded, "f.txt")


@pytest.mark.parametrize(
    "wrap", [lambda model: Adapting(model, 5.0), lambda model: Adapting(Ensemble([model] * 2), 5.0)]
)
def test_what_learns_as_it_codes_comes_back_at_the_rate_that_its_data_name(run, wrap):
    sentence = "The keeper wrote quincunx in his book. "
    text = sentence * (8 * STEPS // len(run.model.tokenizer.encode(Document("d", sentence)).ids))
    learning = wrap(run.model)
    coded = learning.compress(text)
    assert learning.decompress(coded) == text
    still = learning.model
    assert still.decompress(coded) == text
    assert len(coded) < len(still.compress(text))
    (scores,) = learning.score([run.model.tokenizer.encode(Document("d", text))])
    assert len(coded) - HEADER_BYTES == pytest.approx(scores.total / 8, abs=8)


def test_what_an_ensemble_coded_is_decoded_by_its_runs_together(comparison_folder):
    a, b = (load(comparison_folder / "runs" / "char-seed0") for _ in range(2))
    coded = Ensemble([a, b]).compress("The harbour.")
    assert Ensemble([b, a]).decompress(coded) == "The harbour."
    with pytest.raises(InputError, match="another run"):
        a.decompress(coded)

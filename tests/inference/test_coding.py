"""The coder: invalid input, restored text, and models that lie."""

import os
import shutil
import subprocess
import sys
from functools import partial

import numpy as np
import pytest

from tests.helpers.rounding import assert_same_sums
from tests.inference.conftest import Planted
from toolkit.errors import ContractError, InputError
from toolkit.events.distribution import Uniform
from toolkit.inference.coding import CHECKSUM, HEADER, MAGIC, CodedDataError, Decoder, Encoder
from toolkit.inference.combined import LEARNING_EVENTS, Adapting, Ensemble
from toolkit.inference.verification import decode, verify
from toolkit.runs.folder import load
from toolkit.text.corpus import Document

pytestmark = pytest.mark.slow

HEADER_BYTES = len(MAGIC) + CHECKSUM.size + HEADER.size  # of a compressed file
UNSEEN = Document("unseen", "Ω ñandú 😀 zyzzyva, the harbour\n\n\n lay.  ")


one_run = pytest.mark.parametrize("run", ["word-unk"], indirect=True)


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


def test_an_invalid_distribution_is_rejected():
    for wrong in ([0.5, 0.51], [0.5, 0.49], [1.0, 0.0], [1 - 1e-8, 1e-8], [0.5], [1.01], [0.5, np.nan]):
        with pytest.raises(ContractError):
            Encoder().put(np.array(wrong), 0)
        with pytest.raises(ContractError):
            Decoder(bytes(4)).pick(np.array(wrong))


def test_a_decoder_that_reads_on_behind_the_data_notices_it():
    decoder, uniform = Decoder(bytes(4)), np.full(256, 1 / 256)
    with pytest.raises(CodedDataError):
        [decoder.pick(uniform) for _ in range(1000)]  # 8 bits each


@pytest.mark.parametrize("outcomes", [2, 257, 65_537, 1_111_964, 10**9])
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


@one_run
def test_scores_that_a_coder_does_not_pay_are_found(run, split):
    for documents, reported, is_wrong in (
        ([*split.test, UNSEEN, Document("empty", "")], lambda scores: scores.total, False),
        (split.test[:1], lambda scores: 0.99 * scores.total, True),
        ([UNSEEN], lambda scores: scores.total - scores.spelling_bits.sum(), True),
    ):
        bits = list(map(reported, run.model.score_documents(documents)))
        result = verify(run.model, partial(decode, run.model), documents, lambda *_: None, bits)
        assert bool(result.wrong) == is_wrong
        assert result.characters == sum(len(document.text) for document in documents)
        if not is_wrong:
            # 0.001 seen
            assert_same_sums(result.coded_bits, result.bits, 4 * 12, dtype="stepper")


def test_a_file_comes_back_in_another_process_without_corpus_and_spacy(
    comparison_folder, subwords_folder, split, tmp_path
):
    """The files of all runs in one process: to load TensorFlow takes longer than to decode them."""
    text = split.test[0].text[:400] + UNSEEN.text
    runs = sorted([*(comparison_folder / "runs").iterdir(), *(subwords_folder / "runs").iterdir()])
    for run in runs:
        (tmp_path / f"{run.name}.tkc").write_bytes(load(run).compress(text))
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


def test_text_that_is_not_canonical_and_data_of_another_run_are_rejected(comparison_folder):
    a, again, b = (load(comparison_folder / "runs" / f"{name}-seed0") for name in ("char", "char", "word-pos"))
    for text in ("a\r\nb", "e\u0301", "\ufeffa", "a\udcff"):
        with pytest.raises(InputError):
            a.compress(text)
    with pytest.raises(InputError):
        b.decompress(a.compress("the harbour"))
    coded = Ensemble([a, again]).compress("The harbour.")
    assert Ensemble([again, a]).decompress(coded) == "The harbour."
    with pytest.raises(InputError):
        a.decompress(coded)


@one_run
def test_truncated_and_altered_files_are_rejected(run, split):
    coded = run.model.compress(split.test[0].text)
    broken = [coded[:end] for end in (HEADER_BYTES - 2, HEADER_BYTES, -4, -3)] + [b"PK" + coded, coded + bytes(4)]
    for at in range(4, HEADER_BYTES + 20):
        broken.append(coded[:at] + bytes([coded[at] ^ 0x10]) + coded[at + 1 :])
    for data in broken:
        with pytest.raises(InputError):
            run.model.decompress(data)


@one_run
def test_a_machine_that_computes_something_else_says_so(run, split):
    """Planted: probabilities with other digits, and none."""
    text = split.test[0].text
    coded = run.model.compress(text)
    warped = Planted(run.model, lambda p: p**1.001 / (p**1.001).sum())
    nothing = Planted(run.model, lambda p: np.nan * p)
    for model in (warped, nothing):
        with pytest.raises(InputError):
            model.decompress(coded)
    assert warped.decompress(warped.compress(text)) == text
    with pytest.raises(InputError):
        nothing.compress("the harbour")


@pytest.mark.parametrize(
    ("run", "combine"),
    [("char", lambda model: model), ("word-pos", lambda model: Ensemble([model] * 2))],
    indirect=["run"],
)
def test_data_of_a_learning_model_name_its_rate(run, combine):
    sentence = "The keeper wrote quincunx in his book. "
    text = sentence * (8 * LEARNING_EVENTS // len(run.model.tokenizer.encode(Document("d", sentence))))
    model = Adapting(combine(run.model), 5.0)
    coded = model.compress(text)
    assert model.decompress(coded) == model.model.decompress(coded) == text
    assert len(coded) < len(model.model.compress(text))
    assert len(coded) - HEADER_BYTES == pytest.approx(model.bits(text) / 8, abs=8)

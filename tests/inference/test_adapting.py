"""Dynamic evaluation: every event is paid for before it is learnt from, and the run stays what it was."""

import numpy as np
import pytest

from toolkit.errors import InputError
from toolkit.inference.adapting import Adapting
from toolkit.inference.learning import STEPS
from toolkit.runs.folder import Run
from toolkit.text.corpus import Document

TEXT = "The keeper wrote quincunx in his book. " * 24  # as many windows as 12 had when they were half as long


def bits(run: Run, *texts: str, rate: float = 5.0):  # tiny networks, hardly trained, have far to go
    encodings = [run.model.tokenizer.encode(Document("d", text)) for text in texts]
    return [paid.bits for paid in Adapting(run.model, rate).score(encodings)]


def test_without_learning_it_is_the_score(run):
    encodings = [run.model.tokenizer.encode(Document("d", text)) for text in (TEXT, "Ωλ 😀")]
    for still, paid in zip(run.model.score(encodings), bits(run, TEXT, "Ωλ 😀", rate=1e-30), strict=True):
        np.testing.assert_allclose(paid, still.bits, rtol=1e-4)


def test_nothing_depends_on_what_comes_later(run):
    (short,), (long,) = bits(run, TEXT), bits(run, TEXT + "Another end.")
    n = len(short) // STEPS * STEPS - STEPS  # the last events of a tokenizer may depend on where the text ends
    assert n >= 2 * STEPS
    np.testing.assert_array_equal(short[:n], long[:n])


def test_a_text_that_repeats_itself_gets_cheaper(run):
    encodings = [run.model.tokenizer.encode(Document("d", TEXT))]
    (still,) = run.model.score(encodings)
    (paid,) = bits(run, TEXT)
    np.testing.assert_allclose(paid[:STEPS], still.bits[:STEPS], rtol=1e-4)
    assert paid.sum() < 0.98 * still.total


def test_it_goes_on_from_document_to_document_and_leaves_the_run_as_it_was(run):
    before = run.model.network.arrays()
    first, second = bits(run, TEXT, TEXT)
    assert second.sum() < first.sum()
    np.testing.assert_array_equal(bits(run, TEXT)[0], first)
    for name, array in run.model.network.arrays().items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(run, rate):
    with pytest.raises(InputError, match="--adapt"):
        bits(run, TEXT, rate=rate)

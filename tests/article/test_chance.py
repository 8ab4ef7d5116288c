"""What counting alone knows, against a plainer count."""

import math
from collections import Counter

import numpy as np
import pytest

from toolkit.article.alphabet import Alphabet
from toolkit.article.chance import chance, constant_binary_cross_entropy
from toolkit.article.windows import Passages

TRAINING = "the old lamp of the harbour was lit and the old man of the sea saw the lamp " * 9
HELD_OUT = "the man of the harbour saw the old lamp and the sea was lit as the man saw it " * 9
ALPHABET = Alphabet.of(TRAINING)
PASSAGES = Passages.of(ALPHABET.encode(HELD_OUT))


@pytest.fixture(scope="module")
def known():
    return chance(ALPHABET, ALPHABET.encode(TRAINING), PASSAGES)


def test_the_constant_is_worked_out_by_hand():
    """Three outputs, always answered 1/2, 1/4, 1/4, where each comes so often: [ln 2 + 2·(¼·ln 4 + ¾·ln 4/3)] / 3."""
    shares = np.array([0.5, 0.25, 0.25])
    by_hand = (math.log(2) + 2 * (0.25 * math.log(4) + 0.75 * math.log(4 / 3))) / 3
    assert constant_binary_cross_entropy(shares, shares) == pytest.approx(by_hand, rel=1e-12)


def test_no_other_constant_is_cheaper_than_the_frequencies():
    rng = np.random.default_rng(0)
    came = rng.dirichlet(np.ones(9))
    best = constant_binary_cross_entropy(came, came)
    assert all(constant_binary_cross_entropy(rng.uniform(0, 1, 9), came) > best for _ in range(200))


def test_accuracies_equal_a_plainer_count(known):
    assert known.most_common == " "
    rows = ["".join(ALPHABET.characters[i] for i in row) for row in PASSAGES.text]
    targets = [(row, place) for row in rows for place in range(50, len(row))]
    assert known.accuracy == np.mean([row[place] == " " for row, place in targets])
    for shift, accuracy in (known.by_distance[0], known.by_distance[6], known.by_distance[49]):
        followers = {}
        for a, b in zip(TRAINING, TRAINING[shift:], strict=False):
            followers.setdefault(a, Counter())[b] += 1
        best = {a: min(counts, key=lambda b, counts=counts: (-counts[b], b)) for a, counts in followers.items()}
        assert accuracy == np.mean([best[row[place - shift]] == row[place] for row, place in targets])


def test_the_loss_of_one_answer_for_all_is_its_formula(known):
    size = len(ALPHABET.characters)
    formula = (math.log(size) + (size - 1) * math.log(size / (size - 1))) / size
    assert known.binary_cross_entropy_of_nothing == pytest.approx(formula, rel=1e-9)
    assert known.binary_cross_entropy < formula

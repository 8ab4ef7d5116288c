from typing import Any

import pytest

from tests.report.comparison_example import baseline_of, comparison
from toolkit.evaluation.answer import answer
from toolkit.evaluation.commands import train_on
from toolkit.evaluation.conclusions import concluded
from toolkit.evaluation.undertraining import AFTER, Training, fall, training, training_warnings, undertrained
from toolkit.results.cell import HistoryRow
from toolkit.results.comparison import Comparison
from toolkit.results.rows import Baseline, Row, ppmd


def by_text(bits: float) -> Baseline:
    return baseline_of("ppmd_documents", "primed", bits)


GOOD = Training(1.6, trained=True, falling=0.001, last_is_best=True, ppmd=by_text(1.697))


def history(*checks: tuple[int, float]) -> list[HistoryRow]:
    return [
        HistoryRow(
            updates=i, characters_seen=seen, seconds=1.0, train_bits_per_character=2.0, valid_bits_per_character=bits
        )
        for i, (seen, bits) in enumerate(checks)
    ]


def test_the_fall_is_per_pass_over_the_training_text() -> None:
    # from 2.5 to 2.4 in 2,000 characters; a pass has 10,000
    checks = history((1000, 3.0), (2000, 2.5), (3000, 2.45), (4000, 2.4))
    assert fall(checks, 10_000) == pytest.approx(0.5)
    assert fall(checks[:2], 10_000) == pytest.approx(5.0)
    assert fall(history((1000, 2.0), (2000, 2.1)), 10_000) == 0
    assert fall(checks[:1], 10_000) is None


@pytest.mark.parametrize(
    ("winner", "loser", "early"),
    [
        ({}, {}, False),
        ({}, {"falling": 0.2}, True),  # by more than the difference of 0.1
        ({"falling": 0.2}, {}, False),
        ({"bits_per_character": 1.7}, {}, False),
        ({}, {"bits_per_character": 1.7}, True),
        ({"ppmd": None, "bits_per_character": 9.0}, {}, False),
        ({}, {"trained": False, "bits_per_character": 1.7}, False),  # an n-gram needs no more passes
        ({}, {"falling": None}, False),
    ],
)
def test_when_training_was_too_short(winner: dict[str, Any], loser: dict[str, Any], early: bool) -> None:
    of = {name: Training(**{**vars(GOOD), **changes}) for name, changes in {"a": winner, "b": loser}.items()}
    assert undertrained("a", "b", -0.1, of, settled=True) == undertrained("b", "a", 0.1, of, settled=True) == early
    assert not undertrained("a", "b", -0.1, of, settled=False)


def test_what_a_verdict_says_of_a_column() -> None:
    assert (
        GOOD.in_words()
        == "last check its best, falling by 0.001 bits per character and pass, not above PPMd by text (1.697)"
    )
    rose = Training(1.8, trained=True, falling=0.0, last_is_best=False, ppmd=by_text(1.697))
    assert rose.in_words() == "last check not its best, not falling, above PPMd by text (1.697)"
    once = Training(1.8, trained=True, falling=None, last_is_best=True, ppmd=None)
    assert once.in_words() == "last check its best, too few checks to tell how fast it was falling"
    whole = baseline_of("ppmd", "primed", 1.9)
    counted = Training(1.8, trained=False, falling=None, last_is_best=False, ppmd=whole)
    assert counted.in_words() == "counted, not trained, not above PPMd (1.900)"


def test_ppmd_by_document_is_the_peer_where_it_is_known() -> None:
    whole, cold = baseline_of("ppmd", "primed", 2.0), baseline_of("ppmd", "cold", 2.5)
    assert ppmd([cold, whole]) == whole
    assert ppmd([whole, by_text(2.1)]) == by_text(2.1)
    assert ppmd([cold]) is None


def test_a_comparison_above_ppmd_is_warned_of_with_the_command() -> None:
    early = comparison({"char": (3.101, 3.102), "word:unk": (2.376, 2.377)})
    (warning,) = training_warnings(early, training(early))
    assert "char, word:unk need more bits than PPMd" in warning
    assert "toolkit compare --tokenizers char,word:unk --corpus weird-tales --seeds 2 --more 2x" in warning
    late = comparison({"char": (1.9, 1.91), "word:unk": (1.5, 1.51)})  # PPMd has 2.079
    assert training_warnings(late, training(late)) == []


def test_what_was_said_of_training_is_said_anew_and_once() -> None:
    early = comparison({"char": (3.101,), "word:unk": (2.376,)})
    early.warnings = ["The verdicts hold only for this much training: …", "Two texts are alike."]
    others, anew = concluded(early).warnings
    assert others == "Two texts are alike."
    assert anew.startswith("The verdicts hold only for this much training, and may say who learns faster, not who is")


def test_ppmd_is_called_what_the_page_calls_the_one_that_is_meant() -> None:
    early = comparison({"char": (3.101,), "word:unk": (2.376,)})
    early.baselines.append(by_text(2.2))
    assert "need more bits than PPMd by text" in training_warnings(early, training(early))[0]
    (contrast,) = concluded(early).contrasts
    assert contrast.verdict.count("above PPMd by text (2.200)") == 2


def test_a_loser_that_is_catching_up_is_warned_of() -> None:
    near: Comparison = comparison({"char": (1.93,), "word:unk": (1.88,)})
    for cell in near.done:
        cell.history[:] = history((1000, 3.0), (2000, 2.0 if cell.column == "char" else 2.99))
    near.corpus.train_characters = 1000
    (warning,) = training_warnings(near, training(near))
    assert "char still fell by more per pass" in warning
    assert "word:unk still" not in warning
    assert "PPMd" not in warning  # which both are below


@pytest.mark.parametrize(
    ("of_seeds", "best"),
    [([(2.3, 2.2, 2.1)], True), ([(2.3, 2.1, 2.2)], False), ([(2.3, 2.1, 2.2), (2.3, 2.2, 2.2)], True), ([()], False)],
)
def test_the_last_check_is_the_best_of_a_column_if_it_is_of_any_seed(
    of_seeds: list[tuple[float, ...]], best: bool
) -> None:
    made = comparison({"char": (2.0,) * len(of_seeds)})
    for cell, checks in zip(made.done, of_seeds, strict=True):
        cell.history[:] = history(*((1000 * i, bits) for i, bits in enumerate(checks, 1)))
    assert training(made)["char"].last_is_best == best


def test_rows_have_the_training_of_their_column() -> None:
    made = comparison({"char": (1.9, 1.91)})
    cell = made.done[0]
    made.rows.append(
        Row(
            column="char", kind="ensemble", seeds=[1, 2], rate=None, rule=None,
            bits_per_character=cell.bits_per_character, bits_per_byte=1.87, perplexity_per_token=3.7,
            documents=cell.documents, verified=None,
        )
    )  # fmt: skip
    made.rows.append(made.rows[0].model_copy(update={"kind": "adapting", "seeds": [1], "rate": 0.3}))
    made.baselines.append(by_text(2.2))
    of = training(made)
    assert of["char (ensemble)"].ppmd == of["char"].ppmd == by_text(2.2)
    (learning,) = (of[title] for title, rows in made.rows_by_title.items() if rows[0].kind == "adapting")
    assert learning.ppmd is not None
    assert learning.ppmd.name == "ppmd"  # which learns from one document to the next, too
    assert of["char (ensemble)"].falling == of["char"].falling
    assert of["char (ensemble)"].bits_per_character == cell.bits_per_character.total


def test_the_command_that_trains_on() -> None:
    assert train_on("toolkit compare --more 2x --epochs 3") == (
        "`toolkit compare --epochs 3 --more 4x` (or start again with a larger --epochs)"
    )
    assert train_on("toolkit.compare(tokenizers=['char'])") == "`toolkit.compare(tokenizers=['char'], more='2x')`"
    assert train_on("toolkit.compare()") == "`toolkit.compare(more='2x')`"
    assert train_on("toolkit.compare(more='1.5x', seeds=2)") == "`toolkit.compare(seeds=2, more='3x')`"
    assert train_on("toolkit compare --corpus 'my novels'") == "`toolkit compare --corpus 'my novels' --more 2x`"


def test_of_several_seeds_the_one_that_fell_most_counts() -> None:
    whole = comparison({"char": (2.5, 2.5), "word:pos": (2.3, 2.3)})
    whole.corpus.train_characters = 10_000
    flat, falling = (cell for cell in whole.done if cell.column == "char")
    flat.history, falling.history = history((1000, 2.0), (2000, 2.0)), history((1000, 2.0), (2000, 1.9))
    assert training(whole)["char"].falling == pytest.approx(1.0)


def test_several_columns_that_still_fall_are_told_together() -> None:
    near = comparison({"char": (1.55,), "word:pos": (1.5,), "bpe": (1.6,)})
    near.corpus.train_characters = 400_000
    for cell in near.done:
        cell.history = history((100_000, 2.0), (200_000, 1.9))
    (warning,) = training_warnings(near, training(near))
    assert "still fell by more per pass over the training text than each is behind another" in warning


def test_a_tie_is_never_undertrained() -> None:
    tied = concluded(comparison({"char": (3.101, 3.4), "word:unk": (3.1, 3.401)}))  # PPMd has 2.079
    (contrast,) = tied.contrasts
    assert not contrast.settled
    assert AFTER not in contrast.verdict
    assert training_warnings(tied, training(tied)) == []
    assert "--more" not in answer(tied).step

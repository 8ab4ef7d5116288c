"""What a terminal shows of a comparison: no number is cut, and a contrast is one line."""

import re
import sys

import pytest

from tests.report.comparison_example import FAILED, comparison
from toolkit.cli.conditions import check_alone, check_conditions, parse_condition, tell
from toolkit.cli.summary import show
from toolkit.cli.tables import console, print_table
from toolkit.errors import InputError
from toolkit.results.rows import Baseline

TOTALS = {"word:unk": (1.88, 1.87), "word:cluster": (1.91, 1.92), "bpe": (2.0, 2.01), "char": (2.1, 2.11)}
MANY = {f"bpe-vocabulary_size-{size}": (2 + size / 10_000, 2.1 + size / 10_000) for size in range(100, 1000, 100)}


@pytest.fixture
def shown(monkeypatch, capsys):
    """What is shown of a comparison where a line has so many characters."""

    def lines(found, columns):
        monkeypatch.setenv("COLUMNS", str(columns))
        show(found)
        return [line.rstrip() for line in capsys.readouterr().out.splitlines()]

    return lines


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("totals", [TOTALS, MANY], ids=["4 columns", "9 columns"])
def test_no_number_is_cut(shown, columns, totals):
    found = comparison(totals)
    said = shown(found, columns)
    assert "…" not in "\n".join(said)
    for cell in found.done:
        assert f"{cell.bits_per_character.total:.4f}" in " ".join(said).split()
    for baseline in found.baselines:
        assert f"{baseline.bits_per_character:.4f}" in " ".join(said).split()
    if columns >= 40:
        assert max(map(len, said)) <= columns


def test_the_parts_are_the_first_to_go_and_are_told_of(shown):
    found = comparison(TOTALS)
    narrow, wide = ("\n".join(shown(found, columns)) for columns in (80, 120))
    part = f"{found.done[0].bits_per_character.spelling:.4f}"
    assert part in wide
    assert part not in narrow
    assert "No room here for: words, classes, spelling, spacing, document ends" in " ".join(narrow.split())
    assert "No room" not in wide
    assert f"{found.done[0].parameters:,}" in narrow


def test_compressors_stand_below_the_columns_the_best_first(shown):
    found = comparison(TOTALS)
    found.baselines.append(Baseline(name="ppmd_documents", variant="primed", bits_per_character=1.5))
    said = shown(found, 80)
    lines = [said.index(next(line for line in said if name in line)) for name in ("char ", "compressors", "PPMd by")]
    assert lines == sorted(lines)
    rates = [float(line.split()[-2 if found.baselines[0].bits_per_byte else -1]) for line in said if "primed" in line]
    assert rates[0] == min(rates)


@pytest.mark.parametrize("totals", [dict(list(TOTALS.items())[:2]), TOTALS, MANY], ids=["2", "4", "9"])
def test_contrasts_take_a_line_each_and_what_they_rest_on_is_said_once(shown, totals):
    found = comparison(totals)
    said = shown(found, 120)
    contrasts = [line for line in said if re.search(r"(beats|cannot tell).* ± .*p [=≤]", line)]
    assert len(contrasts) == {2: 1, 4: 3, 9: 5}[len(totals)]
    text = " ".join(said)
    assert text.count("95 % interval") == 1
    assert text.count("not about the methods") == 1
    assert "more held-out" not in text
    told = len(contrasts)
    others = len(found.contrasts) - told
    assert (f"The report has {others} more contrast" in text) == bool(others)


def test_what_has_no_result_is_told_with_the_reason(shown):
    said = " ".join(shown(comparison({"char": (2.1,), "word:unk": (1.9,)}, failed=(FAILED,)), 120))
    assert f"{FAILED.column}, seed {FAILED.seed}, has no result: {FAILED.reason}" in said


def test_a_contrast_can_be_named_in_either_order():
    found = comparison(TOTALS)
    (contrast,) = (one for one in found.contrasts if (one.a, one.b) == ("word:unk", "char"))
    for names, sign in (('"word:unk".char', 1), ('char."word:unk"', -1)):
        condition = parse_condition(f"contrasts.{names}.difference > 0")
        assert condition.value(found) == sign * contrast.difference
        assert (condition.failure(found) is None) == (sign * contrast.difference <= 0)
    low = parse_condition('contrasts.char."word:unk".low > 0')
    assert low.value(found) == -contrast.high
    assert 'contrasts.char."word:unk".low is' in low.failure(found)


@pytest.mark.parametrize(
    "path", ["columns.char.bits_per_byte", "columns.char.coverage.tokens_per_word", "columns.char.tokens_seen",
             "columns.char.multiply_adds_per_character.train", "corpus.test_bytes"],
)  # fmt: skip
def test_a_number_that_older_versions_lack_can_be_named(path):
    condition = parse_condition(f"{path} > 2")
    condition.check(["char"])
    whole = comparison(TOTALS)
    whole.corpus.test_bytes = 9
    for cell in whole.done:
        cell.tokens_seen = 9
    assert condition.value(whole) > 0
    assert whole.corpus.train_characters is None
    text = "corpus.train_characters > 2"
    assert parse_condition(text).value(whole) is None
    assert parse_condition(text).failure(whole) == (
        f"There is no number at corpus.train_characters, so --fail-if {text!r} cannot be checked."
    )


def test_a_condition_that_cannot_be_checked_hides_no_other(capsys):
    found = comparison(TOTALS)
    texts = ["columns.char.tokens > 0", "corpus.train_characters > 2", "corpus.characters > 0"]
    assert tell(parse_condition(text).failure(found) for text in texts)
    first, second, third = capsys.readouterr().err.splitlines()
    assert first.startswith("toolkit: columns.char.tokens is ")
    assert second.endswith("cannot be checked.")
    assert third.startswith("toolkit: corpus.characters is ")


def test_a_condition_that_hardly_holds_is_not_told_as_if_it_did_not():
    assert parse_condition("corpus.characters > 1e6").verdict(1_234_567).startswith("corpus.characters is 1234567, so ")
    assert "is 2.4000004, so the condition > 2.4 of" in parse_condition("corpus.characters > 2.4").verdict(2.4000004)


def test_a_column_of_words_of_which_some_are_digits_is_folded(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    words = "the keeper, the harbour, the quincunx, the lamp"
    print_table(console(40), "unseen", [["such as", "times"], ["31, 1637", "7"], [words, "12"]])
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 40
    assert set(words.split()) <= set(printed.split())


def test_a_mean_over_seeds_needs_a_number_of_each():
    whole = comparison({"char": (2.1, 2.11)})
    condition = parse_condition("columns.char.tokens_seen > 2")
    for cell, tokens in zip(whole.done, (9, None), strict=True):
        cell.tokens_seen = tokens  # as where one is of an older version
    assert condition.value(whole) is None
    assert condition.failure(whole).endswith("cannot be checked.")


def test_the_largest_float_has_a_mean():
    whole = comparison({"char": (2.1, 2.11)})
    for cell in whole.done:
        cell.word_perplexity = sys.float_info.max  # words as long as lines of DNA
    assert parse_condition("columns.char.word_perplexity > 2").value(whole) == sys.float_info.max


@pytest.mark.parametrize("path", ["columns.char.matched", "columns.char.reason", "columns.char.verified"])
def test_what_may_be_none_and_is_never_a_number_cannot_be_named(path):
    with pytest.raises(InputError, match="does not name a number"):
        parse_condition(f"{path} > 2").check(["char"])


def test_columns_that_the_folder_has_or_that_take_the_place_of_others_can_be_named(tmp_path):
    told = [parse_condition('columns."word:unk".tokens > 2')]
    check_conditions(told, "char,word", {}, ())  # they are compared where the language has no tagger
    with pytest.raises(InputError, match="no column 'word:unk'"):
        check_conditions(told, "char,bpe", {}, (), tmp_path)
    (tmp_path / "compare.toml").write_text('tokenizers = ["word:unk", "bpe"]', "utf-8")
    check_conditions(told, "char,bpe", {}, (), tmp_path)
    with pytest.raises(InputError, match=r"no column 'word'; .* Known are: char, bpe, word:unk"):
        check_conditions([parse_condition("columns.word.tokens > 2")], "char,bpe", {}, (), tmp_path)


@pytest.mark.parametrize(
    ("path", "option"),
    [
        ("columns.char.verified.bytes", "--verify"),
        ("columns.char.fold", "--folds"),
        ("folds.char.bpe.difference", "--folds"),
    ],
)
def test_what_only_an_option_finds_is_refused_without_it(path, option):
    """It was told after all training, as a number that there is not."""
    told = [parse_condition(f"{path} > 2")]
    others = {"--verify", "--folds"} - {option}
    for given in ([], others):
        with pytest.raises(InputError, match=f"is about what {option}(?: 5)? finds; give that as well"):
            check_conditions(told, "char,bpe", {}, (), options=given)
    check_conditions(told, "char,bpe", {}, (), options=[option])


def test_a_cell_alone_has_no_proof_without_the_option():
    told = [parse_condition("columns.char.verified.bytes > 2")]
    with pytest.raises(InputError, match="what --verify finds"):
        check_alone(told, "char", {})
    check_alone(told, "char", {}, ["--verify"])
    with pytest.raises(InputError, match="toolkit train has no others"):
        check_alone([parse_condition("columns.char.fold > 2")], "char", {})


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">=", "==", "!="])
def test_nan_passes_no_condition(sign):
    found = comparison(TOTALS)
    cells = [cell.model_copy(update={"perplexity_per_token": float("nan")}) for cell in found.done]
    condition = parse_condition(f"columns.char.perplexity_per_token {sign} 3")
    assert "not a number" in condition.failure(found.model_copy(update={"cells": cells}))

"""``--match``: one resource is made equal for all columns, decided before any cell is computed."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import QUICK
from tests.helpers.comparisons import Recorder, contents, fits, request, strategy_file, without_times
from toolkit.comparison.compare import compute
from toolkit.comparison.folder import OtherSettingsError, Stored, load_stored, stored_plan
from toolkit.comparison.matching import match_columns
from toolkit.comparison.progress import Reporter
from toolkit.comparison.work import Work
from toolkit.errors import InputError
from toolkit.results.comparison import excess

GIVEN = {
    "network": {"units": 40},
    "train": {"updates": 60, "checks": 3, "batch": 2, "towers": 1, "window_characters": 60},
    "samples": {"count": 2, "characters": 60, "temperature": 0.8},
}


def matched(corpus, match, columns="char,word:unk", options=None, given=GIVEN, **fields):
    """Return the request of a matched comparison."""
    return request(corpus, columns, options, given=given, match=match, **fields)


def decide(requested, first_decision=None):
    """Return the decision, and the request that has it."""
    work = Work(requested, Path("unused"), Reporter())
    decision, _ = match_columns(requested, requested.match, work, first_decision or {})
    return decision, replace(requested, matched=decision)


@pytest.mark.parametrize("match", ["chars", "flops"])
def test_lengths_are_matched_by_updates_to_the_longest_training(brief, match):
    train = {key: value for key, value in GIVEN["train"].items() if key != "updates"}
    for settings in (GIVEN, GIVEN | {"train": train | {"epochs": 2}}):
        trains = [spec.settings.train for spec in decide(matched(brief, match, given=settings))[1].specs()]
        assert {(train.counted_in, train.patience) for train in trains} == {("updates", 3)}
        assert settings is not GIVEN or min(train.updates for train in trains) == 60


def test_a_decision_is_kept_unless_a_new_column_changes_it(brief, tmp_path):
    """Smaller networks more change none; a network of two layers would."""
    first_decision, first = decide(matched(brief, "params", "word:unk,bpe"))
    after, _ = decide(matched(brief, "params", "word:unk,bpe,bpe@gru,char@ngram", seeds=(0, 1)), first_decision)
    assert after.items() >= first_decision.items()
    assert after["bpe@gru"]["network"]["units"] > 40
    assert "char@ngram" not in after
    assert decide(matched(brief, "params", "bpe"), after)[0] == after
    large = {"large": {"tokenizer": "word:unk", "network": {"layers": 2}}}
    stored_plan(first, first.specs()).save(tmp_path)
    with pytest.raises(OtherSettingsError, match=r"network\.units"):
        compute(matched(brief, "params", "large,word:unk,bpe", large), tmp_path, Reporter())


def test_fewer_than_two_columns_leave_the_comparison_that_was_to_be_replaced(brief, tmp_path):
    Stored(command="before").save(tmp_path)
    files_before = contents(tmp_path)
    with pytest.raises(InputError, match="flops"):
        compute(matched(brief, "flops", "char,char@ngram"), tmp_path, Reporter(), fresh=True)
    assert contents(tmp_path) == files_before


@pytest.mark.slow
@pytest.mark.parametrize("match", ["params", "flops", "chars"])
def test_a_matched_comparison_is_equal_within_3_percent_and_grows(brief, tmp_path, match):
    compute(matched(brief, match, "word:unk,char"), tmp_path / "grown", Reporter())
    first_decision = load_stored(tmp_path / "grown").matched
    reporter = Recorder()
    whole = compute(matched(brief, match, "word:unk,char,char@ngram"), tmp_path / "grown", reporter)
    assert reporter.cells == ["runs/char-ngram-seed0"]
    assert load_stored(tmp_path / "grown").matched == first_decision
    assert excess(whole) <= 0.03
    assert [cell.matched for cell in whole.done] == [match, match, None]
    for cell in whole.done[:2]:
        table = whole.settings["columns"].get(cell.column, {})
        assert cell.updates == table.get("train", {}).get("updates", whole.settings["train"]["updates"])
    (tmp_path / "grown" / "comparison.json").unlink()
    again = compute(matched(brief, match, "char@ngram"), tmp_path / "grown", reporter)
    assert without_times(again.model_dump()) == without_times(whole.model_dump())
    assert len(reporter.cells) == 1


@pytest.mark.slow
def test_matching_fits_each_tokenizer_once_for_all_seeds(brief, tmp_path):
    """Also when it starts anew; a later seed gets the tokenizer of the first one's run."""
    file, numbers = tmp_path / "mine.py", []
    with strategy_file(file, "return self") as code:
        for seeds, fresh in (((0,), False), ((0,), True), ((0, 1), False)):
            fits_before = fits(file)
            columns = matched(brief, "params", "char,word:mine", given=QUICK, code=code, seeds=seeds)
            assert not compute(columns, tmp_path / "out", Reporter(), fresh=fresh).failed
            numbers.append(fits(file) - fits_before)
    assert numbers == [1, 1, 0]

"""``--match``: one resource is made equal for all columns, decided before any cell is computed."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.comparisons import Recorder, contents, request, without_times
from toolkit.comparison.compare import compute
from toolkit.comparison.folder import OtherSettingsError, Stored, load_stored, stored_plan
from toolkit.comparison.matching import match_columns
from toolkit.comparison.progress import Reporter
from toolkit.comparison.work import Work
from toolkit.errors import InputError
from toolkit.network import size
from toolkit.results.comparison import excess

GIVEN = {
    "network": {"units": 40},
    "train": {"updates": 40, "checks": 2, "batch": 2, "towers": 1, "window_characters": 60},
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
        assert {(train.counted_in, train.patience) for train in trains} == {("updates", 2)}
        assert settings is not GIVEN or min(train.updates for train in trains) == 40


def test_a_decision_is_kept_unless_a_new_column_changes_it(brief, tmp_path):
    """Smaller networks more change none; a network of two layers would."""
    first_decision, first = decide(matched(brief, "params", "word:unk,bpe"))
    sizes = []
    for spec in first.specs():
        tokenizer = first.tokenizer(spec.column).fit(first.split.train, first.split.valid)
        network = size(spec.settings.network, len(tokenizer.vocabulary), one_hot=tokenizer.one_hot)
        sizes.append(network.parameters - network.embedding_parameters)
    assert max(sizes) <= 1.03 * min(sizes)
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
def test_a_matched_comparison_is_equal_within_3_percent_and_grows(brief, tmp_path):
    """In multiply-adds; their updates tell whether a decision on characters would be right as well."""
    out, recorder = tmp_path / "out", Recorder()
    compute(matched(brief, "flops", "word:unk,char"), out, recorder)
    assert recorder.steps.count("word:unk") == 1  # the decision's tokenizer is the cell's
    decision = load_stored(out).matched
    whole = compute(matched(brief, "flops", "word:unk,char,char@ngram"), out, recorder := Recorder())
    assert (recorder.cells, load_stored(out).matched) == (["runs/char-ngram-seed0"], decision)
    (out / "comparison.json").unlink()
    again = compute(matched(brief, "flops", "char@ngram"), out, recorder)
    assert without_times(again.model_dump()) == without_times(whole.model_dump())
    assert len(recorder.cells) == 1
    by_length, _ = decide(matched(brief, "chars", "word:unk,char"))
    assert [cell.matched for cell in whole.done] == ["flops", "flops", None]
    assert excess(whole) <= 0.03
    cells = whole.done[:2]
    for cell in cells:
        table = whole.settings["columns"].get(cell.column, {})
        assert cell.updates == table.get("train", {}).get("updates", whole.settings["train"]["updates"])
    read = [by_length[cell.column]["train"]["updates"] * cell.characters_seen / cell.updates for cell in cells]
    assert max(read) <= 1.03 * min(read)

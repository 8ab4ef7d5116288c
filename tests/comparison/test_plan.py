"""A request and a folder make a plan: the union of both, without a change of any stored cell.

Comparisons of one split are joined without training: the result equals one comparison of all cells.
``--match`` makes one resource equal for all columns, which is decided before any cell is computed.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.comparison_example import cell, comparison
from tests.helpers.comparisons import Recorder, contents, request, strategy_file, without_times
from toolkit.comparison.compare import compute
from toolkit.comparison.folder import OtherSettingsError, Stored, default_folder, load_stored, plan, stored_plan
from toolkit.comparison.joining import join, reported
from toolkit.comparison.matching import match_columns
from toolkit.comparison.progress import Reporter
from toolkit.comparison.work import Work, kept_cell
from toolkit.environment import VERSION
from toolkit.errors import KILLED, InputError
from toolkit.network import size
from toolkit.results.cell import FailedCell, OneCell
from toolkit.results.comparison import FOUND, Comparison, differing, excess
from toolkit.results.conclusions import Sweep, SweptValue
from toolkit.results.corpus import SplitNames
from toolkit.runs.folder import save_failure
from toolkit.text.splits import Fold
from toolkit.text.tagging import Tagger

FEW, CUT = {"few": {"tokenizer": "word:unk", "rare_max_count": 3}}, {"few": {"tokenizer": "bpe"}}
STANDARD, EPOCHS, BUDGET = {"recipe": "standard"}, {"train": {"epochs": 2}}, {"train": {"budget_seconds": 9.0}}
TWICE = (1.0, 2.0)


@pytest.fixture
def requested(brief):
    """A function that makes a request."""

    def requested(columns="char,word:unk", options=None, **fields):
        return request(brief, columns, options, **{"given": {}, "command": ""} | fields)

    return requested


def store(folder, planned):
    """Write the plan of a request into a folder, as before anything is computed; return the folder."""
    stored_plan(planned, planned.specs()).save(folder)
    return folder


def finish(folder, spec, **changes):
    """Write a finished run of a cell, with invented results, into a comparison's folder; return the run's folder."""
    run = folder / "runs" / spec.name
    (run / "tokenizer").mkdir(parents=True, exist_ok=True)
    facts = {"seed": spec.seed, "fraction": spec.fraction, "digest": spec.digest} | changes
    record = cell(spec.column.name, 2.0).model_copy(update=facts)
    (run / "cell.json").write_text(record.model_dump_json(by_alias=True), "utf-8")
    (run / "config.toml").write_text(spec.to_toml(), "utf-8")
    for name in ("tokenizer/tokenizer.json", "scores.npz", spec.kind().file):
        (run / name).write_text("{}", "utf-8")
    return run


def swept(*sizes):
    """Return arguments of a request for char and a sweep of the vocabulary size of bpe."""
    points = [SweptValue(value=size, column=f"bpe-{size}") for size in sizes]
    options = {point.column: {"tokenizer": "bpe", "vocabulary_size": point.value} for point in points}
    sweep = Sweep(column="bpe", key="vocabulary_size", values=points)
    return {"columns": ",".join(["char", *options]), "options": options, "sweeps": (sweep,)}


@pytest.mark.parametrize(
    ("stored", "command", "union"),
    [
        ({}, {"columns": "word:unk,char"}, {"columns": ["word:unk", "char"], "command": "two"}),
        ({}, {"columns": "bpe,char"}, {"columns": ["char", "word:unk", "bpe"], "command": "one; two"}),
        ({"columns": "few", "options": FEW}, {"columns": "char"}, {"columns": ["few", "char"]}),
        ({"seeds": (5,), "verify": True}, {"seeds": (0, 1)}, {"seeds": (0, 1, 5), "verify": False}),
        ({"fractions": (0.5, 1.0)}, {"fractions": (0.3, 1.0)}, {"fractions": (0.3, 0.5, 1.0)}),
        ({"adapt": 0.5}, {"fold": Fold(1, 5)}, {"fold": Fold(1, 5), "adapt": 0.5}),
    ],
)
def test_axes_are_united_and_scalars_come_from_the_new_command(requested, tmp_path, stored, command, union):
    first, second = requested(**stored, command="one"), requested(**command, command="two")
    store(tmp_path, first)
    planned = plan(tmp_path, second)
    fields = {name: getattr(planned, name) for name in union} | {
        "columns": [column.name for column in planned.columns]
    }
    assert fields | union == fields
    digests = {spec.name: spec.digest for spec in planned.specs()}
    assert digests.items() >= {spec.name: spec.digest for spec in first.specs()}.items()
    content = (store(tmp_path, planned) / "compare.toml").read_bytes()
    assert (store(tmp_path, plan(tmp_path, second)) / "compare.toml").read_bytes() == content


def test_sweeps_stay_with_the_values_of_both_commands(requested, tmp_path):
    store(tmp_path, requested(**swept(300, 320)))
    for command, sizes in (
        (swept(310, 320), [[300, 320, 310]]),
        ({"columns": "char,word:unk"}, [[300, 320]]),
        (swept(300, 320) | {"sweeps": ()}, [[300, 320]]),
    ):
        sweeps = plan(tmp_path, requested(**command)).sweeps
        assert [[value.value for value in sweep.values] for sweep in sweeps] == sizes


@pytest.mark.parametrize(
    ("stored", "command", "key", "name"),
    [
        ({}, {"given": {"network": {"units": 13}}}, "network.units", "tales--char-word-unk--network.units-13"),
        ({"given": STANDARD}, {"given": STANDARD | EPOCHS}, "train.epochs", None),  # which dropout follows
        ({}, {"given": {"samples": {"prompt": 50 * "a /"}}}, "samples.prompt", None),
        ({"columns": "few", "options": FEW}, {"columns": "few", "options": CUT}, "tokenizer", None),
        ({"match": "params"}, {}, "match", "tales--char-word-unk--default"),
        ({"given": BUDGET, "workers": 1}, {"given": BUDGET, "workers": 2}, "workers", None),
    ],
)
def test_the_first_key_that_changes_a_stored_cell_is_named(
    requested, tmp_path, monkeypatch, stored, command, key, name
):
    """Other settings than those of the usual folder have one of their own, whatever the seeds and the length."""
    monkeypatch.chdir(tmp_path)
    first, second = requested(**stored), requested(**command)
    usual = store(default_folder(first), first)
    with pytest.raises(OtherSettingsError) as error:
        plan(usual, second)
    assert error.value.key == key
    folder = default_folder(second)
    assert folder == default_folder(replace(second, seeds=(0, 1), stages=TWICE, more=2.0)) != usual
    assert folder.name.startswith(f"{usual.name}--")
    assert name in (None, folder.name)
    assert len(folder.name) < 100
    assert default_folder(replace(first, seeds=(0, 1))) == usual


OLD_TAGGER = {"toolkit": VERSION, "spacy": "3.0"} | Tagger().versions


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("versions.spacy", {"versions": OLD_TAGGER}),  # other tags for a second seed
        ("origins.measure shouts", {"origins": {"measure shouts": "noise 1.0 ab"}}),
        ("corpus_sha256", {"corpus_sha256": "ab", "language": "fr"}),
    ],
)
def test_other_versions_code_or_texts_are_refused(requested, tmp_path, key, changes):
    now = requested()
    stored_plan(now, [replace(spec, **changes) for spec in now.specs()]).save(tmp_path)
    with pytest.raises(OtherSettingsError) as error:
        plan(tmp_path, replace(now, seeds=(0, 1)))
    assert error.value.key == key


@pytest.mark.parametrize(
    ("stored", "trained", "more", "stages"),
    [
        ((1.0,), None, 1.5, (1.0, 1.5)),
        (TWICE, TWICE, 4.0, (1.0, 2.0, 4.0)),
        (TWICE, TWICE, 2.0, TWICE),
        (TWICE, TWICE, None, None),
    ],
)
def test_training_gets_longer_but_never_shorter(requested, tmp_path, stored, trained, more, stages):
    first = requested("char,char@ngram", {"char": {"train": {"updates": 6}}}, fractions=(0.5, 1.0))
    store(tmp_path, replace(first, stages=stored))
    for spec in replace(first, stages=trained).specs() if trained else ():
        finish(tmp_path, spec)
    if stages is None:
        with pytest.raises(InputError, match="--more"):
            plan(tmp_path, replace(first, more=more))
        return
    planned = plan(tmp_path, replace(first, more=more))
    assert planned.stages == stages
    has_cell = [bool(kept_cell(tmp_path, spec, Reporter(), verify=False)) for spec in planned.specs()]
    assert has_cell == 2 * [stages == trained] + 2 * [bool(trained)]  # counted models have no stages


def test_cells_are_kept_unless_they_have_to_be_verified(requested, tmp_path):
    with strategy_file(tmp_path / "mine.py", "return self"):
        ours, foreign = requested("char,word:mine").specs()
        for spec, verify in ((ours, True), (foreign, False)):
            for proof in (None, cell("word:unk", 2.0).verified):
                finish(tmp_path, spec, verified=proof)
                assert bool(kept_cell(tmp_path, spec, Reporter(), verify=verify)) == bool(proof)
    assert kept_cell(tmp_path, replace(ours, stages=TWICE), Reporter(), verify=False) is None
    (failed,) = requested("bpe").specs()
    for reason in ("odd word", KILLED):  # a killed cell may succeed the next time
        save_failure(tmp_path / "runs" / failed.name, failed.digest, reason)
        assert bool(kept_cell(tmp_path, failed, Reporter(), verify=False)) == (reason != KILLED)


CHAR, WORD, BPE = {"char": (2.5, 2.52)}, {"word:pos": (2.3, 2.31)}, {"bpe": (2.4, 2.41)}


def joined(*parts: Comparison) -> Comparison:
    """Return the comparisons of the folders a, b and so on, joined in the folder out."""
    return join([(Path(name), part) for name, part in zip("abcd", parts, strict=False)], Path("out"))


def later(part: Comparison, more: int) -> Comparison:
    """Return a comparison whose seeds are larger."""
    part.cells = [cell.model_copy(update={"seed": cell.seed + more}) for cell in part.cells]
    return part


def test_computed_comparisons_joined_have_the_numbers_of_one(brief, tmp_path):
    for name, columns in (("a", "char@ngram"), ("b", "word:unk@ngram"), ("once", "char@ngram,word:unk@ngram")):
        compute(request(brief, columns), tmp_path / name, Reporter())
    both, page = reported([tmp_path / "a", tmp_path / "b"], tmp_path / "out", has_text=False)
    assert page.is_file()
    both, _ = reported([tmp_path / "a", tmp_path / "b"], tmp_path / "out")
    assert not page.exists()  # it would be older than the results
    once = Comparison.load(tmp_path / "once" / FOUND)
    assert (both.contrasts, both.leads, both.baselines) == (once.contrasts, once.leads, once.baselines)
    assert [cell.documents for cell in both.done] == [cell.documents for cell in once.done]
    assert all((tmp_path / "out" / cell.run / "cell.json").is_file() for cell in both.done)
    assert both.passages == []
    with pytest.raises(InputError, match="joined"):
        compute(request(brief, "bpe@ngram"), tmp_path / "out", Reporter())


def test_seeds_of_a_column_are_united_and_an_equal_cell_is_kept_once():
    first, second = comparison(CHAR | WORD), later(comparison(CHAR), 1)
    second.cells[0] = first.cells[1]  # seed 2 of char
    both = joined(first, second)
    assert [cell.seed for cell in both.by_column["char"]] == [1, 2, 3]
    runs = [cell.run for cell in both.by_column["char"]]
    assert runs == ["../a/runs/char-1", "../a/runs/char-2", "../b/runs/char-2"]


@pytest.mark.parametrize(
    ("part", "changes", "named"),
    [
        ("cells", {"digest": "0" * 64}, "char, seed 1"),
        ("cells", {"documents": []}, "char, seed 1"),  # by the clock, equal digests may give other bits
        ("settings", {"network": {"units": 512}}, "network"),
        ("settings", {"stages": [1.0, 2.0]}, "stages"),
        ("settings", {"samples": {"characters": 9}}, "samples"),
        ("settings", {"match": "flops"}, "match"),
        ("corpus", {"sha256": "0" * 64}, "sha256"),
        ("corpus", {"split": SplitNames(train=["tale_36"], valid=[], test=["tale_00"])}, "split"),
    ],
    ids=str,
)
def test_other_results_settings_or_splits_for_a_column_are_refused(part, changes, named):
    other = comparison(CHAR)
    if part == "cells":
        other.cells = [cell.model_copy(update=changes) for cell in other.cells]
    elif part == "settings":
        other.settings |= changes
    else:
        other.corpus = other.corpus.model_copy(update=changes)
    with pytest.raises(InputError, match=named):
        joined(comparison(CHAR), other)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_result_replaces_a_failure(backwards):
    whole, other = comparison(CHAR | WORD), comparison(CHAR | WORD)
    facts = {key: getattr(other.cells[0], key) for key in OneCell.model_fields}
    other.cells[0] = FailedCell(**facts, reason=KILLED)
    both = joined(*([other, whole] if backwards else [whole, other]))
    assert [(cell.column, cell.seed) for cell in both.done] == [(cell.column, cell.seed) for cell in whole.done]
    assert both.done[0].run.startswith("../b/" if backwards else "../a/")


def test_a_setting_of_one_comparison_becomes_a_setting_of_its_columns():
    first, other = comparison(CHAR), comparison(BPE)
    first.settings |= {"train": {"batch": 32, "epochs": 2.0}, "recipe": "large"}
    other.settings["train"] = {"batch": 32}
    assert joined(other, first).settings["columns"] == joined(first, other).settings["columns"]
    both = joined(first, other)
    assert both.settings["train"] == {"batch": 32}
    assert "recipe" not in both.settings
    assert both.settings["columns"] == {"char": {"train": {"epochs": 2.0}, "recipe": "large"}}
    assert differing(both)["train.epochs"] == {"char": 2.0, "bpe": None}
    assert joined(both, later(other, 2)).settings["columns"] == both.settings["columns"]


def test_a_joined_folder_has_the_files_of_a_comparison_and_other_folders_stay(tmp_path):
    """A foreign folder, and a computed comparison."""
    folders, out = [tmp_path / "a", tmp_path / "b"], tmp_path / "deeper" / "out"
    for folder, column in zip(folders, (CHAR, WORD), strict=True):
        folder.mkdir()
        comparison(column).save(folder / FOUND)
    for _ in range(2):
        both, _ = reported(folders, out)
        files = {path.name for path in out.iterdir()}
        assert files == {"compare.toml", "comparison.json", "contrasts.csv", "index.html", "lock", "metrics.csv"}
    assert load_stored(out) == Stored(joined=["../../a", "../../b"])
    assert Comparison.load(out / FOUND) == both
    runs = [(out / cell.run).resolve().parent.parent for cell in both.cells]
    assert runs == [folders[0].resolve()] * 2 + [folders[1].resolve()] * 2
    Stored().save(folders[1])
    files_before = contents(tmp_path)
    for place in folders:
        with pytest.raises(InputError, match=str(place)):
            reported(folders, place)
    assert contents(tmp_path) == files_before


GIVEN = {
    "network": {"units": 40},
    "train": {"updates": 40, "checks": 2, "batch": 2, "towers": 1, "window_characters": 60},
    "samples": {"count": 2, "characters": 60, "temperature": 0.8},
}


def matched(corpus, match, columns="char,word:unk", options=None, **fields):
    """Return the request of a matched comparison."""
    return request(corpus, columns, options, **{"given": GIVEN, "match": match} | fields)


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
    assert recorder.fitted.count("word:unk") == 1  # the decision's tokenizer is the cell's
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
    for done in cells:
        table = whole.settings["columns"].get(done.column, {})
        assert done.updates == table.get("train", {}).get("updates", whole.settings["train"]["updates"])
    read = [by_length[cell.column]["train"]["updates"] * cell.characters_seen / cell.updates for cell in cells]
    assert max(read) <= 1.03 * min(read)

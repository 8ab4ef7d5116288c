"""A comparison is its cells: however many commands ask for them, and wherever they are computed.

``toolkit train`` computes one cell as a run in a folder of its own. Folds are comparisons in one folder.
"""

import csv
import json
import os
import shutil
from dataclasses import replace

import pytest
from safetensors.numpy import load_file

from tests.conftest import QUICK
from tests.helpers.comparisons import COUNTED, Recorder, contents, request, strategy_file, without_times, written
from toolkit.comparison.compare import compute, train_alone
from toolkit.comparison.progress import Reporter
from toolkit.errors import InputError, VerificationError
from toolkit.results.comparison import Comparison
from toolkit.runs.folder import CheckpointFile, load_cell, load_spec, saved_state
from toolkit.text.sources import read_corpus
from toolkit.text.splits import Fold
from toolkit.training.records import Position


@pytest.mark.slow
def test_a_comparison_grown_step_by_step_is_the_one_computed_at_once(brief, tmp_path):
    for fields in (
        {"columns": "char@ngram", "adapt": 1.0},
        {"columns": "char@ngram", "seeds": (0, 1), "adapt": 0.3},
        {"columns": "word:unk@ngram", "fractions": (0.5, 1.0)},
        {"columns": "word:unk@ngram,char@ngram", "seeds": (0, 1), "fractions": (0.5, 1.0), "adapt": 0.3},
    ):
        larger = compute(request(brief, **fields), tmp_path / "grown", Reporter())
    compute(request(brief, **fields), tmp_path / "once", Reporter())
    files = {name: content for name, content in contents(tmp_path / "grown").items() if "-1.0-" not in name}
    assert files == contents(tmp_path / "once")
    assert Comparison.load(tmp_path / "grown" / "comparison.json") == larger


def test_a_complete_comparison_gets_its_page_again_and_a_table_of_its_cells(brief, tmp_path):
    compute(request(brief, "char@ngram", seeds=(0, 1)), tmp_path, Reporter())
    with pytest.raises(KeyboardInterrupt):  # once all cells are there, but no report on them
        compute(request(brief, seeds=(0, 1)), tmp_path, Recorder(stop_after=2))
    assert len(compute(request(brief, seeds=(0, 1)), tmp_path, Reporter()).done) == 4
    first = compute(request(brief, seeds=(0, 1), adapt=0.3), tmp_path, Reporter())
    (tmp_path / "index.html").unlink()
    times, files, reporter = written(tmp_path / "runs"), contents(tmp_path), Recorder()
    assert compute(request(brief, "char@ngram", seeds=(1,), command="less"), tmp_path, reporter) == first
    assert (written(tmp_path / "runs"), contents(tmp_path), reporter.cells) == (times, files, [])
    assert (tmp_path / "index.html").is_file()
    with (tmp_path / "metrics.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    for line, cell in zip(lines, first.done, strict=True):
        numbers = {name: "" if value is None else str(value) for name, value in cell.numbers().items()}
        assert {name: value for name, value in line.items() if name in numbers} == numbers


def test_a_failed_cell_keeps_its_reason_and_is_not_computed_again(brief, tmp_path):
    out, recorder = tmp_path / "out", Recorder()
    with strategy_file(tmp_path / "mine.py", fit="raise LookupError('odd word')") as code:
        first = compute(request(brief, "char@ngram,word:mine@ngram,word:unk@ngram", code=code), out, Reporter())
        (failed,) = first.failed
        assert [cell.status for cell in first.cells] == ["done", "failed", "done"]
        assert [(contrast.a, contrast.b) for contrast in first.contrasts] == [("char@ngram", "word:unk@ngram")]
        assert "odd word" in failed.reason
        assert failed.reason in (out / "index.html").read_text("utf-8").replace("&#39;", "'")
        failure = json.loads((out / failed.run / "failed.json").read_text("utf-8"))
        spec = request(brief, "word:mine@ngram", code=code).specs()[0]
        assert failure == {"digest": spec.digest, "reason": failed.reason}
        again = compute(request(brief, "word:mine@ngram", code=code), out, recorder)
        assert (again.failed, len(again.done), recorder.cells) == ([failed], 2, [])
        (out / failed.run / "failed.json").write_text(json.dumps(failure | {"digest": "other"}), "utf-8")
        compute(request(brief, "word:mine@ngram", code=code), out, recorder)
        assert recorder.cells == [failed.run]


def test_fresh_replaces_a_comparison_and_leaves_other_files(brief, tmp_path):
    compute(request(brief, "char@ngram"), tmp_path, Reporter())
    (tmp_path / "notes.md").write_text("mine", "utf-8")
    after = compute(request(brief, "bpe@ngram", split_seed=1), tmp_path, Reporter(), fresh=True)
    assert after.columns == ["bpe@ngram"]
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["bpe-ngram-seed0"]
    assert (tmp_path / "notes.md").is_file()
    with pytest.raises(InputError, match="--more"):
        compute(request(brief, "bpe@ngram", split_seed=1, more=2.0), tmp_path, Reporter(), fresh=True)
    assert load_cell(tmp_path / "runs" / "bpe-ngram-seed0")


def test_the_smallest_seed_of_the_whole_text_has_samples_and_an_earlier_one_keeps_its(brief, tmp_path):
    first, larger = (
        compute(request(brief, "char@ngram", seeds=seeds, fractions=(0.5, 1.0)), tmp_path, Reporter())
        for seeds in ((1,), (0, 1))
    )
    samples = {(cell.fraction, cell.seed): cell.generated for cell in larger.done}
    assert [cell for cell, generated in samples.items() if generated] == [(1.0, 0), (1.0, 1)]
    assert samples[1.0, 1] == first.generated["char@ngram"] != larger.generated["char@ngram"] == samples[1.0, 0]
    runs = {file.parent.name for file in tmp_path.glob("runs/*/samples.jsonl")}
    assert runs == {"char-ngram-seed0", "char-ngram-seed1"}


def test_wrong_bits_of_a_cell_are_an_error_of_verify(brief, tmp_path):
    compute(request(brief), tmp_path, Reporter())
    file = tmp_path / "runs" / "word-unk-ngram-seed0" / "cell.json"
    cell = json.loads(file.read_text("utf-8"))
    cell["documents"][0]["bits"] *= 0.98
    file.write_text(json.dumps(cell), "utf-8")
    with pytest.raises(VerificationError, match="word-unk-ngram-seed0"):
        compute(request(brief, verify=True), tmp_path, Reporter())


@pytest.mark.slow
def test_one_and_two_workers_compute_the_same_numbers(brief, tmp_path):
    """With a network that diverges, and someone else's code, which is always verified."""
    recorders, wholes = [], []
    diverging = {"bpe": {"train": {"learning_rate": 1e30}}}
    class_of = "return 'ANY' if 'a' in word.text else 'FEW'"
    with strategy_file(tmp_path / "mine.py", "return self", class_of) as code:
        for workers in (1, 2):
            fields = {"given": QUICK, "code": code, "adapt": 0.3, "workers": workers}
            recorders.append(Recorder())
            columns = request(brief, "bpe,char@ngram,word:mine@ngram", diverging, **fields)
            wholes.append(compute(columns, tmp_path / str(workers), recorders[-1]))
    assert contents(tmp_path / "1") == contents(tmp_path / "2")
    assert without_times(wholes[0].model_dump()) == without_times(wholes[1].model_dump())
    assert [cell.status for cell in wholes[1].cells] == ["failed", "done", "done"]
    for recorder in recorders:
        assert recorder.verified > {"word-mine-ngram-seed0"}
        assert len(recorder.verified) == 3  # and two rows that learn
        assert sorted(recorder.cells) == sorted(cell.run for cell in wholes[0].cells)


def test_a_missing_run_is_computed_again_with_the_tokenizer_of_another_seed(brief, tmp_path):
    columns, recorder = request(brief, "char@ngram", seeds=(0, 1)), Recorder()
    compute(columns, tmp_path, recorder)
    files = contents(tmp_path)
    shutil.rmtree(tmp_path / "runs" / "char-ngram-seed0")
    compute(columns, tmp_path, recorder)
    assert contents(tmp_path) == files
    assert recorder.fitted.count("char@ngram") == 1  # fitted once, also for both seeds at first
    assert recorder.cells == [f"runs/char-ngram-seed{seed}" for seed in (0, 1, 0)]


def given_split(folder, tales, replaced=None):
    """Return the tales as a given split, with other documents in one part."""
    for part, numbers in {"train": range(6), "valid": range(6, 8), "test": range(8, 10)}.items():
        (folder / part).mkdir(parents=True)
        for number in numbers:
            shutil.copy(tales / f"tale{number}.txt", folder / part)
    for file in (folder / replaced).iterdir() if replaced else ():
        file.write_text(file.name + "Zażółć gęślą jaźń — completely different WORDS! 😀\n" * 9, "utf-8")
    return read_corpus(folder)


def test_tokenizers_and_models_depend_on_no_held_out_text(brief_folder, tmp_path):
    """Validation text affects a speller's settings, and the choice of weights."""
    runs = [f"{name}-ngram-seed0" for name in ("char", "word-unk", "bpe")]
    for name, replaced in (("same", None), ("test", "test"), ("valid", "valid")):
        corpus = given_split(tmp_path / name / "tales", brief_folder, replaced)
        compute(request(corpus, f"{COUNTED},bpe@ngram"), tmp_path / name / "out", Reporter())
    for run in runs:
        same, test, valid = (tmp_path / name / "out" / "runs" / run for name in ("same", "test", "valid"))
        assert saved_state(same) == saved_state(test)
        (file,) = same.glob("*.safetensors")
        arrays, other_arrays = load_file(file), load_file(test / file.name)
        assert all((arrays[name] == other_arrays[name]).all() for name in arrays)
        states = [saved_state(folder) for folder in (same, valid)]
        for state in states:
            for choice in ("order", "lexicon_share", "concentration", "shared_concentration"):
                state.get("speller", {}).pop(choice, None)
        assert states[0] == states[1]


def test_a_run_alone_is_that_of_a_comparison_until_fresh_replaces_it(brief, tmp_path):
    run, counted = tmp_path / "run", request(brief, "char@ngram")
    CheckpointFile(run, {}).save((Position(), {}))  # as of an interrupted training
    cell = train_alone(counted, run, Reporter())
    compute(counted, tmp_path / "out", Reporter())
    alone, other = contents(run), contents(tmp_path / "out" / "runs" / "char-ngram-seed0")
    assert (alone.pop("cell.json") | {"run": ""}, alone) == (other.pop("cell.json") | {"run": ""}, other)
    assert sorted(os.listdir(tmp_path)) == [".run.lock", "out", "run"]
    times = written(run)
    assert train_alone(counted, run, Reporter()) == cell
    with pytest.raises(InputError, match="seed"):
        train_alone(replace(counted, seeds=(3,)), run, Reporter())
    assert written(run) == times
    verified = train_alone(replace(counted, verify=True), run, Reporter())
    assert load_cell(run) == verified == cell.model_copy(update={"verified": verified.verified})
    assert verified.verified.characters == sum(document.characters for document in cell.documents)
    for _ in range(2):  # another run is replaced, and then the same one
        times = written(run, "cell.json")
        train_alone(replace(counted, seeds=(3,)), run, Reporter(), fresh=True)
        assert written(run, "cell.json") != times
    (run / "notes.md").write_text("mine", "utf-8")
    with pytest.raises(InputError, match=str(run)):
        train_alone(counted, run, Reporter(), fresh=True)
    assert load_spec(run).seed == 3


@pytest.fixture(scope="module")
def folder(brief, made_once):
    """The folder of a comparison of five folds with two seeds."""
    five = request(brief, fold=Fold(1, 5), seeds=(0, 1))
    return made_once("five-folds", lambda folder: compute(five, folder / "out", Reporter())) / "out"


def comparisons_of(folder):
    """Return the comparisons of all folds."""
    places = [folder, *(folder / "folds" / str(number) for number in range(2, 6))]
    return [Comparison.load(place / "comparison.json") for place in places]


@pytest.mark.slow
def test_conclusions_are_of_all_documents_held_out_once(folder, brief):
    comparisons = comparisons_of(folder)
    whole, folds = comparisons[0], comparisons[0].folds
    held_out = [name for comparison in comparisons for name in comparison.corpus.split.test]
    assert sorted(held_out) == sorted(document.name for document in brief.documents)
    assert [{cell.fold for cell in comparison.done} for comparison in comparisons] == [{n} for n in range(1, 6)]
    assert [comparison.folds is None for comparison in comparisons] == [False, True, True, True, True]
    assert [split.test for split in whole.corpus.splits] == [other.corpus.split.test for other in comparisons]
    assert whole.answering == (folds.totals, folds.contrasts)
    for column, total in folds.totals.items():
        cells = [cell for comparison in comparisons for cell in comparison.done if cell.column == column]
        bits = sum(document.bits for cell in cells for document in cell.documents) / 2  # two seeds
        assert total == pytest.approx(bits / brief.characters)
    for fold in request(brief, fold=Fold(1, 5)).folds():  # each has tokenizers of its own training text
        number = fold.fold.number
        run = (folder if number == 1 else folder / "folds" / str(number)) / "runs" / "word-unk-ngram-seed0"
        tokenizer = fold.tokenizer(fold.columns[1]).fit(fold.split.train, fold.split.valid)
        assert saved_state(run) == tokenizer.state()


@pytest.mark.slow
def test_cells_without_folds_grow_into_all_folds_and_seeds_and_a_fresh_start_removes_the_folds(
    folder, brief, tmp_path
):
    """Also after an interrupt, by two processes, and with a command that does not name the folds."""
    out, five = tmp_path / "out", {"fold": Fold(1, 5)}
    plain = compute(request(brief), out, Reporter())
    assert (plain.folds, {cell.fold for cell in plain.done}) == (None, {None})
    with pytest.raises(KeyboardInterrupt):
        compute(request(brief, **five, command="more"), out, Recorder(stop_after=3))
    times, reporter = written(out, "scores.npz"), Recorder()
    for fields, cells in ((five | {"workers": 2}, 5), ({"seeds": (0, 1)}, 15), (five, 15)):
        compute(request(brief, command="more", **fields), out, reporter)
        assert len(reporter.cells) == cells
    assert len(times) == 2 + 3
    assert written(out, "scores.npz").items() >= times.items()
    runs, of_once = (
        {name: content for name, content in contents(place).items() if "runs/" in name} for place in (out, folder)
    )
    assert runs == of_once
    grown = comparisons_of(out)
    assert grown[0].folds == comparisons_of(folder)[0].folds
    assert [comparison.columns for comparison in grown] == [COUNTED.split(",")] * 5
    compute(request(brief, "char@ngram"), out, Reporter(), fresh=True)
    assert not (out / "folds").exists()

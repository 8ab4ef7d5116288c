"""A comparison is its cells: however many commands ask for them, and wherever they are computed.

``toolkit train`` computes one cell as a run in a folder of its own.
"""

import csv
import json
import os
import shutil
from dataclasses import replace

import pytest
from safetensors.numpy import load_file

from tests.conftest import TINY
from tests.helpers.comparisons import Recorder, contents, fits, request, strategy_file, without_times, written
from toolkit.comparison.compare import compute, train_alone
from toolkit.comparison.progress import Reporter
from toolkit.config import merged
from toolkit.errors import InputError, VerificationError
from toolkit.results.comparison import Comparison
from toolkit.runs.folder import load_cell, load_spec, saved_state
from toolkit.text.sources import read_corpus

STEPS = {
    "columns": [{"columns": "char@ngram"}, {"columns": "word:unk@ngram,char@ngram"}],
    "seeds": [{"columns": "char@ngram"}, {"columns": "char@ngram", "seeds": (0, 2)}],
    "fractions": [{"columns": "char@ngram"}, {"columns": "char@ngram", "fractions": (0.5, 1.0)}],
    "rows": [{"columns": "char@ngram"}, {"columns": "char@ngram", "adapt": 0.3}],
    "rate": [{"columns": "char@ngram", "adapt": 1.0}, {"columns": "char@ngram", "adapt": 0.3}],
    "proof": [{"columns": "char@ngram"}, {"columns": "char@ngram", "verify": True}],
    "all": [
        {"columns": "char@ngram"},
        {"columns": "char@ngram", "seeds": (0, 1), "adapt": 0.3},
        {"columns": "word:unk@ngram", "fractions": (0.5, 1.0), "adapt": 0.3},
        {"columns": "word:unk@ngram,char@ngram", "seeds": (0, 1), "fractions": (0.5, 1.0), "adapt": 0.3},
    ],
}


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_a_comparison_grown_step_by_step_is_the_one_computed_at_once(brief, tmp_path, steps):
    for fields in steps:
        larger = compute(request(brief, **fields), tmp_path / "grown", Reporter())
    compute(request(brief, **steps[-1]), tmp_path / "once", Reporter())
    rate = f"-{steps[0]['adapt']}-" if steps[0].get("adapt") else "no other rate"
    files = {name: content for name, content in contents(tmp_path / "grown").items() if rate not in name}
    assert files == contents(tmp_path / "once")
    assert Comparison.load(tmp_path / "grown" / "comparison.json") == larger


def test_a_complete_comparison_gets_its_page_again_and_computes_nothing(brief, tmp_path):
    first = compute(request(brief, seeds=(0, 1), adapt=0.3), tmp_path, Reporter())
    (tmp_path / "index.html").unlink()
    times, files, reporter = written(tmp_path / "runs"), contents(tmp_path), Recorder()
    assert compute(request(brief, "char@ngram", seeds=(1,), command="less"), tmp_path, reporter) == first
    assert (written(tmp_path / "runs"), contents(tmp_path), reporter.cells) == (times, files, [])
    assert (tmp_path / "index.html").is_file()


@pytest.mark.slow
def test_a_missing_run_is_computed_again_with_the_tokenizer_of_another_seed(brief, tmp_path):
    """Someone else's tokenizer is fitted once for all seeds, and not again for its proofs."""
    with strategy_file(tmp_path / "mine.py", fit="return self") as code:
        columns = request(brief, "word:mine@ngram", seeds=(0, 1), code=code, verify=True)
        assert len(compute(columns, tmp_path / "out", Reporter()).done) == 2
        files = contents(tmp_path / "out")
        assert fits(tmp_path / "mine.py") == 1
        shutil.rmtree(tmp_path / "out" / "runs" / "word-mine-ngram-seed0")
        compute(columns, tmp_path / "out", Reporter())
        assert fits(tmp_path / "mine.py") == 1
    assert contents(tmp_path / "out") == files


def test_a_failed_cell_keeps_its_reason_and_is_not_computed_again(brief, tmp_path):
    out, file = tmp_path / "out", tmp_path / "mine.py"
    with strategy_file(file, fit="raise LookupError('odd word')") as code:
        first = compute(request(brief, "char@ngram,word:mine@ngram,word:unk@ngram", code=code), out, Reporter())
        assert [cell.status for cell in first.cells] == ["done", "failed", "done"]
        assert "odd word" in first.failed[0].reason
        assert [(contrast.a, contrast.b) for contrast in first.contrasts] == [("char@ngram", "word:unk@ngram")]
        assert first.failed[0].reason in (out / "index.html").read_text("utf-8").replace("&#39;", "'")
        failure = json.loads((out / first.failed[0].run / "failed.json").read_text("utf-8"))
        spec = request(brief, "word:mine@ngram", code=code).specs()[0]
        assert failure == {"digest": spec.digest, "reason": first.failed[0].reason}
        again = compute(request(brief, "word:mine@ngram,bpe@ngram", code=code), out, Reporter())
        assert again.failed == first.failed
        assert len(again.done) == 3
        assert fits(file) == 1
        (out / first.failed[0].run / "failed.json").write_text(json.dumps(failure | {"digest": "other"}), "utf-8")
        compute(request(brief, "word:mine@ngram", code=code), out, Reporter())
        assert fits(file) == 2


def test_fresh_replaces_a_comparison_and_leaves_other_files(brief, tmp_path):
    compute(request(brief, seeds=(0, 1)), tmp_path, Reporter())
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
        for seeds in ((1,), (0, 1, 2))
    )
    samples = {(cell.fraction, cell.seed): cell.generated for cell in larger.done}
    assert [cell for cell, generated in samples.items() if generated] == [(1.0, 0), (1.0, 1)]
    assert samples[1.0, 1] == first.generated["char@ngram"] != larger.generated["char@ngram"] == samples[1.0, 0]
    runs = {file.parent.name for file in tmp_path.glob("runs/*/samples.jsonl")}
    assert runs == {"char-ngram-seed0", "char-ngram-seed1"}


def test_tables_have_the_numbers_of_cells_and_contrasts(brief, tmp_path):
    whole = compute(request(brief, seeds=(0, 1), fractions=(0.5, 1.0)), tmp_path, Reporter())
    with (tmp_path / "metrics.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    for line, cell in zip(lines, whole.done, strict=True):
        written_numbers = {name: "" if value is None else str(value) for name, value in cell.numbers().items()}
        assert {name: value for name, value in line.items() if name in written_numbers} == written_numbers


def test_wrong_bits_of_a_cell_are_an_error_of_verify(brief, tmp_path):
    compute(request(brief), tmp_path, Reporter())
    file = tmp_path / "runs" / "word-unk-ngram-seed0" / "cell.json"
    cell = json.loads(file.read_text("utf-8"))
    cell["documents"][0]["bits"] *= 0.98
    file.write_text(json.dumps(cell), "utf-8")
    with pytest.raises(VerificationError, match="word-unk-ngram-seed0"):
        compute(request(brief, verify=True), tmp_path, Reporter())


DIVERGING = {"bpe": {"train": {"learning_rate": 1e30}}}
RUNS = {"char-seed0", "char-seed1", "word-mine-ngram-seed0", "word-mine-ngram-seed1"}


@pytest.mark.slow
def test_one_and_two_workers_compute_the_same_numbers(brief, tmp_path):
    """With a column that diverges, and one of someone else's code."""
    recorders, wholes = [], []
    settings = TINY | {"samples": TINY["samples"] | {"characters": 60, "temperature": 0.8}}
    with strategy_file(
        tmp_path / "mine.py", "return self", "return 'ANY' if 'a' in word.text else 'FEW'"
    ) as code:
        fields = {"given": settings, "seeds": (0, 1), "code": code, "verify": True}
        for workers in (1, 2):
            recorders.append(Recorder())
            columns = request(brief, "bpe,char,word:mine@ngram", DIVERGING, workers=workers, **fields)
            wholes.append(compute(columns, tmp_path / str(workers), recorders[-1]))
        assert fits(tmp_path / "mine.py") == 2  # once for both seeds, in each comparison
    assert contents(tmp_path / "1") == contents(tmp_path / "2")
    assert without_times(wholes[0].model_dump()) == without_times(wholes[1].model_dump())
    assert [cell.status for cell in wholes[1].cells] == ["failed"] * 2 + ["done"] * 4
    assert {cell.verified.characters for cell in wholes[1].done} == {wholes[1].corpus.test_characters}
    for recorder in recorders:
        assert recorder.trained == RUNS
        assert recorder.verified == {*RUNS, "char-ensemble-seed0-1"}
        assert sorted(recorder.cells) == sorted(cell.run for cell in wholes[0].cells)


GIVEN = "char,word:unk,bpe@ngram"
CHOICES = {"order", "lexicon_share", "concentration", "shared_concentration"}  # of a speller, by validation text


def given_split(folder, tales, replaced=None):
    """Return the tales as a given split, with other documents in one part."""
    for part, numbers in {"train": range(6), "valid": range(6, 8), "test": range(8, 10)}.items():
        (folder / part).mkdir(parents=True)
        for number in numbers:
            shutil.copy(tales / f"tale{number}.txt", folder / part)
    for file in (folder / replaced).iterdir() if replaced else ():
        file.write_text(file.name + "Zażółć gęślą jaźń — completely different WORDS! 😀\n" * 9, "utf-8")
    return read_corpus(folder)


@pytest.mark.slow
def test_tokenizers_and_weights_depend_on_no_held_out_text(brief_folder, tmp_path):
    """Validation text affects a speller's settings alone, and the choice of weights."""
    for name, replaced in (("same", None), ("test", "test"), ("valid", "valid")):
        corpus = given_split(tmp_path / name / "tales", brief_folder, replaced)
        compute(request(corpus, GIVEN, given=TINY), tmp_path / name / "out", Reporter())
    for run in ("char-seed0", "word-unk-seed0", "bpe-ngram-seed0"):
        same, test, valid = (tmp_path / name / "out" / "runs" / run for name in ("same", "test", "valid"))
        assert saved_state(same) == saved_state(test)
        (file,) = same.glob("*.safetensors")
        arrays, other_arrays = load_file(file), load_file(test / file.name)
        assert all((arrays[name] == other_arrays[name]).all() for name in arrays)
        checks = [[row.valid_bits_per_character for row in load_cell(folder).history] for folder in (same, test)]
        assert checks[0] == checks[1]
        states = [saved_state(folder) for folder in (same, valid)]
        for state in states:
            state["speller"] = {
                key: value for key, value in state.get("speller", {}).items() if key not in CHOICES
            }
        assert states[0] == states[1]


def test_a_run_alone_is_that_of_a_comparison_stays_and_is_verified_on_request(brief, tmp_path):
    counted = request(brief, "char@ngram")
    cell = train_alone(counted, tmp_path / "run", Reporter())
    compute(counted, tmp_path / "out", Reporter())
    alone, other = contents(tmp_path / "run"), contents(tmp_path / "out" / "runs" / "char-ngram-seed0")
    assert (alone.pop("cell.json") | {"run": ""}, alone) == (other.pop("cell.json") | {"run": ""}, other)
    assert sorted(os.listdir(tmp_path)) == [".run.lock", "out", "run"]
    times = written(tmp_path / "run")
    assert train_alone(counted, tmp_path / "run", Reporter()) == cell
    assert written(tmp_path / "run") == times
    verified = train_alone(replace(counted, verify=True), tmp_path / "run", Reporter())
    assert load_cell(tmp_path / "run") == verified == cell.model_copy(update={"verified": verified.verified})
    assert verified.verified.characters == sum(document.characters for document in cell.documents)


def test_a_run_of_another_spec_is_refused_unless_fresh_replaces_it(brief, tmp_path):
    counted = request(brief, "char@ngram")
    train_alone(counted, tmp_path / "run", Reporter())
    other, files_before = replace(counted, seeds=(3,)), contents(tmp_path)
    with pytest.raises(InputError, match="seed"):
        train_alone(other, tmp_path / "run", Reporter())
    assert contents(tmp_path) == files_before
    train_alone(other, tmp_path / "run", Reporter(), fresh=True)
    (tmp_path / "run" / "notes.md").write_text("mine", "utf-8")
    with pytest.raises(InputError, match=str(tmp_path / "run")):
        train_alone(counted, tmp_path / "run", Reporter(), fresh=True)
    assert load_spec(tmp_path / "run").seed == 3


@pytest.mark.slow
def test_an_interrupted_training_of_a_run_alone_is_resumed(brief, tmp_path):
    columns = request(brief, "char", given=merged(TINY, {"train": {"checkpoint_seconds": 0.0}}))
    with pytest.raises(KeyboardInterrupt):
        train_alone(columns, tmp_path / "run", Recorder(stop_at=8))
    assert load_cell(tmp_path / "run") is None
    assert train_alone(columns, tmp_path / "run", resumed := Recorder()) == load_cell(tmp_path / "run")
    assert min(resumed.updates) > 1

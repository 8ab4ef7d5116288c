"""A request and a folder make a plan: the union of both, without a change of any stored cell."""

from dataclasses import replace

import pytest

from tests.helpers.comparisons import request
from tests.helpers.registries import restored
from tests.report.comparison_example import cell
from toolkit.comparison.folder import OtherSettingsError, default_folder, plan, stored_plan
from toolkit.comparison.work import kept_cell
from toolkit.errors import InputError
from toolkit.plugins import load_code
from toolkit.results.conclusions import Sweep, SweptValue
from toolkit.text.splits import Fold
from toolkit.text.tagging import Tagger
from toolkit.tokenizers import TOKENIZERS

FEW, BPE = {"few": {"tokenizer": "word:unk", "rare_max_count": 3}}, {"few": {"tokenizer": "bpe"}}
STANDARD, EPOCHS, BUDGET = {"recipe": "standard"}, {"train": {"epochs": 2}}, {"train": {"budget_seconds": 9.0}}
TWICE = (1.0, 2.0)
MINE = "from toolkit.tokenizers import TOKENIZERS\nTOKENIZERS.add('mine')(TOKENIZERS.factory('char'))\n"
VERSIONS = Tagger().versions | {"spacy": "3.0"}


@pytest.fixture
def requested(brief):
    """A function that makes a request."""

    def requested(columns="char,word:unk", options=None, corpus=brief, **fields):
        return request(corpus, columns, options, **{"given": {}, "command": ""} | fields)

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
        ({"columns": "few", "options": FEW}, {"columns": "few", "options": BPE}, "tokenizer", None),
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


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("versions.spacy", {"versions": VERSIONS}),  # another tagger has other tags for a second seed
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
    has_cell = [bool(kept_cell(tmp_path, spec, verify=False)) for spec in planned.specs()]
    assert has_cell == 2 * [stages == trained] + 2 * [bool(trained)]  # counted models have no stages


def test_cells_are_kept_unless_they_have_to_be_verified(requested, tmp_path):
    with restored(TOKENIZERS):
        (tmp_path / "mine.py").write_text(MINE, "utf-8")
        load_code(tmp_path / "mine.py")
        ours, foreign = requested("char,mine").specs()
        for spec, verify in ((ours, True), (foreign, False)):
            for proof in (None, cell("word:unk", 2.0).verified):
                finish(tmp_path, spec, verified=proof)
                assert bool(kept_cell(tmp_path, spec, verify=verify)) == bool(proof)
    assert kept_cell(tmp_path, replace(ours, stages=TWICE), verify=False) is None

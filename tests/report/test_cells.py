"""Numbers stand in the cells that their headings name: tables of the page, read cell by cell."""

from statistics import stdev

import pytest

from toolkit.report import render
from toolkit.report.columns import BAND_NAMES, QUANTITIES, Results
from toolkit.report.verdict import document_differences
from toolkit.results.bits import BANDS
from toolkit.results.comparison import Comparison
from toolkit.results.text import count, decimals, percent, perplexity

from .comparison_example import TWO, baseline_of, comparison, made_row, swept
from .pages import Page


@pytest.fixture(scope="module")
def whole() -> Comparison:
    """Three columns of two seeds, with different numbers in neighbouring cells."""
    whole = comparison()
    for number, cell in enumerate(whole.done):
        cell.history[3].valid_bits_per_character = 1.1 + number / 100  # the best check, early
        cell.coverage.replaced_token_share_train, cell.coverage.replaced_token_share_test = 0.011, 0.022
        cell.coverage.replaced_character_share_test = 0.033
        for noise in cell.noise:
            noise.bits = (noise.bits or 0.0) + 1234.0
        for place, document in enumerate(cell.documents):
            document.bits *= 1 + (0.01 * place if cell.column == "char" else 0.0)
        for announced, bits in enumerate(cell.class_bits):
            bits.announced, bits.spelled = 3.0 * bits.count, (7.0 + announced) * bits.count
    return whole


@pytest.fixture(scope="module")
def page(whole: Comparison) -> Page:
    return Page(render(whole))


def main_rows(page: Page) -> dict[str, dict[str, str]]:
    """The table of columns: entries by label, by the name of each row."""
    (table,) = [t for t in page.tables["columns"] if t[0][0] == "column" and "The bill" in t[0]]
    labels = [heading.partition("|")[0] for heading in table[1]]
    assert labels == [*QUANTITIES, "verified"]
    return {row[0].partition("|")[0]: dict(zip(labels, row[1:], strict=True)) for row in table[2:]}


def test_totals_have_their_spread_over_seeds_and_proofs_their_bytes_and_characters(whole, page):
    rows = main_rows(page)
    for name in whole.columns:
        totals = [cell.bits_per_character.total for cell in whole.by_column[name]]
        assert rows[name]["total"] == f"{decimals(sum(totals) / 2)}|± {decimals(stdev(totals))}"
    proof = whole.by_column["word:pos"][0].verified
    assert proof is not None
    assert rows["word:pos"]["verified"] == (
        f"yes|2 of 2 seeds; {count(proof.bytes)} bytes for {count(proof.characters)} characters"
    )
    assert rows["char"]["verified"] == "not run"


def test_bands_have_their_own_rates_and_shares(whole, page):
    for column in Results(whole).columns:
        bits = sum(b for _, b in column.bands)
        for band, (n, b) in zip(BANDS, column.bands, strict=True):
            in_band = page.column("ledger", BAND_NAMES[band])
            assert in_band[column.name].partition("(")[0] == f"{decimals(b / n, 2)}|"
            assert in_band[column.name].endswith(f"({percent(b / bits)})")


def test_each_part_of_speech_has_its_row_and_the_fewest_bits_are_marked(whole, page):
    table = page.table("ledger", "lead|of the best over the next")
    rows = {row[0].partition("|")[0]: row for row in table[1:]}
    assert {"nouns", "verbs", "interjections", "symbols"} < set(rows)
    assert table[-1][0] == "not a word"
    nouns = [part for cell in whole.by_column["char"] for part in cell.by_part_of_speech if part.pos == "NOUN"]
    assert rows["nouns"][2] == decimals(sum(part.bits / part.characters for part in nouns) / 2, 2)
    leads = [lead for lead in whole.leads if lead.over == "part of speech" and lead.significant]
    assert page.count("td", "fewest") == len(leads) == len(whole.done[0].by_part_of_speech) - 1
    assert {row[-1] for row in table[1:]} == {"0.050 ± 0.030", "0.050 ± 0.090"}


def test_documents_are_counted_for_the_column_with_fewer_bits_there(whole, page):
    results = Results(whole)
    for column in results.ranked[1:]:
        apart = [difference for _, _, difference in document_differences(results, column)]
        counts = page.column("documents", f"{results.best.name} has fewer bits in")
        assert counts[column.name] == f"{sum(a > 0 for a in apart)} of {len(apart)}"
        for label, expected in (("the smallest difference", min(apart)), ("the largest difference", max(apart))):
            number = page.column("documents", label)[column.name].partition(" in ")[0]
            assert float(number) == pytest.approx(expected, abs=6e-4)


def test_the_best_check_is_not_the_last(whole, page):
    table = page.table("learning", "best check", "at the end")
    history = whole.by_column["char"][0].history
    row = dict(zip((heading.partition("|")[0] for heading in table[0]), table[1], strict=True))
    assert row["there"] == decimals(history[3].valid_bits_per_character)
    assert row["at the end"] == decimals(history[-1].valid_bits_per_character)
    assert row["best check"].startswith(f"{history[3].updates}|")


def test_replaced_shares_and_classes_stand_under_their_headings(page):
    replaced = ("tokens replaced|in training", "tokens replaced|held out", "characters replaced|held out")
    for heading, share in zip(replaced, (0.011, 0.022, 0.033), strict=True):
        assert page.column("coverage", heading)["word:pos"] == percent(share)
    (first, *_) = [t for t in page.tables["coverage"] if t and "announced|bits each" in t[0]]
    rows = [dict(zip(first[0], row, strict=True)) for row in first[1:]]
    assert [row["announced|bits each"] for row in rows] == ["3.0"] * len(rows)
    assert [row["spelled|bits each"] for row in rows] == [f"{7.0 + i:.1f}" for i in range(len(rows))]
    assert (rows[0]["tokens|in training"], rows[0]["tokens|held out"]) == ("2,300", "870")


def test_noise_costs_the_extra_bits_over_those_of_the_clean_text(whole, page):
    for name in whole.columns:
        first = [cell.noise[0] for cell in whole.by_column[name]]
        extra = sum(noise.extra for noise in first) / 2
        clean = sum(noise.clean_bits / noise.characters for noise in first) / 2
        assert page.column("noise", "without noise")[name] == decimals(clean)
        shown = page.column("noise", "1 % of letters")[name]
        assert shown.startswith(f"+{decimals(extra)} ± 0.010|")
        assert shown.endswith(f"({decimals(extra * first[0].characters / first[0].changed, 1)})")


def test_a_refusal_of_noisy_text_is_no_number(whole):
    refusing = whole.model_copy(deep=True)
    del refusing.by_column["char"][1].noise[1]
    page = Page(render(refusing))
    assert page.column("noise", "5 % of letters")["char"] == "–"
    assert page.column("noise", "1 % of letters")["char"] != "–"
    drawn = page.data["charts"]["noise-1"]["datasets"]["columns"]
    assert [row["column"] for row in drawn] == ["word:unk", "word:pos"]


def test_measures_stand_beside_the_authors(whole, page):
    table = page.table("samples", "measure", "the author")
    row = next(row for row in table if row[0].startswith(whole.measures["real_word_rate"].label))
    for place, generated in enumerate(whole.generated.values(), 2):
        value = generated.measures["real_word_rate"]
        assert (row[1], row[place].split("|")[0]) == (percent(value.author), percent(value.value))


def test_amounts_are_how_many_times_those_of_the_first_column(whole, page):
    cells = (whole.by_column[name][0] for name in ("char", "word:pos"))
    char, word = (cell.parameters - cell.embedding_parameters for cell in cells)
    amounts = page.column("resources", "parameters without the embedding")
    assert amounts["word:pos"] == f"{count(word)}|× {word / char:.2f}"


def test_the_page_says_what_match_made_equal(whole):
    matched = [cell.model_copy(update={"matched": "flops"}) for cell in whole.done]
    headings = Page(render(whole.model_copy(update={"cells": matched}))).table("resources", "characters read")[0]
    equal = [heading.partition("|")[0] for heading in headings if "made equal" in heading]
    assert equal == ["multiply–adds in training"]


def test_perplexities_over_seeds_go_with_the_mean_of_the_bits():
    """They compare with the perplexity of a compressor, which has no seeds."""
    made = [made_row("char", seed, per_token=value) for seed, value in ((1, 4.0), (2, 16.0))]
    whole = comparison({"char": (2.0, 3.0)}, baselines=[baseline_of("ppmd", "primed", 2.5)], made=made)
    for cell, per_token in zip(whole.done, (4.0, 16.0), strict=True):
        cell.perplexity_per_token = per_token
    rows = main_rows(Page(render(whole)))
    assert rows["char"]["per word"].partition("|")[0] == rows["PPMd primed"]["per word"]
    assert rows["PPMd primed"]["per word"] == perplexity(2 ** (2.5 * 5.31))
    assert rows["char"]["per token"] == rows["char (adapting)"]["per token"] == "8.0"


def test_rows_made_of_cells_have_a_line_and_stay_out_of_the_verdict():
    made = [made_row(column, seed) for column in ("char", "word:pos") for seed in (1, 2)]
    whole = comparison(made=[*made, made_row("char", 1, "ensemble")])
    ensembles = {"a": "char (ensemble)", "b": "word:pos (ensemble)", "kind": "ensemble"}
    whole.contrasts.append(whole.contrasts[0].model_copy(update=ensembles))
    page = Page(render(whole))
    rows = main_rows(page)
    assert [name for name in rows if "(" in name] == ["char (adapting)", "char (ensemble)", "word:pos (adapting)"]
    assert rows["char (adapting)"]["total"] == "2.351"
    assert len(page.table("verdict", "smallest detectable")) == 1 + 4
    assert page.count("td", "settled") + page.count("td", "unsettled") == 0


def test_a_perplexity_beyond_the_largest_float_is_infinite():
    whole = comparison({"char": (2.4,)}, baselines=[baseline_of("ppmd", "primed", 2.5)])
    whole.done[0].word_perplexity = 1.7976931348623157e308
    rows = main_rows(Page(render(whole)))
    assert (rows["char"]["per word"], rows["PPMd primed"]["per word"]) == ("∞", "–")


def test_seeds_whose_taggers_differ_are_added_up_by_the_name_of_a_part_of_speech():
    whole = comparison(TWO)
    first, second = whole.by_column["char"]
    parts = first.by_part_of_speech
    second.by_part_of_speech = parts[:0:-1]  # another order, and without the first
    char = Results(whole).columns[0].parts_of_speech
    assert char[parts[0].pos] == (parts[0].characters, pytest.approx(parts[0].bits / 2))
    assert char[parts[1].pos] == (parts[1].characters, pytest.approx(parts[1].bits))
    render(whole)


def test_a_swept_value_has_its_bits_its_interval_and_its_standing():
    sizes = {256: 2.09, 512: 2.03, 1024: 2.01, 2048: 2.04}
    whole = swept("bpe", "vocabulary_size", sizes)
    missing = [cell for cell in whole.done if not cell.column.endswith("-512")]
    page = Page(render(whole.model_copy(update={"cells": missing})))
    table = page.table("sweep", "against the fewest")
    assert [row[0] for row in table[1:]] == list(map(str, sizes))
    assert [row[-1] for row in table[1:]] == ["needs more", "no result", "fewest bits", "not significant"]
    assert table[1][2:6:2] == ["2.090", "+0.080"]
    assert table[1][5] == "[+0.046, +0.114]"
    assert table[2][2] == "–"

"""Numbers stand in the cells that their headings name: tables of the page, read cell by cell."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from statistics import stdev

import pytest
from toolkit.report.prose import rivals
from toolkit.report.sections.ledger import SECTION, band_shares

from toolkit.report import render
from toolkit.report.columns import Results
from toolkit.report.names import BAND_NAMES
from toolkit.results.bits import BANDS, THE_TEXT
from toolkit.results.cell import Cell
from toolkit.results.comparison import Comparison
from toolkit.results.text import count, decimals, percent
from toolkit.results.words import WordIntervals

from .comparison_example import baseline_of, comparison, word_bits

Table = list[list[str]]  # rows of cells, the heading first


class Tables(HTMLParser):
    """The tables of a page, by the section that they are in."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.by_section: dict[str, list[Table]] = {}
        self._section, self._cell = "", False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section":
            self._section = dict(attrs).get("id") or ""
        tables = self.by_section.setdefault(self._section, [])
        if tag == "table":
            tables.append([])
        if tag == "tr" and tables:
            tables[-1].append([])
        if tag in ("td", "th") and tables and tables[-1]:
            tables[-1][-1].append("")
            self._cell = True
        if tag == "small" and self._cell:
            tables[-1][-1][-1] += "|"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._cell = False

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.by_section[self._section][-1][-1][-1] += re.sub(r"[ \n\t]+", " ", data).strip(" ")


def the_one(page: Tables, section: str, *headings: str) -> Table:
    """The only table of a section whose heading has all of these."""
    (found,) = [t for t in page.by_section[section] if t and all(any(h in cell for cell in t[0]) for h in headings)]
    return found


def cells(table: Table, heading: str) -> dict[str, str]:
    """A column of a table, by the first cell of each row."""
    (place,) = [i for i, cell in enumerate(table[0]) if heading in cell]
    return {row[0]: row[place] for row in table[1:] if len(row) > place}


@pytest.fixture(scope="module")
def whole() -> Comparison:
    """Three columns of two seeds, of which no two numbers are alike that stand beside each other."""
    found = comparison()
    for number, cell in enumerate(found.done):
        cell.history[3].valid_bits_per_character = 1.1 + number / 100  # the best check, early
        cell.coverage.replaced_token_share_train, cell.coverage.replaced_token_share_test = 0.011, 0.022
        cell.coverage.replaced_character_share_test = 0.033
        for noise in cell.noise:
            noise.bits = (noise.bits or 0.0) + 1234.0
        for place, document in enumerate(cell.documents):
            document.bits *= 1 + (0.01 * place if cell.column == "char" else 0.0)
        for announced, of in enumerate(cell.class_bits):
            of.announced, of.spelled = 3.0 * of.count, (7.0 + announced) * of.count
    return found


@pytest.fixture(scope="module")
def page(whole: Comparison) -> Tables:
    return Tables(render(whole))


def of(whole: Comparison, column: str) -> list[Cell]:
    return whole.by_column[column]


def test_totals_have_their_spread_over_seeds_and_proofs_their_bytes_and_characters(whole, page):
    (table,) = [t for t in page.by_section["columns"] if t[0][0] == "column" and len(t) > 3]
    rows = {row[0].partition("|")[0]: row for row in table[2:]}
    for name in whole.columns:
        totals = [cell.bits_per_character.total for cell in of(whole, name)]
        assert rows[name][1] == f"{decimals(sum(totals) / 2)}|± {decimals(stdev(totals))}"
    proof = of(whole, "word:pos")[0].verified
    assert rows["word:pos"][-1].endswith(f"{count(proof.bytes)} bytes for {count(proof.characters)} characters")


def test_bands_have_their_own_rates_and_shares(whole, page):
    table = the_one(page, "ledger", *BAND_NAMES.values())
    for column in Results.of(whole).columns:
        bits = sum(b for _, b in column.bands)
        for band, (n, b) in zip(BANDS, column.bands, strict=True):
            assert cells(table, BAND_NAMES[band])[column.name] == f"{decimals(b / n, 2)}|({percent(b / bits)})"


def test_the_chart_of_shares_has_them_in_the_order_of_the_bands(whole):
    columns = Results.of(whole).columns
    drawn = values(band_shares(columns))
    for lane, amounts in {
        THE_TEXT: [n for n, _ in columns[0].bands],
        columns[1].name: [b for _, b in columns[1].bands],
    }.items():
        shares = {row["band"]: row["share"] for row in drawn if row["lane"] == lane}
        for band, one in zip(BANDS, amounts, strict=True):
            assert shares[BAND_NAMES[band]] == pytest.approx(one / sum(amounts))


def values(spec: object) -> Iterator[dict[str, object]]:
    """The rows that a chart draws."""
    data = getattr(spec, "data", None) or spec["data"]  # type: ignore[index]
    rows = data["values"] if isinstance(data, dict) else data.values
    return list(rows)  # type: ignore[return-value]


def test_documents_are_counted_for_the_column_with_fewer_bits_there(whole, page):
    best = min(whole.totals, key=lambda name: whole.totals[name])
    table = the_one(page, "documents", "has fewer bits in", "the smallest difference")
    assert table[0][1] == f"{best} has fewer bits in"
    means = {
        name: [sum(c.documents[i].bits for c in of(whole, name)) / 2 / d.characters for i, d in enumerate(first)]
        for name in whole.columns
        for first in [of(whole, name)[0].documents]
    }
    for name in whole.columns:
        if name != best:
            apart = [other - ours for other, ours in zip(means[name], means[best], strict=True)]
            assert cells(table, "has fewer bits in")[name] == f"{sum(a > 0 for a in apart)} of {len(apart)}"
            for heading, expected in (("smallest", min(apart)), ("largest", max(apart))):
                number = cells(table, heading)[name].partition(" in ")[0]
                assert float(number) == pytest.approx(expected, abs=6e-4)


def test_the_best_check_is_not_the_last(whole, page):
    table = the_one(page, "learning", "best check", "at the end")
    first = next(row for row in table[1:] if row[0] == "char")
    history = of(whole, "char")[0].history
    by_heading = dict(zip([heading.partition("|")[0] for heading in table[0]], first, strict=True))
    assert by_heading["there"] == decimals(history[3].valid_bits_per_character)
    assert by_heading["at the end"] == decimals(history[-1].valid_bits_per_character)
    assert by_heading["best check"].startswith(f"{history[3].updates}|")
    assert by_heading["updates"] == count(history[-1].updates)


def test_replaced_shares_and_classes_stand_under_their_headings(page):
    table = the_one(page, "coverage", "tokens replaced|in training", "characters replaced")
    assert cells(table, "tokens replaced|in training")["word:pos"] == percent(0.011)
    assert cells(table, "tokens replaced|held out")["word:pos"] == percent(0.022)
    assert cells(table, "characters replaced")["word:pos"] == percent(0.033)
    classes = [t for t in page.by_section["coverage"] if t and "announced|bits each" in t[0]]
    for announced, row in enumerate(classes[0][1:]):
        by_heading = dict(zip(classes[0][0], row, strict=True))
        assert by_heading["announced|bits each"].startswith("3.0")
        assert by_heading["spelled|bits each"].startswith(f"{7.0 + announced:.1f}")
        assert int(by_heading["tokens|in training"].replace(",", "")) > int(
            by_heading["tokens|held out"].replace(",", "")
        )


def test_without_noise_are_the_bits_of_the_clean_text(whole, page):
    table = the_one(page, "noise", "without noise")
    for name in whole.columns:
        clean = [noise.clean_bits / noise.characters for cell in of(whole, name) for noise in cell.noise[:1]]
        assert cells(table, "without noise")[name] == decimals(sum(clean) / 2)


def test_temperatures_have_repetition_and_bits_in_their_own_cells(whole, page):
    (table,) = [t for t in page.by_section["samples"] if t and t[0][0] == "temperature" and len(t[0]) == 4]
    sweeps = [of(whole, name)[0].generated.sweep for name in whole.columns]
    for i, row in enumerate(table[1:-1]):
        expected = [decimals(sweeps[0].points[i].temperature, 1)]
        for sweep in sweeps:
            expected += [percent(sweep.points[i].repetition), decimals(sweep.points[i].bits, 2)]
        assert row == expected
    assert table[-1][:3] == ["the author", percent(sweeps[0].author_repetition), decimals(sweeps[0].author_bits, 2)]


def test_amounts_are_how_many_times_those_of_the_first_column(whole, page):
    table = the_one(page, "resources", "all parameters", "characters read")
    char, word = (of(whole, name)[0].parameters for name in ("char", "word:pos"))
    assert cells(table, "all parameters")["word:pos"] == f"{count(word)}|× {word / char:.2f}"


def test_word_intervals_are_found_whichever_column_came_first(whole):
    names = [column.name for column in Results.of(whole).columns]
    for a, b in ((names[0], names[2]), (names[2], names[0])):
        words = word_bits(names)
        words.intervals = [WordIntervals(a=a, b=b, words=[0, 4], half_widths=[0.5, 1.25])]
        shown = SECTION.shows(Results.of(whole.model_copy(update={"words": words})))["words"]
        assert shown["intervals"] == {"0,2": {0: 0.5, 4: 1.25}}


def test_the_best_xz_is_a_rival_once():
    def best(**bits: float) -> Comparison:
        return comparison(baselines=[baseline_of(*name.split("_"), b) for name, b in bits.items()])

    assert [b.label for b in rivals(best(xz_primed=1.9, xz_cold=2.4, ppmd_primed=2.0))] == ["xz"]
    assert [b.label for b in rivals(best(ppmd_primed=1.9, xz_cold=2.4, xz_primed=2.0))] == ["PPMd", "xz"]

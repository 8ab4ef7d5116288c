"""Which column pays the fewest bits for some words: named with an interval, and only where there is one."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from toolkit.evaluation.contrasts import contrasts
from toolkit.evaluation.leads import lead, leads
from toolkit.results.bits import Share

CHARACTERS = [900, 1100, 2000, 500, 1400, 800, 1000, 0]


def shares(mean: float, scatter: float, seed: int, seeds: int = 1) -> list[list[Share]]:
    """What a column pays in eight documents, of which the last has no such word."""
    rng = np.random.default_rng(seed)
    return [[Share(characters=n, bits=n * (mean + scatter * rng.normal())) for n in CHARACTERS] for _ in range(seeds)]


def test_the_best_column_leads_the_next_one() -> None:
    found = lead("band", "0", {"far": shares(3, 0.01, 1), "next": shares(2.5, 0.01, 2), "best": shares(2, 0.01, 3)})
    assert found is not None
    assert (found.by, found.label, found.a, found.b) == ("band", "0", "best", "next")
    assert found.low < found.difference < found.high < 0
    assert found.difference == pytest.approx(-0.5, abs=0.03)


def test_its_interval_is_the_verdicts() -> None:
    """With the same number of draws up to what chance leaves of it."""
    columns = {"a": shares(2.5, 0.2, 1, seeds=2), "b": shares(2.4, 0.2, 2, seeds=2)}
    found = lead("band", "0", columns)
    bits = {name: np.array([[share.bits for share in seed[:-1]] for seed in of]) for name, of in columns.items()}
    (contrast,) = contrasts(bits, np.array(CHARACTERS[:-1]))
    assert found is not None
    assert abs(found.difference) == pytest.approx(abs(contrast.difference))
    assert found.high - found.low == pytest.approx(contrast.high - contrast.low, rel=0.1)


def test_it_does_not_depend_on_the_order_of_columns() -> None:
    columns = {"far": shares(3, 0.2, 1, 2), "next": shares(2.5, 0.2, 2, 2), "best": shares(2.3, 0.2, 3, 2)}
    assert lead("band", "0", columns) == lead("band", "0", dict(reversed(columns.items())))


def test_what_only_chance_tells_apart_includes_zero() -> None:
    found = lead("band", "0", {"a": shares(2.5, 0.3, 1), "b": shares(2.5, 0.3, 2)})
    assert found is not None
    assert found.low < 0 < found.high


def test_equal_columns_seldom_lead_in_any_of_many_labels() -> None:
    """Read one by one, some label of fourteen would be led by chance in half of all comparisons."""
    led = 0
    for trial in range(30):
        columns = {"a": [shares(2.5, 0.1, 100 * trial + n) for n in range(14)]}
        columns["b"] = [shares(2.5, 0.1, 100 * trial + 50 + n) for n in range(14)]
        found = [lead("part of speech", str(n), {k: of[n] for k, of in columns.items()}, 14) for n in range(14)]
        led += any(one is not None and one.high < 0 for one in found)
    assert led <= 4


def test_there_is_none_where_no_p_could_tell() -> None:
    """Two columns exchanged within five documents give no p below 0.06."""
    far = {"a": [of_seed[:5] for of_seed in shares(3, 0.01, 1)], "b": [of_seed[:5] for of_seed in shares(2, 0.01, 2)]}
    assert lead("band", "0", far) is None


def test_there_is_none_in_one_document_or_of_one_column() -> None:
    one = [[Share(characters=5, bits=9.0), Share(characters=0, bits=0.0)]]
    assert lead("band", "0", {"a": one, "b": one}) is None
    cell = SimpleNamespace(by_frequency=[], by_part_of_speech=[])
    assert leads(SimpleNamespace(by_column={"a": [cell]})) == []  # type: ignore[arg-type]


def test_what_seeds_add_is_in_its_interval() -> None:
    """Words are paid alike in all documents, and differently by each seed."""
    columns = {
        name: [[Share(characters=n, bits=n * (mean + of_seed)) for n in CHARACTERS] for of_seed in (-0.1, 0.1, 0.0)]
        for name, mean in (("a", 2.5), ("b", 2.49))
    }
    found = lead("band", "0", columns)
    assert found is not None
    assert (found.high - found.low) / 2 > 0.1 * math.sqrt(2 / 3)


def test_all_bands_are_read_together() -> None:
    of = {name: shares(mean, 0.1, seed)[0] for seed, (name, mean) in enumerate((("a", 2.5), ("b", 2.3)))}
    cells = {
        name: [
            SimpleNamespace(
                by_frequency=[SimpleNamespace(band=band, documents=own) for band in ("0", "1", "2-9")],
                by_part_of_speech=[],
            )
        ]
        for name, own in of.items()
    }
    corpus = SimpleNamespace(unit="held-out document", split=SimpleNamespace(test=["c", "d"]))
    together = leads(SimpleNamespace(by_column=cells, corpus=corpus))  # type: ignore[arg-type]
    alone = lead("band", "0", {name: [own] for name, own in of.items()})
    assert alone is not None
    assert len(together) == 3
    assert all(one.high - one.low > 1.1 * (alone.high - alone.low) for one in together)


def leads_of(**cells: SimpleNamespace) -> list[tuple[str, str]]:
    """Which labels have a lead in a comparison of one cell a column."""
    corpus = SimpleNamespace(unit="held-out document", split=SimpleNamespace(test=["c", "d"]))
    of_columns = {name: [cell] for name, cell in cells.items()}
    found = leads(SimpleNamespace(by_column=of_columns, corpus=corpus))  # type: ignore[arg-type]
    return [(one.by, one.label) for one in found]


def test_labels_that_two_cells_give_to_other_words_are_left_out() -> None:
    """As where another version of a tagger tagged words beside dashes otherwise."""
    band = SimpleNamespace(band="0", documents=shares(2.0, 0.1, 1)[0])
    longer = [Share(characters=share.characters + 4, bits=share.bits) for share in band.documents]
    few, more = (SimpleNamespace(pos="NOUN", documents=of) for of in (band.documents, longer))
    cells = [SimpleNamespace(by_frequency=[band], by_part_of_speech=[nouns]) for nouns in (few, few, more)]
    assert leads_of(a=cells[0], b=cells[1]) == [("band", "0"), ("part of speech", "NOUN")]
    assert leads_of(a=cells[0], b=cells[2]) == [("band", "0")]


def test_parts_of_speech_that_a_cell_lacks_are_left_out() -> None:
    """A run that was evaluated before a tagger was installed has none."""
    band = SimpleNamespace(band="0", documents=shares(2.0, 0.1, 1)[0])
    noun = SimpleNamespace(pos="NOUN", documents=shares(2.0, 0.1, 1)[0])
    tagged, untagged = (SimpleNamespace(by_frequency=[band], by_part_of_speech=tags) for tags in ([noun], []))
    assert leads_of(a=tagged, b=untagged) == [("band", "0")]

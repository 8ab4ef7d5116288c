"""Nested fractions of the training documents."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import InputError
from toolkit.text.corpus import Document, Split
from toolkit.text.fractions import beginning_of, order_of_fractions, parse_fractions, part_of

VALID, TEST = (Document("v", "One paragraph.\n"),), (Document("t", "Another one.\n"),)


def split_of(lengths: list[int]) -> Split:
    """A split with training documents of these lengths."""
    return Split(tuple(Document(f"d{i}", "word " * (n // 5)) for i, n in enumerate(lengths)), VALID, TEST)


def characters(split: Split) -> int:
    """Characters of the training documents."""
    return sum(len(document.text) for document in split.train)


@given(st.lists(st.integers(500, 90_000), min_size=12, max_size=40))
def test_each_fraction_contains_the_smaller_ones_and_is_as_near_as_documents_allow(lengths: list[int]) -> None:
    split = split_of(lengths)
    parts = [set(part_of(split, fraction).train) for fraction in (0.2, 0.4, 0.8, 1.0)]
    assert all(smaller <= larger for smaller, larger in pairwise(parts))
    for fraction in (0.2, 0.4, 0.8):
        assert abs(characters(part_of(split, fraction)) - fraction * characters(split)) <= max(lengths) / 2 + 5


def test_the_documents_keep_their_order_and_the_others_are_untouched() -> None:
    split = split_of([1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000])
    part = part_of(split, 0.5)
    names = [document.name for document in part.train]
    assert names == sorted(names)
    assert 0 < len(names) < 8
    assert (part.valid, part.test) == (split.valid, split.test)
    assert part_of(split, 1) is split


def test_the_order_depends_on_nothing_but_the_lengths() -> None:
    lengths = [900, 4000, 150, 8000, 2500, 60]
    assert order_of_fractions(lengths) == order_of_fractions(list(lengths))
    assert sorted(order_of_fractions(lengths)) == list(range(6))


@pytest.mark.parametrize("seed", range(3))
def test_the_beginnings_of_the_order_come_nearer_to_usual_fractions_than_those_of_nearly_all_others(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(300, 30_000, 15)

    def off(order: list[int]) -> float:
        """How far the nearest beginnings are from a twentieth, a tenth, a quarter and a half, in parts of these."""
        sizes = [sum(lengths[order[:n]]) / sum(lengths) for n in range(1, 16)]
        return sum(min(abs(size - fraction) for size in sizes) / fraction for fraction in (0.05, 0.1, 0.25, 0.5))

    others = [off(rng.permutation(15).tolist()) for _ in range(1000)]
    assert off(order_of_fractions(lengths.tolist())) <= np.quantile(others, 0.01)


def test_a_single_document_is_cut_at_a_paragraph_end() -> None:
    text = "".join(f"Paragraph {i} is here.\n\n" for i in range(20))
    split = Split((Document("one", text),), VALID, TEST)
    quarter, half = (part_of(split, fraction).train[0].text for fraction in (0.25, 0.5))
    assert text.startswith(half)
    assert half.startswith(quarter)
    assert quarter.endswith("\n\n")
    assert len(half) == pytest.approx(len(text) / 2, abs=25)


LINE = "A paragraph of some words, which goes on for a while.\n"


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("The Title\n\n" + LINE * 300, "\n"),
        ("The Title\n\n" + LINE.rstrip() * 300, " "),
        ("The Title\n\n" + "月" * 9_000, "月"),
        ("月" * 9_000, "月"),
        (LINE * 3 + "\n" + LINE * 20, "\n"),
    ],
)
def test_a_fraction_of_a_single_document_is_about_as_much_wherever_its_paragraphs_end(text: str, ending: str) -> None:
    split, fractions = Split((Document("one", text),), VALID, TEST), (0.1, 0.25, 0.5)
    parts = [part_of(split, fraction).train[0].text for fraction in fractions]
    assert [len(part) / len(text) for part in parts] == pytest.approx(fractions, rel=0.1)
    assert all(text.startswith(part) and part.endswith(ending) for part in parts[1:])


@given(st.text(st.sampled_from("ab \n"), min_size=1, max_size=120), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_fractions_of_a_single_document_are_nested(text: str, a: float, b: float) -> None:
    smaller, larger = (beginning_of(Document("one", text), fraction) for fraction in sorted((a, b)))
    assert not smaller or larger[0].text.startswith(smaller[0].text)


def test_less_than_a_document_and_white_space_alone_are_refused() -> None:
    with pytest.raises(InputError, match="less than one document"):
        part_of(split_of([9000, 9000, 9000]), 0.01)
    with pytest.raises(InputError, match=r"^0\.5 of the training text has no text but white space; give a larger"):
        part_of(Split((Document("one", "\n" * 9 + "word\n"),), VALID, TEST), 0.5)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("0.1,0.5", "lacks 1"),
        ("0,1", "above 0"),
        ("1.5", "above 0"),
        ("a,1", "above 0"),
        ("0.5,0.5,1", "twice"),
        ("nan,1", "above 0"),
        ("", "above"),
    ],
)
def test_what_is_no_list_of_fractions_is_refused(text: str, what: str) -> None:
    with pytest.raises(InputError, match=what):
        parse_fractions(text)

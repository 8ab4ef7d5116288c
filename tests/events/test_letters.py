"""Characters in neutral words: the pattern that defines them is the oracle."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from toolkit.events.encoding import DOCUMENT_ENDS, SPACING, WORDS, parts_of
from toolkit.text.code_points import code_points
from toolkit.text.neutral import in_words, runs

AWKWARD = "ab_9 '’`िָ️☎\n\t\x1c\u00a0\u3000\u200b\u0301é日本カŉ٣²Ⅷ😀\ud800"
TEXTS = st.one_of(
    st.text(st.sampled_from(AWKWARD), max_size=40),
    st.text(st.one_of(st.characters(), st.sampled_from(AWKWARD)), max_size=40),
)


def found(text):
    """The places of the characters of ``runs``."""
    return {place for start, end in runs(text) for place in range(start, end)}


@given(TEXTS)
def test_characters_in_words_are_those_that_the_pattern_finds(text):
    assert set(np.flatnonzero(in_words(code_points(text))).tolist()) == found(text)


def test_so_is_every_character_of_unicode_after_a_letter_and_a_space():
    every = np.stack(np.broadcast_arrays(ord("a"), np.arange(0x110000), ord(" "), np.arange(0x110000), ord("a")), 1)
    text = every.astype(np.uint32).tobytes().decode("utf-32-le", "surrogatepass")
    by_pattern = np.zeros(len(text), bool)
    for start, end in runs(text):
        by_pattern[start:end] = True
    np.testing.assert_array_equal(in_words(code_points(text)), by_pattern)


@given(TEXTS, st.data())
def test_an_event_has_the_part_of_the_last_character_that_it_or_the_next_to_cover_one_covers(text, data):
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=20))
    offsets = np.array([0, *sorted(cuts), len(text), len(text)], np.int32)
    inside = found(text)
    for i, part in enumerate(parts_of(text, offsets[1:])[:-1].tolist()):
        covered = [end for start, end in zip(offsets[i:], offsets[i + 1 :], strict=False) if end > start]
        assert part == (WORDS if covered and int(covered[0]) - 1 in inside else SPACING)
    assert parts_of(text, offsets[1:])[-1] == DOCUMENT_ENDS

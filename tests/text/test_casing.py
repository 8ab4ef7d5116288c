"""The case that a place asks for, and the case of rare words in running text."""

import numpy as np
import pytest

from toolkit.text.corpus import Document
from toolkit.text.tagging import Tagger
from toolkit.text.words import JOINER, case_at, surfaces_in_running_text, words_of


@pytest.mark.parametrize(
    ("before", "after", "case"),
    [
        ("", " of the fen", "capital"),
        ("  “", " said he", "capital"),
        ("He slept. ", " of the fen", "capital"),
        ("He slept. (", " of the fen", "capital"),
        ("Chapter One\n\n", " of the fen", "capital"),
        ("He said, “", " is here", "capital"),
        ("the old ", " of the fen", "lower"),
        ("in verse,\n", " of the fen", "lower"),
        ("SPECIMENS OF ", " STOP", "upper"),
        ("SPECIMENS OF ", "", "upper"),
        ("He sailed for the USA ", ".\n\nNext", "lower"),  # one acronym is no line in capitals
        ("\n", " IN THE FEN", "upper"),
        ("I ", " of the fen", "lower"),  # a single letter is no shout
        ("signed TULL. ", " on the fen", "capital"),
        ("THE END\n\n", " on the fen", "capital"),
        ("he read of the BLACK ", " STONE and slept", "upper"),  # whatever the rest of the line
    ],
)
def test_a_place_asks_for_a_case(before, after, case):
    assert case_at(before, after) == case


@pytest.mark.parametrize(
    ("text", "tags", "expected"),
    [
        ("Lamps burned. Fen", False, ["lamps", "burned", JOINER + ".", "fen"]),
        ("He saw the NASA. NASA", True, ["he", "saw", "the", "NASA", JOINER + ".", "NASA"]),
        ("Dunwich slept", True, ["Dunwich", "slept"]),  # a name keeps its capital
        ("McLeod slept", False, ["McLeod", "slept"]),
    ],
)
def test_capitals_that_a_place_asks_for_are_taken_away(text, tags, expected):
    words = words_of(Document("d", text), Tagger(tags=tags).tag_anew(text))
    assert surfaces_in_running_text(words, np.arange(len(words))) == expected

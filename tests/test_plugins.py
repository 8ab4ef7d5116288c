"""Someone else's code is run once, and its faults are sentences."""

import pytest

from toolkit.errors import InputError
from toolkit.plugins import load_code
from toolkit.rare_words import RARE_WORDS

PLUG_IN = """
from toolkit.rare_words import RARE_WORDS, RareWords

@RARE_WORDS.add("vowels")
class Vowels(RareWords):
    classes = ("MANY", "FEW")

    def class_of(self, word):
        return self.classes[sum(map(word.text.count, "aeiou")) < 3]
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(RARE_WORDS, "_factories", dict(RARE_WORDS._factories))
    path = tmp_path / "mine.py"
    path.write_text(PLUG_IN, "utf-8")
    return path


def test_a_file_is_run_once(file):
    assert load_code(file) == load_code(file)
    assert "vowels" in RARE_WORDS


def test_a_file_that_changed_is_refused(file):
    load_code(file)
    file.write_text(PLUG_IN + "\n", "utf-8")
    with pytest.raises(InputError, match="has changed since it was run"):
        load_code(file)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 / 0", "fails with ZeroDivisionError: division by zero"),
        ("def", "fails with SyntaxError"),
        ("raise SystemExit(3)", "fails with SystemExit: 3"),
        (PLUG_IN.replace("vowels", "unk"), "There is already a strategy named 'unk'"),
    ],
)
def test_what_a_file_raises_is_a_sentence_and_it_can_be_mended(file, text, message):
    file.write_text(text, "utf-8")
    with pytest.raises(InputError, match=message):
        load_code(file)
    file.write_text(PLUG_IN, "utf-8")
    load_code(file)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"cannot be read.*give a Python file"):
        load_code(tmp_path / "none.py")
    (tmp_path / "mine.txt").write_text("", "utf-8")
    with pytest.raises(InputError, match=r"ends in \.py"):
        load_code(tmp_path / "mine.txt")

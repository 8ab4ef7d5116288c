"""Someone else's code is run once, and its faults are sentences."""

import sys

import pytest

from toolkit.errors import InputError
from toolkit.plugins import PREFIX, changed, load_code
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
def file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(PLUG_IN, "utf-8")
    with RARE_WORDS.restored():
        yield path


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
        ("1 / 0", "fails in line 1 with ZeroDivisionError: division by zero"),
        ("def half():\n    return all\n\n\nhalf() / 2\n", "fails in line 5 with TypeError"),
        ("import json\njson.loads('')", "fails in line 2 with JSONDecodeError"),
        ("def", "fails with SyntaxError"),
        ("raise SystemExit(3)", "fails in line 1 with SystemExit: 3"),
        (PLUG_IN.replace("vowels", "unk"), "There is already a strategy named 'unk'"),
        (PLUG_IN + "\n1 / 0\n", "ZeroDivisionError"),  # after it has registered its strategy
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


@pytest.fixture
def two_files(tmp_path, monkeypatch):
    """Two files of one name, run in a process that has run no others; their paths with the digests of their texts."""
    for name in [name for name in sys.modules if name.startswith(PREFIX)]:
        monkeypatch.delitem(sys.modules, name)
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text(f"place = {folder!r}\n", "utf-8")
    files = [tmp_path / folder / "mine.py" for folder in ("first", "second")]
    return {str(file): load_code(file) for file in files}


def test_two_files_of_one_name_are_two(two_files):
    assert changed(two_files) is None


def test_a_file_is_known_by_its_text_wherever_it_lies(two_files):
    elsewhere = {path.replace("first", "gone").replace("mine", "theirs"): digest for path, digest in two_files.items()}
    assert changed(elsewhere) is None


def test_a_file_with_the_name_and_another_text_has_changed(two_files):
    first, second = two_files
    assert changed({first: two_files[first], second: "ab"}) == second
    assert changed({"/elsewhere/mine.py": "ab"}) == "/elsewhere/mine.py"


def test_a_file_that_was_not_run_has_not_changed(two_files):
    assert changed(two_files | {"/elsewhere/other.py": "ab"}) is None

"""What a terminal shows: tables in which no number is cut, and how a text is cut."""

from collections import Counter

import pytest

from tests.helpers.comparison_example import FAILED, comparison
from toolkit.cli.compare import show_comparison
from toolkit.evaluation.warnings import answered
from toolkit.text.sources import read_corpus
from toolkit.text.splits import split

FOUR = {"word:unk": (1.88, 1.87), "word:cluster": (1.91, 1.92), "bpe": (2.0, 2.01), "char": (2.1, 2.11)}
NINE = {f"bpe-vocabulary_size-{size}": (2 + size / 10_000, 2.1 + size / 10_000) for size in range(100, 1000, 100)}
WORKED = "the moon, the sea.\n\nNo moon; no sea, Moon\n"
STRANGE = "“Zyxwv” — ŁÓDŹ 😀\u00a0don't\t\tgo , <doc> ␣ | \x1b[31m\r \U0010ffff -- a.--B " + "x" * 200


@pytest.fixture
def shown(monkeypatch, capsys):
    """The lines that are shown of a comparison where a line has this many characters."""

    def lines(whole, columns):
        monkeypatch.setenv("COLUMNS", str(columns))
        show_comparison(whole)
        return [line.rstrip() for line in capsys.readouterr().out.splitlines()]

    return lines


@pytest.mark.parametrize(("totals", "verdicts"), [(FOUR, 2), (NINE, 4)], ids=["4 columns", "9 columns"])
def test_no_number_is_cut_and_verdicts_on_the_nearest_columns_follow(shown, totals, verdicts):
    whole = comparison(totals)
    for columns in (20, 80, 120):
        lines = shown(whole, columns)
        assert "…" not in "\n".join(lines)
        for total in [*whole.totals.values(), 2.079]:  # PPMd
            assert f"{total:.3f}" in " ".join(lines).split()
        if columns >= 80:
            assert max(len(line) for line in lines if line.strip() != whole.answer.command) <= columns
    text = " ".join(" ".join(lines).split())
    assert sum(contrast.verdict in text for contrast in whole.contrasts) == verdicts


def test_two_models_take_twenty_lines_with_the_answer_and_the_next_command(shown):
    whole = answered(comparison(dict(list(FOUR.items())[:2])))
    lines = shown(whole, 80)
    assert len(lines) <= 20
    text = " ".join(" ".join(lines).split())
    assert whole.headline in text
    assert whole.answer.command in text


def test_failures_are_warned_of(shown):
    whole = answered(comparison({"char": (2.1,), "word:unk": (1.9,)}, failed=(FAILED,)))
    assert FAILED.reason in " ".join(" ".join(shown(whole, 120)).split())


def rare_words(tokenized):
    return {(rare["class"], rare["word"]): rare["count"] for rare in tokenized["rare"]}


def test_a_text_cut_by_hand(toolkit, folder):
    """Kept are the words that come twice; "," is always joined on its left, so only other places are marked."""
    (folder / "worked.txt").write_text(WORKED, "utf-8")
    code, out, err = toolkit("tokenize", "worked.txt", "--tokenizers", "word:unk")
    assert (code, err) == (0, "")
    *facts, shown, classes = out.split("\n\n")
    assert {"11", "42", "16", "2.62"} <= set(facts[0].split())
    assert shown.splitlines() == [
        "the ␣moon , ␣the ␣sea <UNK>. <UNK>↵↵",
        "<UNK>No ␣moon <UNK>; <UNK>␣no ␣sea , <UNK>␣Moon <UNK>↵",
        "<doc>",
    ]
    assert classes.split(":")[1].split() == ["↵", "↵↵", ".", ";", "Moon", "No", "no"]


@pytest.mark.parametrize("column", ["bpe", "spaced:unk", "word:shape", "word:spell", "char@ngram"])
def test_any_text_is_whole_where_it_is_cut(toolkit, document, folder, column):
    (folder / "strange.txt").write_text(STRANGE, "utf-8", newline="")
    tokenized = document("tokenize", "strange.txt", "--tokenizers", column)
    assert "".join(token["text"] for token in tokenized["tokens"]) == STRANGE
    assert all(STRANGE[token["start"] : token["end"]] == token["text"] for token in tokenized["tokens"])
    assert tokenized["tokens"][-1]["token"] == "<doc>"
    assert tokenized["shortfall"] is None
    classes = Counter(token["class"] for token in tokenized["tokens"] if token["class"])
    assert classes == Counter(name for (name, _), count in rare_words(tokenized).items() for _ in range(count))
    text = toolkit("tokenize", "strange.txt", "--tokenizers", column)[1]
    assert max(map(len, text.splitlines())) <= 80
    assert text.replace("\n", "").replace("\u00a0", "").isprintable()


def test_a_vocabulary_that_misses_its_size_says_why(toolkit, document, folder):
    (folder / "worked.txt").write_text(WORKED, "utf-8")
    command = ("tokenize", "worked.txt", "--tokenizers", "bpe", "--set", "columns.bpe.vocabulary_size=70000")
    facts = document(*command)["shortfall"]
    assert (facts["target"], facts["seen"] + facts["unseen"] < 300) == (70_000, True)
    assert {"70,000", str(facts["unseen"]), "<other>."} <= set(toolkit(*command)[1].split())


def test_with_a_corpus_words_are_rare_that_its_training_documents_have_once(document, corpus_folder, folder):
    (folder / "new.txt").write_text("the keeper met a gryphon and a gryphon", "utf-8")
    command = ("tokenize", "new.txt", "--tokenizers", "word:unk", "--corpus", corpus_folder)
    tokenized = document(*command)
    train = split(read_corpus(corpus_folder)).train
    assert (tokenized["fitted_on"]["name"], tokenized["fitted_on"]["documents"]) == ("tales", len(train))
    assert rare_words(tokenized)["UNK", "gryphon"] == 2
    assert ("UNK", "keeper") not in rare_words(tokenized)
    more = document(*command, "--rare-max-count", 10_000)
    assert set(rare_words(more)) == {("UNK", word) for word in ("the", "keeper", "met", "a", "gryphon", "and")}

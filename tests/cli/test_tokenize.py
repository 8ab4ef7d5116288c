"""toolkit tokenize: tokens cover the text, and rare words are the ones that occur once."""

import json
from collections import Counter

import pytest

from toolkit.rare_words import RARE_WORDS
from toolkit.text.sources import read_corpus
from toolkit.text.splits import split

WORKED = "the moon, the sea.\n\nNo moon; no sea, Moon\n"
STRANGE = "“Zyxwv” — ŁÓDŹ 😀\u00a0don't\t\tgo , <doc> ␣ | \x1b[31m\r \U0010ffff -- a.--B " + "x" * 200
SPECS = ["char", "bpe", "whitespace:keep", "spaced:unk", *(f"word:{name}" for name in RARE_WORDS), "char@ngram"]


def cut(toolkit, *arguments):
    """The document of a command."""
    code, out, err = toolkit("tokenize", *arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def words(tokenized):
    return {(rare["class"], rare["word"]): rare["count"] for rare in tokenized["rare"]}


@pytest.fixture
def worked(folder):
    (folder / "worked.txt").write_text(WORKED, "utf-8")
    return "worked.txt"


def test_a_text_worked_by_hand(toolkit, worked):
    """Kept are the words that come twice; "," is always joined on its left, so only what is not is marked."""
    code, out, err = toolkit("tokenize", worked, "--tokenizers", "word:unk")
    assert (code, err) == (0, "")
    *facts, shown, classes = out.split("\n\n")
    assert {"11", "42", "16", "2.62"} <= set(facts[0].split())
    assert shown.splitlines() == [
        "the ␣moon , ␣the ␣sea <UNK>. <UNK>↵↵",
        "<UNK>No ␣moon <UNK>; <UNK>␣no ␣sea , <UNK>␣Moon <UNK>↵",
        "<doc>",
    ]
    assert classes == "<UNK>, rare or unseen: ↵ ↵↵ . ; Moon No no\n"


@pytest.mark.parametrize("spec", SPECS)
def test_any_text_is_whole_in_what_is_shown(toolkit, folder, spec):
    (folder / "strange.txt").write_text(STRANGE, "utf-8", newline="")
    tokenized = cut(toolkit, "strange.txt", "--tokenizers", spec)
    assert "".join(token["text"] for token in tokenized["tokens"]) == STRANGE
    assert all(STRANGE[token["start"] : token["end"]] == token["text"] for token in tokenized["tokens"])
    assert tokenized["tokens"][-1]["token"] == "<doc>"
    classes = Counter(token["class"] for token in tokenized["tokens"] if token["class"])
    assert classes == Counter(name for (name, _), count in words(tokenized).items() for _ in range(count))
    text = toolkit("tokenize", "strange.txt", "--tokenizers", spec)[1]
    assert max(map(len, text.splitlines())) <= 80
    assert text.replace("\n", "").replace("\u00a0", "").isprintable()


def test_with_a_corpus_words_are_rare_that_its_training_documents_have_once(toolkit, corpus_folder, folder):
    (folder / "new.txt").write_text("the keeper met a gryphon and a gryphon", "utf-8")
    tokenized = cut(toolkit, "new.txt", "--tokenizers", "word:unk", "--corpus", corpus_folder)
    train = split(read_corpus(corpus_folder)).train
    assert (tokenized["fitted_on"]["name"], tokenized["fitted_on"]["documents"]) == ("tales", len(train))
    assert words(tokenized)["UNK", "gryphon"] == 2
    assert ("UNK", "keeper") not in words(tokenized)
    more = cut(
        toolkit, "new.txt", "--tokenizers", "word:unk", "--corpus", corpus_folder, "--rare-max-count", 10_000
    )
    assert set(words(more)) == {("UNK", word) for word in ("the", "keeper", "met", "a", "gryphon", "and")}

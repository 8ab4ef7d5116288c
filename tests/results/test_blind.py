"""The blind test: what readers see, and what their votes come to."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.report.comparison_example import comparison
from toolkit.comparison.pages import with_votes
from toolkit.errors import InputError
from toolkit.report import render
from toolkit.report.columns import Results
from toolkit.report.sections.blind import SECTION
from toolkit.results.blind import EACH, LENGTH, MOST, NEAR, SKIPPED, Taken, cut, hidden, passages_of, tally
from toolkit.results.votes import AUTHOR, Vote, Votes

TEXT = " ".join(f"word{i}" for i in range(400))
TWO = {"char": (2.5,), "word:pos": (2.3,)}


def blind():
    """A comparison with texts that are long enough."""
    whole = comparison(TWO)
    whole.author_passages = passages_of([TEXT.replace("word", "told")], MOST)
    for cell in whole.cells:
        for sample in cell.generated.samples:
            sample.text, sample.fills, sample.spelled = TEXT.replace("word", cell.column[:4]), [], None
            sample.marks = []
    return whole


def on_passage(whole, writer, said, place):
    """A vote on one of a writer's passages."""
    own = [passage.text for passage in hidden(whole) if passage.writer == writer]
    return Vote(passage=own[place], writer=writer, said=said)


@given(st.text("ab \n", max_size=700), st.integers(0, 800))
@example("aa", 1)
def test_a_passage_is_of_whole_words_and_never_too_long(text, start):
    piece = cut(text, start)
    assert len(piece) <= LENGTH
    assert piece in text
    if piece and max(map(len, text.split())) < NEAR:
        assert set(piece.split()) <= set(text.split())


def test_passages_are_spread_over_the_texts_and_skip_beginnings():
    pieces = passages_of([TEXT, TEXT.replace("word", "other")], 6)
    assert [piece.startswith("word") for piece in pieces] == [True] * 3 + [False] * 3
    assert all(TEXT.find(piece) >= SKIPPED for piece in pieces[:3])
    assert passages_of(["too short", ""], 6) == []
    assert passages_of([], 6) == []


@pytest.mark.parametrize("begins", ["", "月光海港\n", "第一章 月光", "一" * 400 + "\n"])
def test_text_with_little_white_space_has_passages_of_the_same_length(begins):
    """Chinese has white space between paragraphs, and some texts have none at all."""
    text = begins + "".join(map(chr, range(0x4E00, 0x5200)))
    pieces = [cut(text, place) for place in (0, SKIPPED, 300, len(text) - LENGTH - 1)]
    assert min(map(len, pieces)) >= LENGTH - 2 * NEAR
    assert len(passages_of([text], 3)) == 3


def test_the_author_has_as_many_passages_as_the_models_together_but_not_too_many():
    passages = hidden(blind())
    by_writer = {name: sum(p.writer == name for p in passages) for name in (AUTHOR, *TWO)}
    assert by_writer == {AUTHOR: MOST, "char": EACH, "word:pos": EACH}
    assert hidden(comparison(TWO)) == []


def test_the_tally_counts_what_was_taken_for_the_authors():
    whole = blind()
    votes = [("char", "author", 0), ("char", "machine", 1), (AUTHOR, "author", 0)]
    whole.votes = [on_passage(whole, *vote) for vote in votes]
    assert tally(whole) == [Taken(AUTHOR, 1, 1), Taken("char", 1, 2)]


def test_votes_on_passages_of_other_models_are_kept_but_neither_added_nor_counted(tmp_path):
    whole, other = blind(), blind()
    counted, later = on_passage(whole, "char", "author", 0), on_passage(whole, "char", "machine", 1)
    stale = [
        Vote(passage="before more training", writer="char", said="author"),
        later.model_copy(update={"writer": AUTHOR}),
    ]
    whole.votes = [counted, *stale]
    assert tally(whole) == [Taken("char", 1, 1)]
    html = render(whole)
    assert "1 vote, counted together" in html
    assert "Not counted: 2 votes" in html
    other.cells = [cell for cell in other.cells if cell.column != "char"]
    file = tmp_path / "votes.json"
    file.write_text(Votes(corpus=whole.corpus.sha256, votes=[counted, later]).model_dump_json(), "utf-8")
    with pytest.raises(InputError, match="not on the passages of this comparison"):
        with_votes(other, [file])
    assert with_votes(whole, [file]).votes == [counted, *stale, counted, later]


def test_the_page_names_its_passages_and_has_the_interval_of_every_share():
    whole, other = blind(), blind()
    other.author_passages = other.author_passages[1:]
    one, two = (SECTION.data(Results.of(of))["blind"] for of in (whole, other))
    assert one["test"] == SECTION.data(Results.of(blind()))["blind"]["test"] != two["test"]
    assert {n: len(of) for n, of in one["intervals"].items()} == {EACH: EACH + 1, MOST: MOST + 1}
    assert one["intervals"][MOST][MOST] == "69\u202f% to 100\u202f%"


@pytest.mark.parametrize(
    ("author", "votes", "low", "high"), [(0, 5, 0.0, 0.5218), (5, 5, 0.4782, 1.0), (3, 10, 0.0667, 0.6525)]
)
def test_intervals_are_those_of_the_tables(author, votes, low, high):
    """Clopper & Pearson, as tables give them to four places."""
    assert Taken("char", author, votes).interval == pytest.approx((low, high), abs=5e-5)


def test_votes_are_added_once_and_only_to_their_own_text(tmp_path):
    whole = blind()
    reader = Votes(corpus=whole.corpus.sha256, votes=[on_passage(whole, "char", "author", 0)] * 2)
    file = tmp_path / "votes.json"
    file.write_text(reader.model_dump_json(), "utf-8")
    once = with_votes(whole, [file])
    assert once.votes == reader.votes
    assert with_votes(once, [file]).votes == once.votes
    other = tmp_path / "other.json"
    other.write_text(reader.model_copy(update={"corpus": "0"}).model_dump_json(), "utf-8")
    with pytest.raises(InputError, match="on another text"):
        with_votes(whole, [other])
    for content in ("", "{}", '{"version": 1, "corpus": "a", "votes": [{"said": "both"}]}'):
        other.write_text(content, "utf-8")
        with pytest.raises(InputError, match=r"has no votes: (Invalid JSON|corpus: Field required|votes\.0)"):
            with_votes(whole, [other])
    with pytest.raises(InputError, match="cannot be read"):
        with_votes(whole, [tmp_path / "none.json"])

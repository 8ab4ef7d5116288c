"""Chinese and Japanese: words are found in runs of letters, and other scripts are cut at spaces alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.inference.scores import word_ends
from toolkit.text import neutral
from toolkit.text.corpus import Document
from toolkit.tokenizers.cut import SpacyWords

TEXTS = st.text(st.sampled_from("aB7_ é'’.\n“我们走路東京のタ。、"), max_size=40)
CHINESE = "我们明天去北京大学学习，然后回家。Debian 的软件包 v2 很多！"
JAPANESE = "この章ではシステムの管理について説明します。RAIDを使う。"
deprecated = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::SyntaxWarning")


@given(TEXTS)
def test_words_join_to_the_runs_of_letters(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neutral, "missing_segmenter", lambda _: "python -m pip install it")
        spans, runs, tokens = list(neutral.word_spans(text)), list(neutral.runs(text)), neutral.tokens(text)
    inside = [place for start, end, _ in spans for place in range(start, end)]
    assert inside == [place for start, end in runs for place in range(start, end)]
    assert all(text[start:end].removeprefix(" ") == word for start, end, word in spans)
    assert "".join(tokens) == "".join(text.split())
    assert word_ends(text).tolist() == sorted({p for start, end in runs for p in (start, end) if p == end or (
        start and text[start] == " ")})  # fmt: skip


def test_without_a_segmenter_each_character_is_a_word(monkeypatch):
    monkeypatch.setattr(neutral, "missing_segmenter", lambda _: "python -m pip install it")
    assert neutral.words("我们go走 “東”x") == ["我", "们", "go", "走", "東", "x"]


@deprecated
@pytest.mark.parametrize(
    ("package", "language", "text"), [("jieba", "zh", CHINESE), ("sudachipy", "ja", JAPANESE)]
)
def test_words_are_those_of_the_columns(package, language, text):
    pytest.importorskip(package)
    texts = SpacyWords("unk", language=language).cut(Document("x", text)).texts
    assert neutral.words(text) == [word for word in texts if any(map(str.isalnum, word))]
    assert neutral.tokens(text) == texts
    lengths = [len(word) for word in neutral.words(text)]
    assert 1.5 < sum(lengths) / len(lengths) < 4
    many = SpacyWords("unk", language=language).tagger.tag_anew(text * 2000).at  # more than Sudachi takes at once
    assert (many["end"] - many["start"]).sum() == 2000 * len(text.replace(" ", ""))

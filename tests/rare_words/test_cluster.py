"""Clusters: like words fall together, unseen ones join them, and what was learnt is saved whole."""

import json

import numpy as np
import pytest

from toolkit.errors import InputError
from toolkit.rare_words import OTHER, Word
from toolkit.rare_words.cluster import Cluster, shares

STEMS = ["wander", "ponder", "murmur", "whisper", "gather", "bother", "linger", "hover", "batter", "falter"]
RARE = [(stem + "ing", "was", "slowly") for stem in STEMS] + [(str(n), "in", ",") for n in range(1801, 1811)]


def word(text, left="", right=""):
    return Word(text, "", "", "", "", left, right, "d")


@pytest.fixture(scope="module")
def clusters():
    return Cluster(k=2).fit([word(*parts) for parts in RARE], [])


def test_like_words_fall_together_and_unseen_ones_join_them(clusters):
    names = clusters.classes_of([word(*parts) for parts in RARE])
    assert len(set(names[:10])) == len(set(names[10:])) == 1
    assert names[0] != names[10]
    assert clusters.class_of(word("chattering", "was", "loudly")) == names[0]
    assert clusters.class_of(word("1999", "in", ".")) == names[10]


def test_neighbours_decide_where_they_weigh_enough(monkeypatch):
    monkeypatch.setattr("toolkit.rare_words.cluster.NEIGHBOUR_WEIGHT", 5.0)
    clusters = Cluster(k=2).fit([word(*parts) for parts in RARE], [])
    assert clusters.class_of(word("☃", "was", "slowly")) == clusters.class_of(word("lingering", "was", "slowly"))
    assert clusters.class_of(word("☃", "in", ",")) == clusters.class_of(word("1805", "in", ","))


def test_assignment_is_that_of_the_nearest_centre(clusters):
    """By scikit-learn's own k-means on the features written out."""
    from sklearn.cluster import KMeans
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [text for text, _, _ in RARE]
    spelled = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), lowercase=False).fit_transform(
        [f"\x02{text}\x03" for text in texts]
    )
    labels = KMeans(2, n_init=5, random_state=0).fit(spelled.toarray()).labels_
    names = np.array(clusters.classes_of([word(*parts) for parts in RARE]))
    assert len({(a, b) for a, b in zip(labels, names, strict=True)}) == 2  # the same parting, whatever the names


def test_what_was_learnt_is_saved_whole(clusters):
    restored = Cluster(k=2).restore(json.loads(json.dumps(clusters.state())))
    asked = [word(*parts) for parts in RARE] + [word("Ωmega", "was", "?"), word("", "", "")]
    assert restored.classes == clusters.classes
    assert restored.classes_of(asked) == clusters.classes_of(asked)


def test_of_equally_frequent_ngrams_the_first_are_used_whatever_the_processor(monkeypatch):
    monkeypatch.setattr("toolkit.rare_words.cluster.MOST_NGRAMS", 5)
    state = Cluster(k=2).fit([word(text) for text in ("ba", "ca", "da")], []).state()
    assert state["ngrams"] == ["\x02", "\x02b", "\x03", "a", "a\x03"]  # thrice, but for one of those that come once


def test_the_same_seed_gives_the_same_clusters():
    words = [word(*parts) for parts in RARE]
    assert Cluster(k=3).fit(words, []).state() == Cluster(k=3).fit(words, []).state()


@pytest.mark.parametrize(("words", "classes"), [([], OTHER), ([word("only")], "C0")])
def test_with_fewer_than_two_types_there_is_nothing_to_tell_apart(words, classes):
    assert Cluster().fit(words, []).classes_of([word("a"), word("b")]) == [classes, classes]


def test_no_more_clusters_than_types():
    assert len(Cluster(k=50).fit([word(*parts) for parts in RARE], []).classes) == len(RARE)


def test_shares_are_of_a_types_occurrences():
    matrix = shares(["a", "a", "b"], ["x", "y", "x"], ["a", "b"], ["x"]).toarray()
    assert matrix.tolist() == [[0.5], [1.0]]


@pytest.mark.parametrize("options", [{"k": 0}, {"k": "many"}, {"seed": -1}, {"k": True}])
def test_wrong_options_are_refused(options):
    with pytest.raises(InputError, match="give a whole number"):
        Cluster(**options)

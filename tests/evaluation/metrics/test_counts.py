import pytest

from toolkit.evaluation.metrics import counts

TEXT = "The king, sitting on the mended station, wanted nothing; THE nation waited."  # 12 words


def test_counts_are_per_ten_thousand_words_whatever_the_case() -> None:
    assert counts.the_per_10k([TEXT]) == pytest.approx(10_000 * 3 / 12)
    assert counts.ending_per_10k([TEXT], "ing") == pytest.approx(10_000 * 3 / 12)  # king, sitting, nothing
    assert counts.ending_per_10k([TEXT], "ed") == pytest.approx(10_000 * 3 / 12)  # mended, wanted, waited
    assert counts.ending_per_10k([TEXT], "tion") == pytest.approx(10_000 * 2 / 12)


def test_prepositions_and_pronouns_are_counted_once_each() -> None:
    assert counts.prepositions_pronouns_share([TEXT]) == pytest.approx(2 / 12)  # on, nothing
    assert not counts.PRONOUNS & counts.PREPOSITIONS


def test_texts_are_pooled_not_averaged() -> None:
    assert counts.the_per_10k(["the", "a b c"]) == pytest.approx(2500)


def test_texts_without_words_have_none() -> None:
    assert counts.the_per_10k(["", "...!"]) == 0.0
    assert counts.prepositions_pronouns_share([]) == 0.0

"""Advice follows from the numbers: with others it says otherwise, or nothing."""

import pytest

from toolkit.inspection.advice import advice
from toolkit.inspection.forecasts import ONE_DOCUMENT


def changed(inspection, **updates):
    return advice(inspection.model_copy(update=updates))


def with_coverage(inspection, **updates):
    """The inspection with its word column's coverage changed."""
    char, word, *_ = inspection.columns
    word = word.model_copy(update={"coverage": word.coverage.model_copy(update=updates)})
    return inspection.model_copy(update={"columns": [char, word]})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("share", "said"), [(1 / 9, "one token in nine"), (1 / 40, "one token in 40"), (0.4, "40%"), (0.6, "60%")]
)
def test_a_word_model_spells_one_token_in_so_many(inspection, share, said):
    train = inspection.text["train"].model_copy(update={"tokens": 1_600, "types": 1_000})
    found = with_coverage(inspection, replaced_token_share_test=share)
    sentences = advice(found.model_copy(update={"text": inspection.text | {"train": train}}))
    (sentence,) = (s for s in sentences if "will spell" in s)
    assert sentence.startswith("The training text has 1.6 tokens per type: word:pos will spell")
    assert said in sentence


def test_a_column_that_replaces_nothing_spells_nothing(inspection):
    assert not any("will spell" in s for s in advice(with_coverage(inspection, replaced_token_share_test=0.0)))


def test_placeholders_seen_too_rarely(inspection):
    def sentences(train, test):
        shares = {"replaced_token_share_train": train, "replaced_token_share_test": test}
        return [s for s in advice(with_coverage(inspection, **shares)) if "--rare-max-documents" in s]

    (said,) = sentences(0.02, 0.05)
    assert said.startswith(
        "Rare words are 2.0% of the training tokens, and rare and unseen ones 5.0% of the held-out tokens, in "
        "word:pos: 2.5 times the share;"
    )
    assert sentences(0.05, 0.06) == sentences(0.0, 0.06) == []


def test_rarity_by_documents_is_advised_only_where_it_would_be_new_and_allowed(inspection):
    """compare refuses it for the blocks of one document, and for the parts of one that was cut."""
    rates = with_coverage(inspection, replaced_token_share_train=0.02, replaced_token_share_test=0.05)
    one = inspection.text | {"corpus": inspection.text["corpus"].model_copy(update={"documents": 1})}
    settings = {"columns": {"word:pos": {"rare_max_documents": 1}}}
    assert any("--rare-max-documents" in s for s in advice(rates))
    missing = inspection.forecasts.model_copy(update={"missing": {"leave_one_out": ONE_DOCUMENT}})
    for update in ({"text": one}, {"forecasts": missing}, {"settings": settings}):
        assert not any("--rare-max-documents" in s for s in changed(rates, **update))


def test_documents_with_words_of_their_own(inspection):
    def sentences(**updates):
        facts = inspection.forecasts.model_copy(update=updates)
        return [s for s in changed(inspection, forecasts=facts) if "words of their own" in s]

    assert "forecasts 2.0% unseen" in sentences(good_turing=0.02, leave_one_out=0.05)[0]
    assert sentences(good_turing=0.04, leave_one_out=0.05) == sentences(leave_one_out=None) == []


def test_the_lowest_floor_is_named(inspection):
    lowest = inspection.baselines[0].model_copy(update={"bits_per_character": 0.5})
    assert any(s.startswith("PPMd primed needs 0.500 bits") for s in changed(inspection, baselines=[lowest]))
    assert any("@ngram needs" in s for s in changed(inspection, baselines=[]))


def test_a_compressor_that_learns_from_the_held_out_text_is_no_floor_for_a_network(inspection):
    """In a log of other days PPMd learns each date, which no network can know that does not go on learning."""
    lowest = inspection.baselines[0].model_copy(update={"bits_per_character": 0.5})
    said = changed(inspection, baselines=[lowest])
    (place,) = (i for i, s in enumerate(said) if s.startswith("PPMd primed needs 0.500 bits"))
    assert said[place].endswith("; but it goes on learning from that text, as a network does only with --adapt.")
    assert "@ngram needs" in said[place + 1]
    assert (
        "the fewest of what learns from the training text alone: a network that needs more has learnt less"
        in said[place + 1]
    )


def test_long_training_is_said(inspection):
    char, *others = inspection.columns
    slow = char.model_copy(update={"training": char.training.model_copy(update={"seconds": 1_800.0})})
    assert any("30 minutes for char;" in s for s in changed(inspection, columns=[slow, *others]))
    assert not any("minutes" in s for s in advice(inspection))


def test_a_network_that_is_mostly_vocabulary(inspection):
    _, word, *_ = inspection.columns
    large = word.model_copy(update={"parameters": 1_000, "embedding_parameters": 700, "output_parameters": 50})
    sentences = changed(inspection, columns=[large])
    assert any("75% of those of word:pos" in s for s in sentences)
    small = word.model_copy(update={"parameters": 1_000_000})
    assert not any("embedding and output" in s for s in changed(inspection, columns=[small]))


def test_too_few_held_out_documents(inspection):
    """The smallest p of two columns is 0.0625 in 5 documents; of three 0.17 in 2, but 0.028 in 3."""

    def sentences(documents, columns):
        text = inspection.text | {"test": inspection.text["test"].model_copy(update={"documents": documents})}
        found = changed(inspection, text=text, columns=inspection.columns[:columns])
        return [s for s in found if "no test can tell" in s]

    assert "with 2 columns, no test can tell any two of them apart with fewer than 6" in sentences(5, 2)[0]
    assert "with 3 columns, no test can tell any two of them apart with fewer than 3" in sentences(2, 3)[0]
    assert sentences(6, 2) == sentences(3, 3) == sentences(2, 1) == []

"""Advice follows from the numbers: with others it says otherwise, or nothing."""

from toolkit.inspection.advice import advice


def changed(inspection, **updates):
    return advice(inspection.model_copy(update=updates))


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


def test_too_few_held_out_documents(inspection):
    """The smallest p of two columns is 0.0625 in 5 documents; of three 0.17 in 2, but 0.028 in 3."""

    def sentences(documents, columns):
        text = inspection.text | {"test": inspection.text["test"].model_copy(update={"documents": documents})}
        found = changed(inspection, text=text, columns=inspection.columns[:columns])
        return [s for s in found if "no test can tell" in s]

    assert "with 2 columns, no test can tell any two of them apart with fewer than 6" in sentences(5, 2)[0]
    assert "with 3 columns, no test can tell any two of them apart with fewer than 3" in sentences(2, 3)[0]
    assert sentences(6, 2) == sentences(3, 3) == sentences(2, 1) == []

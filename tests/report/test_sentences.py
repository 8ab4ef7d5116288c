"""Sentences that were wrong, or said more than the numbers do: each test fails on the old one."""

import re

import numpy as np
import pytest

from toolkit.evaluation.contrasts import contrasts
from toolkit.report import render
from toolkit.report.alerts import alerts, overfitting, shortened
from toolkit.report.columns import Results, columns
from toolkit.report.prose import hapaxes
from toolkit.report.sections.documents import differences
from toolkit.results.bits import DocumentBits, Share
from toolkit.results.corpus import SplitNames
from toolkit.results.words import WordIntervals

from .comparison_example import FAILED, baseline_of, comparison
from .test_page import Page

INTERVALS = [WordIntervals(a="char", b="word:pos", words=[0], half_widths=[1.0])]
TWO = {"char": (2.5, 2.52), "word:pos": (2.3, 2.31)}


def said(whole) -> str:
    """The page's words; narrow spaces are plain ones."""
    return Page(render(whole)).text.replace("\u202f", " ")


def test_a_single_training_document_cannot_be_left_out():
    whole = comparison(TWO)
    assert "forecast by leaving one document out" in said(whole)
    whole.corpus.split.train, whole.corpus.train_documents = whole.corpus.split.train[:1], 1
    assert "leaving one document out" not in said(whole)
    assert "none could be left out" in said(whole)


def test_a_part_of_the_only_training_document_cannot_be_left_out():
    whole = comparison(TWO)
    assert "forecast by leaving one document out" in said(whole)
    whole.corpus.train_documents = 1
    assert "leaving one document out" not in said(whole)
    assert "it is a single document, so none could be left out" in said(whole)


def test_a_block_of_the_only_document_cannot_be_left_out():
    whole = comparison(TWO)
    whole.corpus.unit = "held-out block"
    assert "leaving one document out" not in said(whole)
    assert "blocks are no documents, so none could be left out" in said(whole)


def test_compressors_are_not_said_to_learn_nothing_beside_learning_on():
    text = said(comparison(TWO))
    assert "count instead of learning" not in text
    assert "go on adapting to the held-out text" in text


def test_verdicts_are_said_to_compare_with_the_ppmd_that_was_computed():
    whole = comparison(TWO)
    assert "A verdict compares a network with PPMd: one that needs more bits" in said(whole)
    whole.baselines.append(baseline_of("ppmd_documents", "primed", 2.1))
    assert "compares a network with “PPMd by text”, which begins each held-out document after" in said(whole)
    assert "A verdict compares a network" not in said(comparison(TWO, baselines=[]))


def test_the_interval_is_about_the_mean_and_not_about_another_document():
    text = said(comparison(TWO))
    assert "says how different" not in text
    assert "it is about that mean, not about a single document" in text


def test_with_one_seed_nothing_is_computed_over_seeds():
    assert "over the seeds" in said(comparison(TWO))
    assert "over the seeds" not in said(comparison({"char": (2.5,), "word:pos": (2.3,)}))


def test_with_one_seed_many_columns_are_about_the_trained_models_alone():
    totals = {f"word:{name}": (2.0 + i / 10,) for i, name in enumerate("abcdef")}
    assert "They are about these trained models, not about the methods." in said(comparison(totals))
    twice = {name: of * 2 for name, of in totals.items()}
    assert "They are about models trained on this training text, not" in said(comparison(twice))


def test_columns_whose_seeds_failed_are_not_said_to_be_trained_as_often_as_the_others():
    assert "were each trained twice" in said(comparison(TWO))
    text = said(comparison({"char": (2.5,), "word:pos": (2.3, 2.31)}, failed=(FAILED,)))
    assert "twice" not in text.split("then charged")[0]
    assert "were each trained 1 to 2 times" in text


def test_the_number_of_seeds_is_not_the_number_of_a_seed():
    whole = comparison({"char": (2.5,), "word:pos": (2.3,)})
    for cell in whole.cells:
        cell.seed = 0
    assert "Seeds1 numbered 0" in said(whole)


def test_two_shares_of_unseen_characters_say_what_each_counts():
    text = said(comparison(TWO))
    assert "the space before each of them included" in text
    assert "the spaces before them not included" in text


def test_a_column_name_is_no_word_to_begin_a_sentence_with():
    whole = comparison({"word:unk": (2.3,), "char": (2.5,)})
    assert [sentence for sentence in whole.verdicts if sentence.startswith("Word:unk")] == []
    assert whole.verdicts[0].startswith("Verdict: word:unk beats char")
    assert "Word:unk" not in said(whole)


@pytest.mark.parametrize("name", ["learning", "coverage"])
def test_the_numbers_of_a_chart_stand_in_a_table_in_its_section(name):
    html = render(comparison(TWO))
    section = html[html.index(f'<section id="{name}">') :]
    section = section[: section.index("</section>")]
    assert "The same in numbers" in section
    assert section.count("<table") > 1 - (name == "learning")


def test_without_javascript_no_table_is_promised_that_is_not_there():
    assert "its numbers are in the tables on this page" not in render(comparison(TWO))


def test_what_is_hidden_stays_hidden_whatever_its_display():
    assert "[hidden] { display: none !important; }" in render(comparison(TWO))


@pytest.mark.parametrize("word", ["foretell", "foretold", "wavers", "warm colours", "holds zero", "Good and Turing"])
def test_words_that_readers_stumbled_over_are_gone(word):
    assert re.search(rf"\b{word}\b", said(comparison(TWO))) is None


def test_parts_of_the_bill_are_named_for_what_they_are():
    text = said(comparison(TWO))
    assert "punctuation, line ends, other spaces" in text
    assert "a space between words is charged to the word after it" in text
    assert "for char: a character that training does not have" in text


def test_a_column_that_overfits_says_since_when():
    whole = comparison(TWO)
    history = whole.cells[0].history
    assert overfitting(columns(whole)[0]) is None
    for row in history[len(history) // 2 :]:
        row.valid_bits_per_character = history[len(history) // 2 - 1].valid_bits_per_character + 0.3
    found = overfitting(columns(whole)[0])
    assert re.fullmatch("char overfits after (49|50).% of its training", found.short)
    assert f"after {history[len(history) // 2 - 1].updates:,} of {history[-1].updates:,} updates" in found.whole
    assert found in alerts(Results.of(whole))


def test_an_alert_is_a_clause_and_the_rest_is_behind_it():
    long = "The held-out document 'a' is in training: remove it; it counts twice. Do so now."
    assert shortened(long).short == "The held-out document 'a' is in training"
    assert shortened(long).whole == long
    assert shortened("Short enough.").whole == ""
    tale = "The held-out document 'Dr. Jekyll and Mr. Hyde: a tale' shares much with \"Dr. Hyde's\""
    assert shortened(f"{tale}: remove one.").short == tale
    assert shortened("The model's text isn't long: it is 'A. B'.").short == "The model's text isn't long"
    assert len(shortened("x" * 500).short) < 120
    assert shortened("comparisons " * 30).short.endswith("comparisons …")
    assert shortened("x" * 500).whole == "x" * 500


def test_alerts_begin_with_what_failed():
    whole = comparison(TWO, failed=(FAILED,), facts={"notes": ["Valid and test are the same text."]})
    first, *_ = alerts(Results.of(whole))
    assert first.failure
    assert FAILED.reason in first.whole


def test_what_would_settle_a_difference_is_the_last_clause_of_its_verdict():
    bits = {"a": [[100.0, 210.0, 300.0, 390.0, 520.0, 610.0]], "b": [[101.0, 207.0, 303.0, 391.0, 517.0, 612.0]]}
    characters = np.array([50, 100, 150, 200, 250, 300])
    (found,) = contrasts({name: np.array(of_name) for name, of_name in bits.items()}, characters)
    assert not found.settled
    assert found.needed
    assert found.verdict.endswith(found.needed)
    assert "would be needed" in found.needed


def test_what_failed_of_a_fraction_is_not_said_of_the_column():
    part = FAILED.model_copy(update={"column": "char", "fraction": 0.25})
    whole = comparison(TWO, failed=(FAILED, part))
    first, second, *_ = alerts(Results.of(whole))
    assert first.short == "word:cluster, seed 1, has no result"
    assert second.short == "char, seed 1, of 0.25 of the training text, has no result"
    assert "seed 1, 25.0 % of the training text" in said(whole)


def test_where_only_some_seeds_end_at_their_best_both_are_said():
    whole = comparison(TWO)
    first, second = whole.by_column["char"]
    for row in first.history:
        row.valid_bits_per_character = 3.0 - row.updates / first.history[-1].updates
    for row in second.history:
        row.valid_bits_per_character = 3.0 + row.updates / second.history[-1].updates
    earliest = second.history[0].updates / second.history[-1].updates
    best = f"at the end in 1 of 2 seeds of char, at the earliest after {earliest:.0%} of training"
    assert best.replace("%", " %") in said(whole)


def test_what_is_the_same_for_several_columns_is_said_of_all_of_them_once():
    whole = comparison({"char": (2.5,), "word:unk": (2.4,), "word:drop": (2.3,), "word:keep": (2.35,)})
    for cell in whole.done:
        share = {"char": 0.0, "word:keep": 0.1}.get(cell.column, 0.198)
        cell.coverage = cell.coverage.model_copy(update={"replaced_character_share_test": share})
        for row in cell.history:
            row.valid_bits_per_character = 3.0 - row.updates / cell.history[-1].updates
    text = said(whole)
    rare = "words that are rare or unseen make up 19.8 % in word:unk and word:drop; 10.0 % in word:keep."
    assert f"Of the held-out characters, {rare}" in text
    assert "the best check came at the end in char, word:unk, word:drop and word:keep." in text


def test_a_dot_is_not_called_by_a_colour_that_it_does_not_have_in_dark_mode():
    text = said(comparison(TWO))
    assert "The dot on a line is all of the text together; the line is its 95 % interval" in text
    assert "dark dot" not in text


def test_a_column_that_replaces_nothing_with_a_placeholder_is_not_said_to():
    assert "Placeholders stand for" not in said(comparison({"word:spell": (2.4,), "word:drop": (2.5,)}))


def test_a_classifier_that_could_not_have_told_says_so():
    whole = comparison(TWO)
    for generated in whole.generated.values():
        generated.told_apart = generated.told_apart.model_copy(update={"labellings": 3, "p": 0.33})
    text = said(whole)
    assert "The samples are too few for a classifier: no p could be below 0.33." in text
    assert "The samples cannot be told" not in text


def test_where_documents_end_before_samples_do_it_is_said_what_is_compared():
    whole = comparison(TWO)
    lengths = [document.characters for document in whole.done[0].documents]
    assert len(lengths) > len(whole.generated["char"].samples)

    def sentences(measured):
        for generated in whole.generated.values():
            generated.measured_characters, generated.characters = measured, 10 * max(lengths)
        return said(whole)

    assert "may not end a document" not in sentences(1)
    mean = round(sum(lengths) / len(lengths))
    text = sentences(max(lengths) + 1)
    assert f"The held-out documents have {mean:,} characters in the mean, fewer than the {max(lengths) + 1:,}" in text
    assert "a model, which may not end a document, has to go on where the author would have ended" in text
    for cell in whole.done:  # fewer than samples, but each is longer than they are: hardly a passage meets an end
        cell.documents = cell.documents[:1]
    assert "may not end a document" not in sentences(lengths[0])
    whole.corpus.unit = "held-out block"
    assert "may not end a document" not in sentences(max(lengths) + 1)


def test_how_many_words_appear_once_is_said_whatever_their_share():
    """In a list of numbers they may be all of the text; in a song book there are none."""
    whole = comparison(TWO)
    all_once = {"tokens": 9, "types": 9, "hapax_types": 9, "hapax_type_share": 1.0, "hapax_token_share": 1.0}
    whole.corpus.coverage = whole.corpus.coverage.model_copy(update=all_once)
    assert "9 appear only once: 100.0 % of the distinct tokens, and 100.0 % of the running text." in hapaxes(
        whole
    ).replace("\u202f", " ")
    whole.corpus.coverage = whole.corpus.coverage.model_copy(update={"hapax_types": 0})
    assert hapaxes(whole).endswith("9 of them distinct. None appears only once.")


def test_a_single_document_has_a_dot_for_each_segment_that_its_interval_is_over():
    whole = comparison(TWO, facts={"split": SplitNames(train=["a"], valid=["b"], test=["c"])})
    for cell in whole.done:
        of_cell = 1.0 if cell.column == "char" else 0.5
        shares = [Share(characters=10, bits=of_cell * (i + 1)) for i in range(20)]
        cell.documents = [DocumentBits(name="c", characters=200, bits=210 * of_cell, units=shares)]
    char, pos = columns(whole)
    found = differences(pos, char, "held-out segment")
    assert [(name, characters) for name, characters, _ in found] == [
        ("segment 1", 40), ("segment 2", 40), ("segment 3", 30), ("segment 4", 30), ("segment 5", 30), ("segment 6", 30)
    ]  # fmt: skip
    assert found[0][2] == pytest.approx(0.5 * (1 + 2 + 3 + 4) / 40)
    assert sum(characters * rate for _, characters, rate in found) == pytest.approx(105)
    text = said(whole)
    assert "In each held-out segment" in text
    assert "intervals over held-out segments and seeds" in text
    assert re.search(r"[+−]\d\.\d+ in segment \d", text)


def test_parts_of_a_single_held_out_text_are_joined_to_segments():
    names = [f"c#{i:03}" for i in range(1, 13)]
    whole = comparison(TWO, facts={"split": SplitNames(train=["a"], valid=["b"], test=names)})
    whole = whole.model_copy(update={"corpus": whole.corpus.model_copy(update={"unit": "held-out segment"})})
    for i, cell in enumerate(whole.done):
        bits = [10.0 + (i * 7 + j * 5) % 11 for j in range(12)]
        cell.documents = [DocumentBits(name=n, characters=10, bits=b) for n, b in zip(names, bits, strict=True)]
    text = said(whole)
    assert "In each held-out segment" in text
    assert "intervals over 6 held-out segments" in text or "over held-out segments and seeds" in text
    assert "of the 12 held-out parts" in text


def test_seeds_whose_taggers_differ_are_added_up_by_the_name_of_a_part_of_speech():
    whole = comparison(TWO)
    first, second = whole.by_column["char"]
    kept = [of for of in first.by_part_of_speech if of.bits]
    first.by_part_of_speech = kept
    second.by_part_of_speech = kept[:0:-1]  # another order, and without the first
    (char, *_) = columns(whole)
    assert char.part_of_speech(0) == (kept[0].characters, pytest.approx(kept[0].bits / 2))
    assert char.part_of_speech(1) == (kept[1].characters, pytest.approx(kept[1].bits))
    render(whole)


def of_one_document(names=("c",), unit="held-out document"):
    """A comparison whose held-out documents are these, each as long and as hard for both columns as any."""
    whole = comparison(TWO, facts={"split": SplitNames(train=["a"], valid=["b"], test=list(names))})
    for i, cell in enumerate(whole.done):
        shares = [Share(characters=10, bits=10.0 + (i * 7 + j * 5) % 11) for j in range(20)]
        cell.documents = [DocumentBits(name=n, characters=200, bits=200.0 + i, units=shares) for n in names]
    return whole.model_copy(update={"corpus": whole.corpus.model_copy(update={"unit": unit})})


def test_of_one_held_out_document_nothing_is_said_of_others():
    text = said(of_one_document())
    assert "With other parts of this text, and networks begun" in text
    assert "over all parts of such a text; it is about that mean, not about a single segment" in text
    assert "from the differences in each held-out segment and over the seeds" in text
    assert "The interval is over" not in text
    assert "of the same kind" not in text


def test_intervals_over_the_blocks_of_a_text_are_called_so():
    whole = comparison(TWO)
    words = whole.words.model_copy(update={"intervals": INTERVALS})
    blocks = whole.corpus.model_copy(update={"unit": "held-out block"})
    text = said(whole.model_copy(update={"corpus": blocks, "words": words}))
    assert "With other held-out blocks of the same kind" in text
    assert "over all blocks of this kind" in text
    assert "The interval is over blocks, " in text
    assert "intervals over blocks, wide enough for all parts of speech together" in text
    assert "intervals over documents" not in text


def test_the_curves_of_texts_are_said_to_be_what_they_are():
    whole = comparison(TWO)
    lines = "there the models are compared", "Dashed: n-grams of the same tokens"
    assert all(line in said(whole) for line in lines)
    for generated in whole.generated.values():
        generated.matched, generated.counted = False, None
    assert not any(line in said(whole) for line in lines)


def test_of_many_documents_and_columns_those_that_are_drawn_are_said():
    assert "a dot for each held-out document, larger" in said(comparison(TWO))
    many = comparison({f"word:{i}": (2.0 + i / 10,) for i in range(14)})
    assert "in the 12 columns nearest to it: a dot for each held-out document" in said(many)
    for cell in (whole := comparison(TWO)).done:
        cell.documents = [DocumentBits(name=str(i), characters=10, bits=20.0 + (i * cell.seed) % 7) for i in range(401)]
    assert "a dot for each of the 400 longest held-out documents, larger" in said(whole)


def test_what_is_only_counted_has_no_learning_curve():
    whole = comparison(TWO)
    for cell in whole.done:
        cell.history.clear()
    assert "No learning curve was kept." in said(whole)
    cells = [cell.model_copy(update={"updates": 0}) for cell in whole.done]
    assert "What is counted has no learning curve." in said(whole.model_copy(update={"cells": cells}))


def test_one_column_has_no_interval_to_be_explained():
    assert "interval of its difference from the best column. Dashed: compressors" in said(comparison(TWO))
    three = said(comparison({"char": (2.5,), "word:unk": (2.31,), "word:pos": (2.3,)}))
    assert "best column, wide enough for all differences together; a hollow dot cannot be told" in three
    for of_one_kind in ({"char": (2.5, 2.52)}, TWO):
        assert "hollow dot" not in said(comparison(of_one_kind))
    assert "Dashed: compressors" not in said(comparison(TWO, baselines=[]))


def test_word_by_word_says_what_its_intervals_are_of():
    whole = comparison(TWO)
    words = whole.words.model_copy(update={"among": 1_234, "intervals": INTERVALS})
    text = said(whole.model_copy(update={"words": words}))
    assert "The interval is over documents, wide enough for all 1,234 words of the held-out text together" in text
    assert "what the first seed of each column pays" in text

"""The answer, the next command and the warnings, from invented comparisons."""

from pathlib import Path

import pytest

from tests.helpers.comparison_example import FAILED, baseline_of, comparison, contrast
from toolkit.errors import OUT_OF_MEMORY
from toolkit.evaluation.contrasts import fall, training
from toolkit.evaluation.warnings import answer, concluded, language_warnings, warnings_of
from toolkit.results.bits import Verified
from toolkit.results.cell import HistoryRow, Row
from toolkit.results.conclusions import Warning
from toolkit.results.corpus import Overlap
from toolkit.text.corpus import Document
from toolkit.text.sources import read_corpus

BPE = FAILED.model_copy(update={"column": "bpe", "tokenizer": "bpe", "reason": OUT_OF_MEMORY})
EARLY = {"char": (2.9,) * 3, "word:pos": (2.5,) * 3}  # above PPMd, which needs 2.079
LATE = {"char": (2.02,) * 3, "word:pos": (1.8,) * 3}


def history(*checks):
    rest = {"seconds": 1.0, "train_bits_per_character": 2.0}
    return [
        HistoryRow(updates=i, characters_seen=seen, valid_bits_per_character=bits, **rest)
        for i, (seen, bits) in enumerate(checks, 1)
    ]


def trained(totals=LATE, undertrained=(), **settings):
    """A comparison with a single check of each cell, so that only these losers are undertrained."""
    whole = comparison(totals)
    for cell in whole.done:
        cell.history = cell.history[-1:]
    whole.contrasts[0].undertrained = list(undertrained)
    whole.settings |= settings
    return whole


def next_step(whole):
    return answer(whole).next, answer(whole).command


def test_the_best_column_is_recommended_with_all_that_tie_whatever_their_rank():
    """The second may be beaten where the third, which scatters more, is not. Without a beaten column none is."""
    whole = comparison({"a": (2.0,), "b": (2.1,), "c": (2.2,), "d": (2.3,)})
    whole.contrasts = [contrast("b", "a", 0.1, 0.3), contrast("a", "c", -0.2), contrast("a", "d", -0.3, 0.4)]
    best = answer(whole)
    assert (best.column, best.tied, best.runner_up) == ("a", ["b", "d"], "c")
    for totals, tied in ({}, []), ({"char": (2.31,), "bpe": (2.3,)}, ["bpe", "char"]):
        none = answer(comparison(totals))
        assert (none.column, none.tied, none.runner_up) == (None, tied, None)


def test_the_next_step_goes_from_failures_to_training_to_seeds_to_the_proof():
    failed = comparison(LATE, failed=(BPE,))
    assert next_step(failed) == ("repeat", failed.command)
    whole = trained(EARLY, ["char"])
    assert next_step(whole) == ("more", f"{whole.command} --more 2x")
    whole.command = "toolkit compare --seeds 1; toolkit compare --out 'a b' --fresh --open"
    assert next_step(whole) == ("more", "toolkit compare --out 'a b' --more 2x")
    whole.command += " --more=2x"
    assert answer(whole).next != "more"
    whole.command = "toolkit report --folder a"
    assert next_step(whole) == (None, None)
    few = comparison({name: totals[:2] for name, totals in LATE.items()})
    assert next_step(few) == ("seeds", few.command.replace("--seeds 2", "--seeds 3"))
    last = comparison(LATE)
    last.cells[0].verified = None
    last.command += " --out reports/tales--verify"  # which is no option
    assert next_step(last) == ("verify", f"{last.command} --verify")
    for cell in last.cells:
        cell.verified = Verified(characters=10, bits=20.0, bytes=3)
    assert next_step(last) == (None, None)


def test_a_first_look_leads_to_the_full_command_and_no_step_helps_too_little_text_or_a_wrong_language():
    whole = trained(EARLY, ["char"], quick=True)
    whole.command += " --quick"
    assert next_step(whole) == ("full", whole.command.removesuffix(" --quick"))
    whole.warnings = [Warning(kind="language", columns=[], value="en")]
    assert next_step(whole) == (None, None)
    undecided = {"outcome": ["too few units", "undecided"], "limit": ["units", "seeds"]}
    steps = []
    for outcome, limit in zip(*undecided.values(), strict=True):
        few = comparison({"char": (2.02,), "word:pos": (2.01,)})
        few.contrasts[0] = contrast("char", "word:pos", 0.01, outcome=outcome, limit=limit, needed=None)
        steps.append(answer(few).next)
    assert steps == [None, "seeds"]


def test_the_headline_has_the_time_of_short_training_and_no_warning_repeats_it():
    whole = trained(EARLY, ["char"])
    whole = whole.model_copy(update={"answer": answer(whole)})
    whole.warnings = [*warnings_of(whole), Warning(kind="short_training", columns=["bpe"])]
    assert (
        whole.unsettled_seconds == max(cell.train_seconds for cell in whole.done) - 1
    )  # the mean of three seeds
    assert [warning.columns for warning in whole.further_warnings] == [["bpe"]]
    settled = trained(LATE)
    settled = settled.model_copy(update={"answer": answer(settled)})
    assert settled.unsettled_seconds is None
    for cell in whole.done:
        cell.history = []  # counted
    assert whole.unsettled_seconds is None


def test_more_seeds_are_for_networks_of_which_all_cells_are_done():
    """More seeds do not mend a cell that failed. Counted columns need no other seeds."""
    lost = BPE.model_copy(update={"column": "char", "tokenizer": "char", "reason": "diverged"})
    whole = comparison({"char": (2.02,), "word:pos": (1.8,) * 3}, failed=(lost, lost))
    assert answer(whole).next is None
    whole.cells = whole.done
    assert answer(whole).next == "seeds"
    whole.cells[0].history = []
    assert answer(whole).next == "verify"


def test_failures_that_may_pass_are_repeated_and_others_have_no_next_step():
    for reason, model, expected in (
        (OUT_OF_MEMORY, "lstm", "repeat"),
        ("diverged", "lstm", None),
        ("raises IndexError", "mine", None),
    ):
        whole = comparison(LATE, failed=(BPE.model_copy(update={"reason": reason, "model": model}),))
        assert answer(whole).next == expected


def test_rows_have_the_training_of_their_column_and_the_ppmd_that_reads_as_they_do():
    whole = comparison({"char": (2.1, 2.1)})
    whole.corpus.train_characters = 10_000
    flat, falling = whole.done
    flat.history, falling.history = history((1000, 2.0), (2000, 2.0)), history((1000, 2.0), (2000, 1.9))
    shared = {"column": "char", "rule": None, "bits_per_character": flat.bits_per_character, "seeds": [1, 2]}
    rates = {"ensemble": None, "adapting": 0.3}
    whole.rows = [Row.model_construct(kind=kind, rate=rate, **shared) for kind, rate in rates.items()]
    whole.baselines.append(baseline_of("ppmd_documents", "primed", 2.2))  # beside PPMd of all documents, 2.079
    states = training(whole)
    improving = [state.improving for state in states.values()]
    assert improving == pytest.approx([1.0] * 3)  # of the seed that fell most
    above = {"char": False, "char (ensemble)": False, "char (adapting)": True}
    assert {name: state.above_ppmd for name, state in states.items()} == above


def kinds(whole):
    return {(warning.kind, *warning.columns): warning.value for warning in warnings_of(whole)}


def test_undertrained_and_overfitted_columns_are_warned_of():
    """With the improvement per pass over the training text, or with the earliest best check of all seeds."""
    assert kinds(trained(EARLY, ["char"])) == {("short_training", "char"): None}  # above PPMd
    improving = trained(LATE, ["char"])
    for cell in improving.done:
        cell.history = history((1000, 3.0), (2000, 2.5), (3000, 2.45), (4000, 2.4))
    improving.corpus.train_characters = 10_000  # the last three checks: from 2.5 to 2.4 in 2,000 characters
    assert kinds(improving) == {("short_training", "char"): pytest.approx(0.5)}
    assert (fall(history((1000, 2.0), (2000, 2.1)), 10_000), fall(history((1000, 3.0)), 10_000)) == (0, None)
    whole = comparison({"char": (2.0, 2.0)})
    first, second = whole.done
    for rise, expected in ((0.05, {("overfitting", "char"): 0.5}), (0.009, {})):
        first.history = history((1, 2.0), (2, 1.9), (3, 1.9 + rise), (4, 1.9 + rise))
        second.history = history(*((n, 2.0) for n in range(4)), (4, 1.9), (5, 1.9 + rise))  # 5 of 6 are no sign
        assert kinds(whole) == expected


def test_facts_about_text_and_settings_are_warned_of():
    whole = trained(train={"budget_seconds": 60.0}, columns={"char": {"train": {"budget_seconds": 90.0}}})
    whole.cells += [BPE.model_copy(update={"seed": seed}) for seed in (1, 2)]
    whole.corpus.unit = "segment"
    pair = Overlap(document="a", part="test", other="b", other_part="train", spans=0.1, shingles=0.2)
    whole.corpus.overlaps = [pair, pair]
    whole.contrasts[0] = contrast("char", "word:pos", 0.2, units=4, outcome="too few units")
    for cell in whole.done:
        cell.matched, cell.characters_seen = "chars", {"char": 1000, "word:pos": 1050}[cell.column]
        cell.coverage.characters_per_word_token = 1.02  # wrong for words only
    whole.done[0].model = "mine"
    assert kinds(whole) == {
        ("failed", "bpe"): OUT_OF_MEMORY,
        ("foreign_code", "char"): None,
        ("characters_as_words", "word:pos"): 1.02,
        ("near_duplicates",): 2,
        ("one_document",): None,
        ("few_units",): 4,
        ("budget_ended", "char", "word:pos"): 90.0,
        ("unequal_sizes", "char", "word:pos"): pytest.approx(0.05),
    }


def test_warnings_are_made_anew_but_for_those_that_cells_do_not_show():
    whole = trained()
    lasting = {"no_tagger": ["word:unk"], "language": [], "failed": ["char (ensemble)"]}
    whole.warnings = [Warning(kind=kind, columns=columns) for kind, columns in lasting.items()]
    whole.warnings += [Warning(kind="short_training", columns=["char"]), Warning(kind="failed", columns=["char"])]
    first = ["language", "no_tagger", "failed"]  # a wrong language comes first
    assert [warning.kind for warning in concluded(whole).warnings] == first


def test_a_language_with_few_of_the_frequent_words_or_another_script_is_warned_of():
    """Not in a short text, nor in a language without a list of words."""
    folder = Path(__file__).parents[1] / "data" / "french"
    french = "\n".join(document.text for document in read_corpus(folder, "french").documents)
    chinese = "我们明天去北京大学学习，然后回家。" * 20
    warned = {(french, "en"): True, (french, "fr"): False, (french, "tlh"): False, (french[:50], "en"): False}
    for (text, language), expected in (warned | {(chinese, "en"): True, (chinese, "zh"): False}).items():
        warnings = language_warnings([Document("x", text)], language)
        assert [w.value for w in warnings if w.kind == "language"] == [language] * expected

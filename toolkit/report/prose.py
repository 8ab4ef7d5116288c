"""Sentences that state the results, with units."""

from datetime import datetime

from toolkit.report import columns as column_results
from toolkit.report.charts import ON_ONE_LINE
from toolkit.report.columns import ColumnResult, Results, best_check
from toolkit.report.names import FORECASTS, compressor, meaning, pos_name
from toolkit.results.bits import BANDS
from toolkit.results.comparison import Comparison
from toolkit.results.corpus import BLOCK, SEGMENT
from toolkit.results.rows import Baseline
from toolkit.results.text import by_column, count, decimals, listing, percent, plural


def question(results: Results) -> str:
    """The page's title."""
    if len(results.columns) == 1:
        return f"How well does {results.columns[0].name} model {results.comparison.corpus.name}?"
    return f"How should {results.comparison.corpus.name} be modelled?"


def made(created: str) -> str:
    """The moment in words, if it is in ISO 8601.

    >>> made("2026-11-14T09:41:07+00:00")
    '14 November 2026, 09:41 UTC'
    """
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return created[:40]
    return f"{moment.day} {moment:%B %Y, %H:%M} {moment.tzname() or ''}".strip()


def part(comparison: Comparison) -> str:
    """What the corpus is split into: documents, blocks, or the parts of a single long text."""
    corpus = comparison.corpus
    if corpus.unit == SEGMENT and len(corpus.split.test) > 1:
        return "part"
    return "block" if corpus.unit == BLOCK else "document"


def lede(results: Results) -> str:
    """What was compared, and on which text, in one paragraph."""
    columns = results.columns
    corpus = results.comparison.corpus
    noun, held_out = part(results.comparison), len(corpus.split.test)
    text = f"{corpus.name} has {plural(corpus.documents, noun)} and {count(corpus.characters)} characters. "
    if not columns:
        return text + "No column has a result."
    seeds = sorted({len(column.cells) for column in columns if not column.cells[0].counted})
    several = f"{' to '.join(map(str, dict.fromkeys(seeds[:1] + seeds[-1:])))} times" if seeds != [2] else "twice"
    times = "" if seeds == [1] else f" {several}, from different random initialisations,"
    done = f"trained{times} on" if seeds else "fitted to"
    who = columns[0].name + " was" if len(columns) == 1 else listing([c.name for c in columns]) + " were each"
    return (
        f"{text}{who} {done} {plural(len(corpus.split.train), noun)}, then charged for each of the "
        f"{count(corpus.test_characters)} characters of the {plural(held_out, f'held-out {noun}')}. "
        "The fewer bits a model needs per character, the better it knows the text."
    )


def _against(best: ColumnResult, baseline: Baseline) -> str:
    difference = best.total - baseline.bits_per_character
    name = f"{compressor(baseline)} ({meaning(baseline)})"
    share = percent(abs(difference) / baseline.bits_per_character, 0) if baseline.bits_per_character else ""
    if abs(difference) < 0.0005:
        return f"It ties with {name}."
    more = "more" if difference > 0 else "fewer"
    return (
        f"It needs {decimals(abs(difference))} bits per character {more} ({share}) than {name}, which needs "
        f"{decimals(baseline.bits_per_character)}."
    )


def replaced(columns: list[ColumnResult]) -> str:
    """How much of the held-out text is words that a column does not know, in each column for which there are any."""
    shares = [(column.name, column.first.coverage.replaced_character_share_test) for column in columns]
    said = list(by_column((name, f"{percent(share)} in {{}}") for name, share in shares if share))
    return f"Of the held-out characters, words that are rare or unseen make up {'; '.join(said)}." if said else ""


def rivals(comparison: Comparison) -> list[Baseline]:
    """The best baseline, and the best xz if that is a different one."""
    ranked = sorted(comparison.baselines, key=lambda b: b.bits_per_character)
    best_xz = next((baseline for baseline in ranked if baseline.name == "xz"), None)
    return ranked[:1] + ([best_xz] if best_xz is not None and best_xz is not ranked[0] else [])


def standing(results: Results) -> list[str]:
    """The best column with its bits per character, whether its lead is settled, and how it compares with baselines."""
    comparison, columns = results.comparison, results.columns
    best = results.best
    if len(columns) == 1:
        sentences = [
            f"{best.name} needs {decimals(best.total)} bits per character; it is the only column with a result."
        ]
    else:
        sentences = [
            f"{best.name} needs {decimals(best.total)} bits per character, the fewest of {len(columns)} columns."
        ]
    settled, unsettled = (_others(comparison, best, is_settled) for is_settled in (True, False))
    if settled and len(columns) > ON_ONE_LINE:
        sentences.append(
            f"It beats {listing(settled)}: for these, the interval of the difference excludes zero, and p is at most "
            "0.05."
        )
    if unsettled:
        sentences.append(
            f"Its lead over {listing(unsettled)} is not settled: the interval of the difference includes zero, or p is "
            "above 0.05."
        )
    sentences += [_against(best, baseline) for baseline in rivals(comparison)]
    if not comparison.baselines:
        sentences.append("No baseline was computed.")
    return sentences


def _others(comparison: Comparison, best: ColumnResult, settled: bool) -> list[str]:
    """The columns whose difference from the best one is settled, or is not."""
    return [
        contrast.b if contrast.a == best.name else contrast.a
        for contrast in comparison.column_contrasts
        if best.name in (contrast.a, contrast.b) and contrast.settled == settled
    ]


def _span(ranked: list[str]) -> str:
    """The items as part of a sentence; if there are many, only the first and the last.

    >>> _span(["1 in a", "2 in b", "3 in c", "4 in d"])
    'from 1 in a to 4 in d'
    """
    return listing(ranked) if len(ranked) <= 3 else f"from {ranked[0]} to {ranked[-1]}"


def learned(columns: list[ColumnResult]) -> str:
    """Where each column's training stood at its last check: still falling, or past its best."""
    by_name = {
        column.name: [best_check(cell).updates / cell.history[-1].updates for cell in column.cells if not cell.counted]
        for column in columns
    }
    ends = by_column((name, best_came(shares)) for name, shares in by_name.items() if shares)
    said = "; ".join(ends)
    return f"On the validation text, the best check came {said}." if said else ""


def best_came(shares: list[float]) -> str:
    """When the best check of each seed came, as shares of its training; ``{}`` stands for the column.

    >>> best_came([1.0]), best_came([0.8, 0.8])
    ('at the end in {}', 'after 80\\u202f% of training in {}')
    >>> best_came([0.8, 1.0])
    'at the end in 1 of 2 seeds of {}, at the earliest after 80\\u202f% of training'
    """
    earliest = f"after {percent(min(shares), 0)} of training"
    if min(shares) == 1:
        return "at the end in {}"
    if max(shares) == 1:
        return f"at the end in {shares.count(1)} of {len(shares)} seeds of {{}}, at the earliest {earliest}"
    return f"{'at the earliest ' if min(shares) < max(shares) else ''}{earliest} in {{}}"


def rare_words(columns: list[ColumnResult]) -> str:
    """What the columns that replace rare words pay for them."""
    paying = [(c, c.part("classes") + c.part("spelling")) for c in columns if c.part("classes") > 0]
    if not paying:
        return "No column replaces words, so nothing is paid for classes."
    bills = [
        f"{decimals(bits)} bits per character in {c.name} ({percent(bits / c.total, 0)} of its total)"
        for c, bits in sorted(paying, key=lambda pair: pair[1])
    ]
    return f"Rare words cost {_span(bills)}, classes and spelling together."


def bands(columns: list[ColumnResult]) -> str:
    """The share of words never seen in training, in the text and in each column's bits."""
    characters = [of_band for of_band, _ in columns[0].bands]
    bits = {column.name: [of_band for _, of_band in column.bands] for column in columns}
    shares = sorted((unseen / (sum([unseen, *others]) or 1), name) for name, (unseen, *others) in bits.items())
    bills = [f"{percent(share, 0)} of the bits of {name}" for share, name in shares]
    return (
        f"Words that never occur in the training text make up {percent(characters[0] / (sum(characters) or 1))} of the "
        f"held-out characters, the space before each of them included, which is charged to the word. They take "
        f"{_span(bills)}."
    )


def parts_of_speech(results: Results) -> str:
    """For which parts of speech each column needs the fewest bits, among those that make up a hundredth of the text.

    Only where the interval of its lead over the next column excludes zero. Empty where no part of speech has a lead.
    """
    leads = {lead.label: lead for lead in results.comparison.leads if lead.by == "part of speech"}
    if not leads:
        return ""
    parts = column_results.parts_of_speech(results.columns)
    whole = sum(pairs[0][0] for _, pairs in parts)
    wins: dict[str, list[str]] = {}
    open_: list[str] = []
    for pos, pairs in parts:
        if pairs[0][0] >= whole / 100 and (lead := leads.get(pos)):
            named = "what is not a word" if pos == BANDS[-1] else pos_name(pos)
            (wins.setdefault(lead.a, []) if lead.high < 0 else open_).append(named)
    sentences = [f"{name} pays the fewest bits for {listing(cheapest)}" for name, cheapest in wins.items()]
    if open_:
        sentences.append(f"for {listing(open_)} the two best columns cannot be told apart")
    return (
        f"By part of speech, of those that make up a hundredth of the text, {'; '.join(sentences)} (95\u202f% "
        f"intervals over {part(results.comparison)}s, wide enough for all parts of speech together)."
    )


def hapaxes(comparison: Comparison) -> str:
    """Hapaxes as a share of types and of tokens, which are not the same thing."""
    facts = comparison.corpus.coverage
    shares = (
        f"{count(facts.hapax_types)} {'appears' if facts.hapax_types == 1 else 'appear'} only once: "
        f"{percent(facts.hapax_type_share)} of the distinct tokens, and {percent(facts.hapax_token_share)} of the "
        f"running text."
    )
    return (
        f"The training text has {count(facts.tokens)} tokens (words and punctuation marks), {count(facts.types)} of "
        f"them distinct. {shares if facts.hapax_types else 'None appears only once.'}"
    )


def forecasts(comparison: Comparison) -> dict[str, float]:
    """The forecasts of the unseen share by name; none can leave out a block, or the only training document."""
    corpus = comparison.corpus
    made = {FORECASTS["good_turing"]: corpus.coverage.good_turing}
    if corpus.unit != BLOCK and corpus.train_documents > 1:
        made[FORECASTS["leave_one_out"]] = corpus.coverage.leave_one_out
    return made


def unseen(comparison: Comparison) -> str:
    """The actual unseen rate, and which forecast came closer to it."""
    facts, made = comparison.corpus.coverage, forecasts(comparison)
    nearer = min(made, key=lambda name: abs(made[name] - facts.unseen_token_share))
    judged = f"Both forecasts use only the training text; {nearer} comes closer."
    if len(made) == 1:
        why = "blocks are no documents" if comparison.corpus.unit == BLOCK else "it is a single document"
        judged = f"The forecast uses only the training text; {why}, so none could be left out."
    return (
        f"Of the {count(facts.test_tokens)} held-out tokens, {percent(facts.unseen_token_share)} never occur in "
        f"training; they make up {percent(facts.unseen_character_share)} of the characters, the spaces before them "
        f"not included. {judged}"
    )

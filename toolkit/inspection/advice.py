"""Advice in plain words. Every sentence follows from figures of the inspection, and is left out where they are not."""

from collections.abc import Callable, Iterable, Iterator

from toolkit.evaluation.language import characters_as_words
from toolkit.evaluation.power import permutations_needed
from toolkit.inspection.tables import pair
from toolkit.report.names import compressor
from toolkit.results.corpus import DOCUMENT
from toolkit.results.inspection import InspectedColumn, Inspection
from toolkit.results.sentences import say
from toolkit.results.text import listing, plural

IN_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
MUCH_MORE = 1.5  # times as much: worth a sentence
MOSTLY = 0.5  # of a network's parameters
LONG_TRAINING = 600  # seconds


def advice(inspection: Inspection) -> list[str]:
    """The sentences, in the order of their importance."""
    return [sentence for topic in TOPICS for sentence in topic(inspection)]


def one_token_in(share: float) -> str:
    """A share of tokens, up to a quarter as "one token in …", in words up to twelve; above it in per cent.

    >>> one_token_in(0.11), one_token_in(0.004), one_token_in(0.4)
    ('one token in nine', 'one token in 250', '40% of the tokens')
    """
    if share > 0.25:
        return f"{share:.0%} of the tokens"
    whole = round(1 / share)
    return f"one token in {IN_WORDS[whole - 1] if whole <= len(IN_WORDS) else format(whole, ',')}"


def spelled(inspection: Inspection) -> Iterator[str]:
    """How many words a word model will spell."""
    text = inspection.text["train"]
    yield from by_column(
        (
            column.column,
            f"The training text has {text.tokens / text.types:.1f} tokens per type: {{}} will spell "
            f"{one_token_in(replaced)} of the held-out text.",
        )
        for column in inspection.columns
        if column.strategy is not None and (replaced := column.coverage.replaced_token_share_test)
    )


def characters(inspection: Inspection) -> Iterator[str]:
    """Columns of words that are characters."""
    yield from (say("sentences.j2", "warning", warning) for warning in characters_as_words(inspection.columns))


def mismatch(inspection: Inspection) -> Iterator[str]:
    """Whether rare words are a smaller share of the training text than rare and unseen ones of the held-out text."""
    rates = [
        (column.column, column.coverage.replaced_token_share_train, column.coverage.replaced_token_share_test)
        for column in inspection.columns
        if column.strategy is not None and not by_documents(inspection, column)
    ]
    yield from by_column(
        (
            name,
            f"Rare words are {train:.1%} of the training tokens, and rare and unseen ones {test:.1%} of the held-out "
            f"tokens, in {{}}: {test / train:.1f} times the share; --rare-max-documents 1 brings the two together.",
        )
        for name, train, test in rates
        if train
        and test / train >= MUCH_MORE
        and inspection.text["corpus"].documents > 1
        and "leave_one_out" not in inspection.forecasts.missing  # there are several training documents
    )


def by_documents(inspection: Inspection, column: InspectedColumn) -> bool:
    """Whether the column's words are rare by the number of their documents already."""
    tables = inspection.settings.get("columns", {})
    return "rare_max_documents" in tables.get(column.column, {})


def own_vocabulary(inspection: Inspection) -> Iterator[str]:
    """Whether documents have words of their own, so that Good–Turing is too low."""
    forecasts = inspection.forecasts
    if (
        forecasts.good_turing
        and forecasts.leave_one_out
        and forecasts.leave_one_out >= MUCH_MORE * forecasts.good_turing
    ):
        yield (
            f"Documents have words of their own: Good–Turing forecasts {forecasts.good_turing:.1%} unseen tokens, but "
            f"{forecasts.leave_one_out:.1%} of a training document's are in no other, and {forecasts.unseen:.1%} of "
            f"the held-out ones are unseen."
        )


def more_text(inspection: Inspection) -> Iterator[str]:
    """What twice the text would do to the unseen share."""
    heaps, unseen = inspection.heaps, inspection.forecasts.unseen
    if heaps is not None and 0 < heaps.end_exponent < 1 and unseen:
        later = unseen * 2 ** (heaps.end_exponent - 1)
        yield (
            f"If the vocabulary goes on growing as at the end of the training text, twice as much of it would bring "
            f"the unseen tokens from {unseen:.1%} to about {later:.1%}."
        )


def floors(inspection: Inspection) -> Iterator[str]:
    """What a network has to beat: n-grams, which do not learn from the held-out text either."""
    counted = {column.counted: column.ngram.bits_per_character.total for column in inspection.columns}
    best = min(counted, key=lambda name: counted[name])
    learning = {compressor(baseline): baseline.bits_per_character for baseline in inspection.baselines}
    fewest = min(learning, key=lambda name: learning[name], default=best)
    of_all = "of all that was counted"
    if learning.get(fewest, counted[best]) < counted[best]:
        of_all = "of what learns from the training text alone"
        yield (
            f"{fewest} needs {learning[fewest]:.3f} bits per character of the held-out text, the fewest of all that "
            f"was counted; but it goes on learning from that text, as a network does only with --adapt."
        )
    yield (
        f"{best} needs {counted[best]:.3f} bits per character of the held-out text, the fewest {of_all}: a network "
        f"that needs more has learnt less than counting finds."
    )


def networks(inspection: Inspection) -> Iterator[str]:
    """Which networks are mostly their vocabulary."""
    if large := [column for column in inspection.columns if column.vocabulary_share > MOSTLY]:
        shares = listing([f"{column.vocabulary_share:.0%} of those of {column.column}" for column in large])
        yield f"Most parameters are in embedding and output, {shares}: a smaller vocabulary makes a smaller network."


def time(inspection: Inspection) -> Iterator[str]:
    """How long training takes where that is long."""
    if long := [column for column in inspection.columns if column.training.seconds > LONG_TRAINING]:
        minutes = listing([f"{column.training.seconds / 60:.0f} minutes for {column.column}" for column in long])
        yield f"On this machine training takes up to {minutes}; --budget ends it sooner."


def test(inspection: Inspection) -> Iterator[str]:
    """Whether the held-out documents are too few to tell columns apart."""
    held_out, columns = inspection.text["test"].documents, len(inspection.columns)
    if columns < 2 or held_out < 2 or inspection.unit != DOCUMENT:
        return
    if held_out < (fewest := permutations_needed(columns)):
        yield (
            f"Only {held_out} documents are held out: with {columns} columns, no test can tell any two of them apart "
            f"with fewer than {fewest}."
        )


def copies(inspection: Inspection) -> Iterator[str]:
    """The worst near-duplicate across the split, which flatters whoever learns by heart."""
    if across := inspection.across:
        others, share = plural(len(across) - 1, "more pair"), "shares" if len(across) == 2 else "share"
        more = f", and {others} of documents in different parts {share} much" if len(across) > 1 else ""
        yield f"{pair(across[0])}{more}: remove one of the two, or what they share."


TOPICS: tuple[Callable[[Inspection], Iterator[str]], ...] = (
    characters, copies, spelled, mismatch, own_vocabulary, more_text, floors, networks, time, test,
)  # fmt: skip


def by_column(sentences: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Sentences about columns, each a name and the sentence with ``{}`` in its place; equal ones are said once.

    >>> list(by_column([("bpe", "Fast: {}."), ("char", "Slow: {}."), ("word:unk", "Fast: {}.")]))
    ['Fast: bpe and word:unk.', 'Slow: char.']
    """
    names: dict[str, list[str]] = {}
    for name, sentence in sentences:
        names.setdefault(sentence, []).append(name)
    yield from (sentence.replace("{}", listing(of_sentence)) for sentence, of_sentence in names.items())

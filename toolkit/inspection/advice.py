"""The decisions behind an inspection's advice. Its words are in results/advice.j2."""

from toolkit.evaluation.estimate import permutations_needed
from toolkit.evaluation.warnings import characters_as_words
from toolkit.report.names import compressor
from toolkit.results.corpus import DOCUMENT
from toolkit.results.inspection import Advice, Inspection, ModelAdvice, TextAdvice

MUCH_MORE = 1.5  # times as much
MAX_VOCABULARY_SHARE = 0.5  # of a network's parameters
MAX_TRAINING_SECONDS = 600


def advice(inspection: Inspection) -> list[Advice]:
    """Return the advice that follows from the figures of an inspection, the most important first."""
    text = [
        Advice(kind="characters_as_words", columns=warning.columns, value=warning.value)
        for warning in characters_as_words(inspection.columns)
    ]
    if across := sum(overlap.part != overlap.other_part for overlap in inspection.overlaps):
        text.append(Advice(kind="near_duplicates", value=across))
    return [*text, *_rare_words(inspection), *_new_words(inspection), *_floors(inspection), *_columns(inspection)]


def _by_column(kind: TextAdvice | ModelAdvice, numbers: dict[str, float]) -> list[Advice]:
    return [Advice(kind=kind, columns=list(numbers), value=numbers)] if numbers else []


def _rare_words(inspection: Inspection) -> list[Advice]:
    """Words that columns spell, and columns whose training text has a much smaller share of rare words."""
    coverage = {column.column: column.coverage for column in inspection.columns if column.strategy is not None}
    spelled = {name: facts.replaced_token_share_test for name, facts in coverage.items()}
    train = {name: facts.replaced_token_share_train for name, facts in coverage.items()}
    tables = inspection.settings.get("columns", {})
    ratios = {
        name: spelled[name] / share
        for name, share in train.items()
        if share and spelled[name] / share >= MUCH_MORE and "rare_max_documents" not in tables.get(name, {})
    }
    if inspection.text["corpus"].documents == 1 or "leave_one_out" in inspection.forecasts.missing:
        ratios = {}  # rarity by documents needs several training documents
    return [
        *_by_column("spelled_words", {name: share for name, share in spelled.items() if share}),
        *_by_column("rarity_mismatch", ratios),
    ]


def _new_words(inspection: Inspection) -> list[Advice]:
    """Forecasts of unseen words: documents with vocabularies of their own, and what twice the text gives."""
    forecasts, heaps, new_words = inspection.forecasts, inspection.heaps, []
    shares = {"good_turing": forecasts.good_turing, "leave_one_out": forecasts.leave_one_out}
    known = {name: share for name, share in shares.items() if share}
    if len(known) == 2 and known["leave_one_out"] >= MUCH_MORE * known["good_turing"]:
        new_words.append(Advice(kind="document_vocabulary", value=known | {"unseen": forecasts.unseen}))
    if heaps is not None and 0 < heaps.end_exponent < 1 and forecasts.unseen:
        doubled = forecasts.unseen * 2 ** (heaps.end_exponent - 1)
        new_words.append(Advice(kind="more_text", value={"unseen": forecasts.unseen, "doubled": doubled}))
    return new_words


def _floors(inspection: Inspection) -> list[Advice]:
    """The best n-gram, after a compressor that beats it because it keeps learning from the held-out text."""
    ngrams = {column.counted: column.ngram.bits_per_character.total for column in inspection.columns}
    adapting = {compressor(baseline): baseline.bits_per_character for baseline in inspection.baselines}
    best, best_adapting = (min(bits, key=lambda name: bits[name], default="") for bits in (ngrams, adapting))
    floor = [Advice(kind="floor", columns=[best], value=ngrams[best])]
    if adapting and adapting[best_adapting] < ngrams[best]:
        floor.insert(0, Advice(kind="adapting_compressor", columns=[best_adapting], value=adapting[best_adapting]))
    return floor


def _columns(inspection: Inspection) -> list[Advice]:
    """Networks that are mostly vocabulary or train long, and too few held-out documents for the number of columns."""
    columns, documents = inspection.columns, inspection.text["test"].documents
    shares = {c.column: c.vocabulary_share for c in columns if c.vocabulary_share > MAX_VOCABULARY_SHARE}
    seconds = {c.column: c.training.seconds for c in columns if c.training.seconds > MAX_TRAINING_SECONDS}
    about = _by_column("large_vocabulary", shares) + _by_column("long_training", seconds)
    if len(columns) > 1 and documents > 1 and inspection.unit == DOCUMENT:
        needed = permutations_needed(len(columns))
        if documents < needed:
            counts: dict[str, float] = {"documents": documents, "needed": needed}
            about.append(Advice(kind="few_documents", columns=[c.column for c in columns], value=counts))
    return about

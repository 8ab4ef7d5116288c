"""The decisions behind an inspection's advice. Its words are in results/advice.j2."""

from toolkit.evaluation.language import characters_as_words
from toolkit.evaluation.power import permutations_needed
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
    tables, spelled, ratios = inspection.settings.get("columns", {}), dict[str, float](), dict[str, float]()
    # Rarity by documents needs several training documents.
    few = inspection.text["corpus"].documents == 1 or "leave_one_out" in inspection.forecasts.missing
    for column in inspection.columns:
        name, coverage = column.column, column.coverage
        if column.strategy is not None and (share := coverage.replaced_token_share_test):
            spelled[name] = share
            rare = coverage.replaced_token_share_train
            if not few and rare and share / rare >= MUCH_MORE and "rare_max_documents" not in tables.get(name, {}):
                ratios[name] = share / rare
    return _by_column("spelled_words", spelled) + _by_column("rarity_mismatch", ratios)


def _new_words(inspection: Inspection) -> list[Advice]:
    """Forecasts of unseen words: documents with vocabularies of their own, and what twice the text gives."""
    forecasts, heaps, new_words = inspection.forecasts, inspection.heaps, []
    known, left_out = forecasts.good_turing, forecasts.leave_one_out
    if known and left_out and left_out >= MUCH_MORE * known:
        shares = {"good_turing": known, "leave_one_out": left_out, "unseen": forecasts.unseen}
        new_words.append(Advice(kind="document_vocabulary", value=shares))
    if heaps is not None and 0 < heaps.end_exponent < 1 and forecasts.unseen:
        doubled = forecasts.unseen * 2 ** (heaps.end_exponent - 1)
        new_words.append(Advice(kind="more_text", value={"unseen": forecasts.unseen, "doubled": doubled}))
    return new_words


def _floors(inspection: Inspection) -> list[Advice]:
    """The best n-gram, after a compressor that beats it because it keeps learning from the held-out text."""
    best = min(inspection.columns, key=lambda column: column.ngram.bits_per_character.total)
    bits = best.ngram.bits_per_character.total
    floors = [Advice(kind="floor", columns=[best.counted], value=bits)]
    for adapting in sorted(inspection.baselines, key=lambda baseline: baseline.bits_per_character)[:1]:
        if adapting.bits_per_character < bits:
            names = [compressor(adapting)]
            floors.insert(0, Advice(kind="adapting_compressor", columns=names, value=adapting.bits_per_character))
    return floors


def _columns(inspection: Inspection) -> list[Advice]:
    """Networks that are mostly vocabulary or train long, and too few held-out documents for the number of columns."""
    columns, documents = inspection.columns, inspection.text["test"].documents
    shares = {c.column: c.vocabulary_share for c in columns if c.vocabulary_share > MAX_VOCABULARY_SHARE}
    seconds = {c.column: c.training.seconds for c in columns if c.training.seconds > MAX_TRAINING_SECONDS}
    about = _by_column("large_vocabulary", shares) + _by_column("long_training", seconds)
    needed = permutations_needed(len(columns)) if len(columns) > 1 else 0
    if 1 < documents < needed and inspection.unit == DOCUMENT:
        counts: dict[str, float] = {"documents": documents, "needed": needed}
        about.append(Advice(kind="few_documents", columns=[c.column for c in columns], value=counts))
    return about

"""Texts side by side: samples, passages of held-out text word by word, a sentence cut by each model, a blind test.

A unit is a neutral word with the space before it, or the text between words: the same for every column.
"""

import re
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Any

from toolkit.report.columns import ColumnResult, Results
from toolkit.results.bits import AUTHOR, Passage, Reading, Why
from toolkit.results.generated import Generated, Sample
from toolkit.results.text import cut, decimals
from toolkit.text.neutral import word_spans

BIT_BANDS = (4, 9, 15)  # bits of a word at which the next shade begins
RANK_BANDS = (10, 100, 1000)  # ranks above which the next shade begins, as in GLTR (Gehrmann et al. 2019)
TITLE_CHARACTERS = 80
TITLES: dict[Why, str] = {
    "middle": "the middle of {p.document}, chosen before anything was measured",
    "ahead": "{p.best} most ahead of {p.other}",
    "behind": "{p.best} most behind {p.other}",
}
SENTENCE = re.compile(r"[.!?][\"'”’»]?\s+(?=\S)")
SENTENCE_CHARACTERS = 90  # of the sentence that every model cuts
REAL_WORDS = "real_word_rate"  # a measure
SAMPLES, SHOWN_CHARACTERS = 5, 600  # of each column at its temperature, and of each sample
# Passages of the blind test are cut to about the same length, so only the writing distinguishes them.
PASSAGE_CHARACTERS = 220  # at most
WHITE_SPACE_WINDOW = 40  # characters searched for white space
PROMPT_CHARACTERS = 40  # skipped at the beginning of a text, which continues a prompt
PASSAGES_PER_COLUMN = 5


def readers(results: Results) -> list[ColumnResult]:
    """Return the columns that have read every passage, the pair of the page first."""
    passages = results.comparison.passages
    ordered = dict.fromkeys(column.name for column in (*results.pair, *results.columns))
    columns = [results.by_name[name] for name in ordered]
    return [
        column for column in columns if passages and all(column.name in passage.readings for passage in passages)
    ]


def explorer(results: Results) -> dict[str, Any] | None:
    """Return the data of the page's script: passages with bits, ranks and expectations; None without passages."""
    if not (columns := readers(results)):
        return None
    return {
        "columns": [{"name": column.name, "colour": column.colour} for column in columns],
        "bands": {"bits": BIT_BANDS, "rank": RANK_BANDS},
        "passages": [
            _explored(passage, [column.name for column in columns]) for passage in results.comparison.passages
        ],
    }


def _explored(passage: Passage, columns: list[str]) -> dict[str, Any]:
    return passage.model_dump(include={"document", "start", "text", "starts"}) | {
        "title": cut(TITLES[passage.why].format(p=passage), TITLE_CHARACTERS),
        "bits": [[round(bits, 3) for _, bits in units(passage, column)] for column in columns],
        "readings": [_packed(passage.readings[column]) for column in columns],
    }


def _packed(reading: Reading) -> dict[str, Any]:
    """Return a reading with flat lists of each event's likeliest tokens: token, percent, token, percent …"""
    guesses = [zip(*pair, strict=True) for pair in zip(reading.likeliest, reading.probabilities, strict=True)]
    likeliest = [
        [x for token, p in guess if round(100 * p) for x in (token, round(100 * p))] for guess in guesses
    ]
    return reading.model_dump(include={"tokens", "ids", "widths", "ranks"}) | {
        "bits": [round(bits, 3) for bits in reading.bits],
        "likeliest": likeliest,
    }


def units(passage: Passage, column: str) -> list[tuple[str, float]]:
    """Return text and bits of the units of a passage."""
    text, bits = passage.text, passage.bits[column]
    places = pairwise([*passage.starts, len(text)])
    return [(text[start:end], sum(bits[start:end])) for start, end in places]


def sentence(passage: Passage) -> tuple[int, int]:
    """Return where a sentence of the passage begins, and where it ends or is cut between two units."""
    text = passage.text
    first = SENTENCE.search(text, 0, len(text) // 2)
    begin = first.end() if first else 0
    last = begin + SENTENCE_CHARACTERS
    stops = [match.start() + 1 for match in SENTENCE.finditer(text, begin)]
    whole = [place for place in stops if (begin + last) / 2 < place <= last]
    cuts = [place for place in (*passage.starts, len(text)) if begin < place <= last]
    return begin, max(whole or cuts, default=len(text))


def tokens(passage: Passage, column: ColumnResult) -> list[tuple[str, str]]:
    """Return the tokens of the sentence as a column cuts it: the text of each, and the name of its class or mark.

    The name is empty for a token of the vocabulary that is its text.
    """
    reading, (begin, end) = passage.readings[column.name], sentence(passage)
    places = [0, *accumulate(reading.widths)]
    shown = []
    for id_, (start, stop) in zip(reading.ids, pairwise(places), strict=True):
        name = reading.tokens[id_]
        text = passage.text[max(start, begin) : min(stop, end)]
        is_named = name.startswith("<") and name.endswith(">") and name != text.strip()
        if text or (is_named and start == stop and begin <= start < end):
            shown.append((text, name.strip("<>") if is_named else ""))
    return shown


def written_cards(results: Results) -> list[dict[str, Any]]:
    """Return for each column that wrote samples its cards, each with its text in stretches.

    The key of a card is what a reader chooses: the number of its prompt, its temperature if it is a variation of the
    first prompt, and its number among the samples.
    """
    cards = []
    for column, generated in results.written:
        samples = generated.samples[:SAMPLES]
        prompts = list(dict.fromkeys(sample.prompt for sample in (*samples, *generated.variations)))
        texts = {f"0//{number}": sample for number, sample in enumerate(samples, 1)}
        for sample in generated.variations:
            place = prompts.index(sample.prompt)
            texts[f"{place}/{'' if place else decimals(sample.temperature, 1)}/1"] = sample
        has_list = REAL_WORDS in generated.measures  # of the words of the language
        invented = set(generated.new_words["invented"]) if has_list else set()
        of_column: list[dict[str, Any]] = [
            {"key": key, "sample": sample, "stretches": list(stretches(sample, invented))}
            for key, sample in texts.items()
        ]
        facts = {"column": column, "generated": generated, "prompts": prompts, "facts": _facts(generated)}
        kinds = [kind for card in of_column for _, kind, _ in card["stretches"]]
        cards.append(facts | {"cards": of_column, "kinds": kinds})
    return cards


def _facts(generated: Generated) -> dict[str, tuple[float, float]]:
    """Return the shares of invented words and of copied sequences of words, each beside the author's."""
    names = {"invented": REAL_WORDS, "copied": "novelty_5"}
    measured = {fact: generated.measures[name] for fact, name in names.items() if name in generated.measures}
    return {fact: (1 - measure.value, 1 - measure.author) for fact, measure in measured.items()}


def stretches(sample: Sample, invented: set[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the shown text of a sample in stretches, each with its kind and the class of its placeholder.

    The kind is "fill" for a word that replaces a placeholder, "invented" for an invented word, or empty.
    """
    text, place = sample.text[:SHOWN_CHARACTERS], 0
    spans = [(fill.start, fill.end, "fill", fill.name) for fill in sample.fills]
    spans += [(end - len(word), end, "invented", "") for _, end, word in word_spans(text) if word in invented]
    for start, end, kind, name in sorted(spans):
        if start >= place and end <= len(text):
            yield text[place:start], "", ""
            yield text[start:end], kind, name
            place = end
    yield text[place:], "", ""


def blind(results: Results) -> list[tuple[str, str]]:
    """Return a blind test, text and writer of each passage: is it by the author or by a model?

    It is empty without passages of both.
    """
    written = [
        (passage, column.name)
        for column, generated in results.written
        for sample in generated.samples[:PASSAGES_PER_COLUMN]
        if (passage := cut_passage(sample.text))
    ]
    texts = results.comparison.author_passages[: len(written)]
    by_author = [passage for text in texts if (passage := cut_passage(text))]
    return [*((text, AUTHOR) for text in by_author), *written] if by_author else []


def cut_passage(text: str) -> str:
    """Return a passage from the first white space behind the text's beginning to the last that fits.

    Without white space it begins or ends anywhere. It is empty if the text is too short.
    """
    window = range(PROMPT_CHARACTERS, PROMPT_CHARACTERS + WHITE_SPACE_WINDOW)
    if len(text) < window.stop + PASSAGE_CHARACTERS:
        return ""
    start = next((place for place in window if text[place].isspace()), PROMPT_CHARACTERS)
    end = start + PASSAGE_CHARACTERS
    space = max(text.rfind(sign, end - WHITE_SPACE_WINDOW, end + 1) for sign in " \n")
    return text[start : space if space > 0 else end].strip()

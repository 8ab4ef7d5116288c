"""A comparison as the evaluator would make it, from invented numbers and an invented text."""

import math
import random
import re
from collections.abc import Mapping
from itertools import combinations
from typing import Any

from toolkit.evaluation.answer import answer
from toolkit.evaluation.metrics import measures
from toolkit.results.bits import (
    BANDS,
    Band,
    BitsPerCharacter,
    ClassBits,
    DocumentBits,
    Noise,
    PartOfSpeech,
    Share,
    Verified,
)
from toolkit.results.cell import (
    Cell,
    CellCoverage,
    ClassCoverage,
    FailedCell,
    HistoryRow,
    MultiplyAdds,
    RunBytes,
)
from toolkit.results.comparison import SENTENCES, Comparison
from toolkit.results.conclusions import Contrast, Difference, Sweep, SweptValue
from toolkit.results.corpus import DOCUMENT, CorpusFacts, Coverage, SplitNames
from toolkit.results.generated import (
    SHOWN,
    AtTemperature,
    Copy,
    Fill,
    Filled,
    Generated,
    Lane,
    Mark,
    Measured,
    MeasureValue,
    Sample,
    TellingNgram,
    TemperatureSweep,
    ToldApart,
)  # fmt: skip
from toolkit.results.rows import Baseline, Row
from toolkit.results.sentences import say
from toolkit.results.words import Passage, Reading, WordBits, WordType

PASSAGE = (
    "The lamp at Orrin Stair had been lit for eleven nights, and on the twelfth it was Mrs. Quillane who climbed up to "
    "see why.\n\n“There's nobody here,” she called down; but the oil was warm, and the wick new-trimmed, and in the "
    "dust of the sill somebody had written the number of her house & crossed it out.\n\nShe did not come down by the "
    "stair. We heard her, all that winter, on the other side of the glass — walking, and now and then stopping, as one "
    "does who has forgotten what she came for. The harbour-master entered it as weather."
)
SECOND = (
    "I had the ledger from my uncle, who had it from the sea. Every page was ruled for forty drowned, and every line "
    "was filled; only the last column, headed <returned>, stood empty, in a hand I knew for mine.\n"
)
PROMPTS = ("The lamp ", "It was in the winter of ")
CHARACTERS = (4_900, 3_700, 13_800, 16_400, 36_200, 13_123)  # of the six bands
TEST = sum(CHARACTERS)
DOCUMENTS = [f"tale_{i:02}" for i in range(45)]
WRITTEN = {
    "char": "was the stair of the dook that the water had been and the marrish of the lampering stood upon the hand of "
    "the sea, and I was not the thing that had come to the wall. The old manter said nothing of it",
    "word": "had been taken from the church, and the old keeper of the harbour said that he would not go down again. "
    "“There is a thing,” he wrote, “that keeps the number of the drowned,” and the door was shut",
}
MEASURES = {
    "letters_jsd": (0.0011, 0.0004), "word_lengths_jsd": (0.0062, 0.0021), "sentence_lengths_jsd": (0.0534, 0.0307),
    "pos_jsd": (0.0113, 0.0029), "the_per_10k": (742.1, 689.4), "ing_per_10k": (212.0, 264.3),
    "ed_per_10k": (498.8, 521.7), "tion_per_10k": (31.2, 58.9), "prepositions_pronouns_share": (0.241, 0.233),
    "real_word_rate": (0.934, 0.991),
    "distinct_1": (0.288, 0.341), "distinct_2": (0.774, 0.871), "distinct_3": (0.951, 0.986),
    "repetition_4": (0.0131, 0.0022),
    "novelty_5": (0.9812, 0.9951), "longest_copy_characters": (41.0, 33.0), "two_sample_auc": (0.981, 0.527),
}  # fmt: skip

NOVELTY = [0.1, 0.53, 0.89, 0.98, 0.995, 0.999, 1.0, 1.0, 1.0, 1.0]


def passage_bits(text: str, column: str, seed: int = 0) -> list[float]:
    """Bits per character of the text: each character its own for char, a word's spread over it otherwise."""
    rng = random.Random(f"{column}{seed}")
    if column.startswith("char"):
        starts = [i == 0 or not text[i - 1].isalpha() for i in range(len(text))]
        return [abs(rng.gauss(4.5 if start else 1.7, 1.6)) for start in starts]
    bits: list[float] = []
    for token in re.findall(r"\s*[\w'’-]+|\s*[^\w\s]|\s+", text):
        paid = rng.uniform(1.5, 13) + (rng.uniform(10, 26) if len(token) > 8 else 0)
        bits += [paid / len(token)] * len(token)
    return bits


def starts(text: str) -> list[int]:
    """Where each word, with the space before it, and what stands between words begins."""
    places = {place for match in re.finditer(r"(?:(?<!\s) )?\w+(?:['’]\w+)*", text) for place in match.span()}
    return sorted({0, *places} - {len(text)})


def reading(text: str, column: str) -> Reading:
    """The events behind ``passage_bits``: characters or words, of which long ones are a class with a spelled word."""
    bits = passage_bits(text, column)
    cut = list(text) if column.startswith("char") else re.findall(r"\s*[\w'’-]+|\s*[^\w\s]|\s+", text)
    ends = [sum(map(len, cut[: i + 1])) for i in range(len(cut))]
    paid = [sum(bits[end - len(token) : end]) for token, end in zip(cut, ends, strict=True)]
    classes = [column.startswith("word") and len(token) > 8 for token in cut]
    names = ["<NOUN>" if rare else token.strip() or token for token, rare in zip(cut, classes, strict=True)]
    tokens = list(dict.fromkeys(["the", "of", *names]))
    return Reading(
        tokens=tokens,
        ids=[tokens.index(name) for name in names],
        widths=list(map(len, cut)),
        bits=[of - 9 if rare else of for of, rare in zip(paid, classes, strict=True)],
        spelled=[9.0 if rare else 0.0 for rare in classes],
        spelling_part=2,
        parts=[1 if rare else 0 for rare in classes],
        ranks=[3 + i % 5 for i in range(len(cut))],
        likeliest=[[0, 1] for _ in cut],
        probabilities=[[0.25, 0.125] for _ in cut],
    )


def _parts(total: float, column: str) -> BitsPerCharacter:
    words = column.startswith("word")
    shares = (0.53, 0.06, 0.26, 0.149, 0.001) if words else (0.835, 0, 0.0005, 0.164, 0.0005)
    parts = dict(zip(("words", "classes", "spelling", "spacing", "document_ends"), shares, strict=True))
    return BitsPerCharacter(total=total, **{name: total * share for name, share in parts.items()})


def _parts_of_speech(total: float, column: str) -> list[PartOfSpeech]:
    rng = random.Random(column)
    characters = {
        "ADJ": 6_010, "ADP": 7_200, "ADV": 4_100, "AUX": 3_900, "CCONJ": 3_000, "DET": 8_400, "INTJ": 90,
        "NOUN": 20_300, "NUM": 800, "PART": 2_100, "PRON": 8_100, "PROPN": 3_300, "SCONJ": 1_900,
        "SYM": 12, "VERB": 14_600, "X": 60,
    }  # fmt: skip
    characters["not a word"] = TEST - sum(characters.values())
    rates = {pos: 2.4 + rng.gauss(0, 0.25) + (1.2 if pos in ("NOUN", "PROPN", "NUM") else 0) for pos in characters}
    scale = total * TEST / sum(rates[pos] * n for pos, n in characters.items())
    return [
        PartOfSpeech(pos=pos, characters=n, bits=n * rates[pos] * scale, documents=[]) for pos, n in characters.items()
    ]


def _bands(total: float, column: str) -> list[Band]:
    rates = (4.9, 4.1, 3.0, 2.3, 1.7, 1.9) if column.startswith("char") else (5.2, 4.6, 2.8, 2.1, 1.6, 2.0)
    scale = total * TEST / sum(r * n for r, n in zip(rates, CHARACTERS, strict=True))
    triples = zip(BANDS, CHARACTERS, rates, strict=True)
    return [Band(band=band, characters=n, bits=n * rate * scale, documents=[]) for band, n, rate in triples]


def _documents(total: float) -> list[DocumentBits]:
    sizes = [TEST // 9 + (TEST % 9 if i == 0 else 0) for i in range(9)]
    return [DocumentBits(name=f"tale_{36 + i:02}", characters=n, bits=n * total) for i, n in enumerate(sizes)]


def _history(total: float, rows: int, rng: random.Random) -> list[HistoryRow]:
    found = []
    for i in range(1, rows + 1):
        valid = total + 2.6 * math.exp(-9 * i / rows) + rng.gauss(0, 0.008)
        found.append(
            HistoryRow(
                updates=i * 25, characters_seen=i * 64_000, seconds=i * 1.9, train_bits_per_character=valid - 0.05,
                valid_bits_per_character=valid,
            )
        )  # fmt: skip
    return found


def _classes(column: str) -> list[ClassCoverage]:
    if not column.startswith("word"):
        return []
    names = ("NOUN", "ADJ", "VERB", "PROPN", "ADV", "PUNCT", "<OTHER>") if "pos" in column else ("<UNK>",)
    if "cluster" in column:
        names = tuple(f"cluster {i}" for i in range(60))
    examples = ["gleed", "barmkin", "unslokened", "kail-pot", "Quillane", "harbour-master", "yett", "knowe"]
    return [
        ClassCoverage(name=name, train_types=2100 // (i + 1), train_tokens=2300 // (i + 1), test_tokens=870 // (i + 1),
                      examples=examples[i:] + examples[:i])
        for i, name in enumerate(names)
    ]  # fmt: skip


def _class_bits(column: str) -> list[ClassBits]:
    return [
        ClassBits(name=of_class.name, count=of_class.test_tokens, announced=4.3 * of_class.test_tokens, spelled=6_400.0)
        for of_class in _classes(column)
    ]


MARKED = {
    "copied": "and the old keeper of the harbour|the stair of the dook that the water|that keeps the number of the",
    "real": "lampering", "plausible": "marrish|harbourn|keepern|numbern", "broken": "dook",
}  # fmt: skip


def marks(text: str) -> list[Mark]:
    """Copies that overlap with placeholders and with new words, and new words of every kind."""
    places = [(kind, match.span()) for kind, words in MARKED.items() for match in re.finditer(words, text)]
    sources = {"copied": {"document": "tale_02", "place": 1_234}}
    marked = [Mark(start=start, end=end, kind=kind, **sources.get(kind, {})) for kind, (start, end) in places]
    return sorted((mark for mark in marked if mark.start < SHOWN), key=lambda mark: mark.start)


def sample(prompt: str, seed: int, temperature: float, text: str, words: bool) -> Sample:
    """A sample in which, for words, the harbour, the keeper and the number stand for placeholders."""
    if not words:
        return Sample(
            prompt=prompt, seed=seed, temperature=temperature, text=text, fills=[], marks=marks(text), spelled=None
        )
    spans = [match.span() for match in re.finditer("harbour|keeper|number", text)]
    fills = [Fill(start=start, end=end, name="NOUN") for start, end in spans]
    spelled = [Fill(start=f.start + i, end=f.end + i + 1, name=f.name) for i, f in enumerate(fills)]
    text_spelled = re.sub("(harbour|keeper|number)", r"\1n", text)
    return Sample(
        prompt=prompt, seed=seed, temperature=temperature, text=text, fills=fills, marks=marks(text),
        spelled=Filled(text=text_spelled, fills=spelled, marks=marks(text_spelled)),
    )  # fmt: skip


def temperatures(author: float, shift: float, column: str | None = None) -> TemperatureSweep:
    """Texts that repeat less, and are less likely, at each higher temperature; of a column, two of each are kept."""
    points = [
        AtTemperature(
            temperature=t / 10, repetition=0.2 * math.exp(-(t - 5) / 2), bits=2.0 + shift + t / 10,
            samples=[] if column is None else [swept_sample(column, t / 10, seed) for seed in (1500, 1501)],
        )
        for t in range(5, 13)
    ]  # fmt: skip
    return TemperatureSweep(
        characters=1_000, texts=5, points=points, author_repetition=author, author_bits=2.6, matched=0.81, reached=True
    )


def swept_sample(column: str, temperature: float, seed: int) -> Sample:
    """A sample that says at which temperature and with which seed it was written."""
    words = column.startswith("word")
    text = f"at {temperature}, by {seed}, {WRITTEN['word' if words else 'char']}"
    return sample(PROMPTS[0], seed, temperature, text, words)


def told(word: str, p: float) -> ToldApart:
    """A classifier that a string betrays."""
    ngrams = [TellingNgram(text=f" {word}{i}", samples=30 - i, author=2) for i in range(10)]
    return ToldApart(area=0.9, p=p, labellings=126, passages=50, samples=ngrams, author=ngrams[::-1])


def lane(measures: dict[str, MeasureValue], words: str, p: float, sweep: TemperatureSweep | None = None) -> Lane:
    """Texts beside the samples, whose measures are the author's."""
    new = {"real": [f"{words}ings"], "plausible": [f"{words}ard", "keepern"], "broken": [f"{words}xq"]}
    author = {
        name: Measured(value=value.author, low=None, high=None, p=value.p and 1.0) for name, value in measures.items()
    }
    temperature = sweep.matched if sweep else None
    return Lane(
        temperature=temperature, sweep=sweep, characters=10_000, measures=author, novelty=NOVELTY,
        told_apart=told(words, p), new_words=new,
    )  # fmt: skip


def beside_samples(column: str, measures: dict[str, MeasureValue]) -> dict[str, Any]:
    """What is said of samples besides their measures."""
    words = column.startswith("word")
    new = {"real": ["lampering"], "plausible": ["marrish", "gleedern"], "broken": [] if words else ["qxzt"]}
    return {
        "matched": True,
        "measured_characters": 2_000,
        "sweep": temperatures(0.032, 0.1 if words else 0.4, column),
        "novelty": NOVELTY,
        "told_apart": told("dook", 0.31 if words else 1 / 126),
        "copies": [
            Copy(
                sample=1, start=40, characters=33, words=7, text="and the old keeper of the harbour",
                document="tale_01", place=1_204, before="stood, ", after=" said no",
            )
        ],
        "new_words": new,
        "author": lane(measures, "holm", 0.6),
        "another": lane(measures, "garth", 0.2),
        "counted": lane(measures, "slype", 0.01, temperatures(0.032, 0.2)),
    }  # fmt: skip


def word_bits(names: list[str]) -> WordBits:
    """Two dozen words, for which each column pays something of its own."""
    words = (
        "lamp",
        "stair",
        "oil",
        "wick",
        "sill",
        "winter",
        "glass",
        "Quillane",
        "harbour",
        "drowned",
        "ledger",
        "uncle",
    )
    types = [
        WordType(text=word + end, count=1 + i % 7, band=BANDS[i % 5])
        for i, (word, end) in enumerate((word, end) for word in words for end in ("", "s"))
    ]
    rng = random.Random(5)
    bits = {name: [rng.uniform(3, 60) for _ in types] for name in names}
    return WordBits(each_way=12, words=types, bits=bits, intervals=[], complete=True, among=2_000)


EXTRA = {"1 % of letters": 0.1, "5 % of letters": 0.5, "lower case": 0.05}


def _extra(name: str, column: str) -> float:
    """Extra bits per character: words pay half as much again for typing errors, and hardly more for lower case."""
    more = 1.5 if "letters" in name else 1.1
    return EXTRA[name] * (more if column.startswith("word") else 1)


def _noise(total: float, column: str) -> list[Noise]:
    return [
        Noise(
            name=name, letters=68_000, changed=3_400, characters=TEST, clean_bits=TEST * total,
            bits=TEST * (total + _extra(name, column)),
            documents=[Share(characters=d.characters, bits=d.characters * _extra(name, column))
                       for d in _documents(total)],
        )
        for name in EXTRA
    ]  # fmt: skip


def _noise_differences(names: list[str]) -> list[Difference]:
    """Intervals of ± 0.01."""
    differences = []
    for noise in EXTRA:
        for a, b in combinations([*names, None], 2):
            difference = _extra(noise, str(a)) - (0.0 if b is None else _extra(noise, b))
            p = 1.0 if abs(difference) < 0.01 else 0.0005
            differences.append(interval(str(a), b, difference, 0.01, over="noise", at=noise, p=p))
    return differences


def cell(column: str, total: float, seed: int = 1, rows: int = 60, prompts: tuple[str, ...] = PROMPTS) -> Cell:
    """One column trained with one seed."""
    rng = random.Random(f"{column}{seed}")
    words = column.startswith("word")
    written = WRITTEN["word" if words else "char"]
    texts = [f"{written}.\n\nNobody, in the {i + 40} years since, {written}." for i in range(len(prompts))]
    samples = [
        sample(prompt, seed, 0.81 if words else 0.64, text, words) for prompt, text in zip(prompts, texts, strict=True)
    ]
    measures = {
        name: MeasureValue(
            value=value * (1.02 if words else 0.97),
            low=value * 0.9,
            high=value * 1.1 if value > 1 else min(1.0, value * 1.1),
            author=author,
            p=None if name == "two_sample_auc" else 0.01 if abs(value - author) > author / 20 else 0.5,
        )
        for name, (value, author) in MEASURES.items()
    }
    tokens = 19_321 if words else TEST + 9
    return Cell(
        column=column, tokenizer=column.partition(":")[0], strategy=column.partition(":")[2] or None, model="lstm",
        seed=seed, fraction=1.0, run=f"runs/{column.replace(':', '-')}-{seed}", digest="5e" * 32,
        bits_per_character=_parts(total, column), bits_per_byte=total * 0.983, class_bits=_class_bits(column),
        multiply_adds_per_character=MultiplyAdds(train=301_000.5, score=100_333.25), by_frequency=_bands(total, column),
        by_part_of_speech=_parts_of_speech(total, column), documents=_documents(total),
        perplexity_per_token=91.4 if words else 2**total, word_perplexity=2 ** (total * 5.31),
        tokens=tokens, vocabulary_size=2_841 if words else 87, parameters=1_913_224 if words else 712_535,
        embedding_parameters=727_296 if words else 22_272, train_seconds=118.2 + seed, characters_per_second=39_112.0,
        characters_seen=rows * 64_000, tokens_seen=rows * 64_000 * tokens // TEST, updates=rows * 25,
        verified=Verified(characters=2_000, bits=2_000 * total, bytes=round(250 * total) + 9) if words else None,
        coverage=CellCoverage(
            characters_per_token=TEST / tokens, tokens_per_word=tokens / 15_200,
            whole_word_share=0.87 if words else 0.04, renyi_efficiency=0.41 if words else 0.79,
            characters_per_word_token=4.3 if words else 1.0,
            replaced_token_share_train=0.054 if words else 0.0, replaced_token_share_test=0.109 if words else 0.0,
            replaced_character_share_test=0.158 if words else 0.0,
            classes=_classes(column),
        ),
        generated=None if seed > 1 else Generated(
            temperature=samples[0].temperature, characters=5_000, samples=samples,
            measures=measures,
            **beside_samples(column, measures),
        ),
        history=_history(total, rows, rng), run_bytes=RunBytes(tokenizer=20_000, model=1_500_000),
        noise=_noise(total, column),
    )  # fmt: skip


def interval(a: str, b: str | None, difference: float, half_width: float, **keys: Any) -> Difference:
    """A difference with an interval of this half width."""
    keys = {"family": 1} | keys
    return Difference(
        a=a, b=b, difference=difference, low=difference - half_width, high=difference + half_width, **keys
    )


def contrast(a: str, b: str, difference: float, half_width: float = 0.034, **keys: Any) -> Contrast:
    """A contrast over nine documents whose outcome follows from its interval."""
    decided = abs(difference) > half_width
    base = interval(a, b, difference, half_width, over="text", p=0.0078 if decided else 0.41)
    outcome = {
        "outcome": ("a" if difference < 0 else "b") if decided else "undecided",
        "limit": None if decided else "units",
        "needed": None if decided else 14,
    }
    unit = {"kind": "columns", "fewer_in": 9, "units": 9, "unit": "document", "seeds": (1, 1), "undertrained": []}
    record = Contrast(**base.model_dump() | outcome | unit | {"smallest_detectable": 0.048} | keys)
    return record.model_copy(update={"verdict": say(SENTENCES, "verdict", record)})


def _leads(cells: list[Cell]) -> list[Difference]:
    """Leads by part of speech, each of 0.05 with an interval of ± 0.03, or of ± 0.09 for verbs."""
    if len({cell.column for cell in cells}) < 2:
        return []
    leads = []
    for i, part in enumerate(cells[0].by_part_of_speech):
        a, b = sorted(cells, key=lambda cell, i=i: cell.by_part_of_speech[i].bits)[:2]
        half = 0.09 if part.pos == "VERB" else 0.03
        leads.append(interval(a.column, b.column, -0.05, half, over="part of speech", at=part.pos))
    return leads


def _facts(**changed: Any) -> CorpusFacts:
    curve = [(round(10 ** (i / 12)), 1 - 0.95 * math.exp(-0.62 * i / 12)) for i in (0, 4, 6, *range(8, 48))]
    facts: dict[str, Any] = {
        "name": "weird-tales", "sha256": "9f2c" * 16, "language": "en", "documents": 45, "characters": 441_722,
        "test_characters": TEST, "test_bytes": TEST + 900, "train_characters": 309_000, "train_documents": 32,
        "unit": DOCUMENT, "fractions": [], "notes": [], "overlaps": [],
        "split": SplitNames(train=DOCUMENTS[:32], valid=DOCUMENTS[32:36], test=DOCUMENTS[36:]),
        "coverage": Coverage(
            tokens=70_412, types=8_934, hapax_types=4_466, hapax_type_share=4466 / 8934, hapax_token_share=4466 / 70412,
            good_turing=4466 / 70412, leave_one_out=0.0731, test_tokens=19_312, unseen_token_share=0.0712,
            unseen_character_share=0.1043, curve=curve,
        ),
    }  # fmt: skip
    return CorpusFacts(**(facts | changed))


def baseline_of(name: str, variant: str, bits_per_character: float) -> Baseline:
    """A compressor of the example's text."""
    bits_per_byte = 0.983 * bits_per_character
    return Baseline(name=name, variant=variant, bits_per_character=bits_per_character, bits_per_byte=bits_per_byte)


DEFAULT = {"char": (2.431, 2.447), "word:unk": (2.402, 2.395), "word:pos": (2.388, 2.379)}
NINE = {
    "word:unk": (1.743,), "word:pos": (1.751,), "word:tag": (1.748,), "word:shape": (1.739,), "word:cluster": (1.746,),
    "word:spell": (1.801,), "word:drop": (1.836,), "bpe": (1.779,), "char": (1.924,),
}  # fmt: skip
BASELINES = [
    baseline_of("xz", "cold", 3.104),
    baseline_of("xz", "primed", 2.611),
    baseline_of("ppmd", "cold", 2.688),
    baseline_of("ppmd", "primed", 2.079),
]


def comparison(
    totals: dict[str, tuple[float, ...]] | None = None,
    *,
    failed: tuple[FailedCell, ...] = (),
    baselines: list[Baseline] | None = None,
    passages: tuple[str, ...] = (PASSAGE, SECOND),
    rows: int = 60,
    facts: dict[str, Any] | None = None,
    made: list[Row] | None = None,
) -> Comparison:
    """A comparison of these columns: a total in bits per character for each of their seeds."""
    chosen = DEFAULT if totals is None else totals
    cells = [cell(name, total, seed, rows) for name, seeds in chosen.items() for seed, total in enumerate(seeds, 1)]
    means = {name: sum(seeds) / len(seeds) for name, seeds in chosen.items()}
    names, ranked = list(chosen), sorted(means, key=means.__getitem__)
    whole = Comparison(
        command=f"toolkit compare --tokenizers {','.join(names)} --corpus weird-tales --seeds 2",
        created="2026-11-14T09:41:07+00:00",
        versions={"toolkit": "0.2.0", "python": "3.12.3", "tensorflow": "2.19.0", "spacy": "3.8.2"},
        machine={"cpu": "x86_64", "cores": 2, "memory_gib": 8, "system": "Linux"},
        settings={"rare_max_count": 1, "network": {"units": 256, "layers": 1}, "columns": {name: {} for name in names}},
        corpus=_facts(**(facts or {})),
        warnings=[],
        cells=[*cells, *failed],
        rows=made or [],
        baselines=[one.model_copy() for one in BASELINES] if baselines is None else baselines,  # a test may change one
        contrasts=[contrast(a, b, means[a] - means[b]) for i, a in enumerate(names) for b in names[i + 1 :]],
        leads=_leads(cells),
        sweeps=[],
        noise=_noise_differences(names),
        measures={name: measure.facts() for name, measure in measures().items()},
        author_passages=[],
        words=word_bits(names),
        passages=[
            Passage(
                document=f"tale_{40 + i}",
                start=1_204,
                text=text,
                bits={n: passage_bits(text, n) for n in names},
                why="ahead" if i else "middle",
                about="",
                best=ranked[0],
                other=ranked[1] if len(ranked) > 1 else "",
                starts=starts(text),
                readings={n: reading(text, n) for n in names},
            )
            for i, text in enumerate(passages if names else ())
        ],
    )
    return whole.model_copy(update={"answer": answer(whole)})


def swept(
    column: str, key: str, totals: Mapping[Any, float | tuple[float, ...]], baselines: list[Baseline] | None = None
) -> Comparison:
    """A comparison of a column for each value of a setting, with totals as in ``comparison``; its sweep is asked."""
    setting = key.rpartition(".")[2]
    values = [SweptValue(value=value, column=f"{column.replace(':', '-')}-{setting}-{value}") for value in totals]
    seeds = [total if isinstance(total, tuple) else (total,) for total in totals.values()]
    whole = comparison({one.column: of for one, of in zip(values, seeds, strict=True)}, baselines=baselines)
    return whole.model_copy(update={"sweeps": [Sweep(column=column, key=key, values=values)]})


FAILED = FailedCell(
    column="word:cluster", tokenizer="word", strategy="cluster", model="lstm", seed=1, fraction=1.0,
    run="runs/word-cluster-1", reason="the loss was not finite after update 312",
)  # fmt: skip

"""Reproduction -> one self-contained HTML file that tells the story."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.article import charts, loss_story, story, word_story
from toolkit.article.recipe import CHOSEN, FIGURES, SAID
from toolkit.article.results import Counts, Reproduction, Result
from toolkit.report import prose
from toolkit.report.html import environment, flattened, frame
from toolkit.report.numbers import ABSENT, decimals, percent

TEMPLATES = Path(__file__).parent / "templates"
MOSTLY_SPACES = 0.5  # of a sample, above which its spaces are made visible
KINDS = {  # of text, as the page names them
    "answers": "answers while it reads the author’s text",
    "likeliest": "writes on its own, always the likeliest character",
    "drawn": "writes on its own, drawing by its probabilities",
}
QUESTIONS = (  # the experiments that answer the closing questions, in the order of their table
    "repaired", "other-seed", "batch-normalised", "layer-normalised", "gru", "slower", "faster", "quarter", "sixteenth",
    "large",
)  # fmt: skip


@dataclass(frozen=True)
class Lane:
    """A row of the table of counts."""

    name: str
    note: str
    numbers: list[str]


COUNTED: tuple[tuple[str, str, Callable[[float], str]], ...] = (  # field of Counts, heading, how it is written
    ("the_per_10k", "“the”", lambda x: decimals(x, 0)),
    ("ing_per_10k", "-ing", lambda x: decimals(x, 0)),
    ("tion_per_10k", "-tion", lambda x: decimals(x, 0)),
    ("prepositions_pronouns_share", "prepositions and pronouns", lambda x: percent(x, 0)),
    ("word_length", "mean word length", lambda x: decimals(x, 1)),
    ("known_words", "words known from training", lambda x: percent(x, 0)),
    ("letters_jsd", "letters", lambda x: decimals(x, 3)),
    ("letter_pairs_jsd", "letter pairs", lambda x: decimals(x, 3)),
    ("word_lengths_jsd", "word lengths", lambda x: decimals(x, 3)),
    ("capitals_within", "capitals within words", lambda x: percent(x, 0)),
    ("repetition", "repeated four-word sequences", lambda x: percent(x, 0)),
)


def numbers(of: Counts) -> list[str]:
    """The counts as they are written; of a text without words, only that it has none."""
    return [show(getattr(of, name)) if of.words else ABSENT for name, _, show in COUNTED]


def lanes(found: Reproduction) -> list[Lane]:
    """The author, the article's figures, and what the networks wrote."""
    theirs = {name: show(FIGURES[name]) for name, _, show in COUNTED if name in FIGURES}
    wrote = [
        ("network-1", "answers"), ("network-2", "answers"), ("network-3", "answers"), ("network-4", "answers"),
        ("network-1", "drawn"), ("short-text", "recalled"), ("repaired", "likeliest"), ("repaired", "drawn"),
        ("large", "drawn"),
    ]  # fmt: skip
    notes = {**KINDS, "recalled": "answers while it reads the text that it was trained on"}
    return [
        Lane("The author", "held-out text", numbers(found.text.counts)),
        Lane("The article", "its own figures", [theirs.get(name, "") for name, _, _ in COUNTED]),
        *(Lane(found[name].title, notes[kind], numbers(found[name].counts[kind])) for name, kind in wrote),
    ]


def shown(text: str) -> str:
    """A sample for a reader: its spaces are made visible where it is made of little else.

    >>> shown("to be"), shown("e   ")
    ('to be', 'e␣␣␣')
    """
    return text.replace(" ", "␣") if text.count(" ") > MOSTLY_SPACES * len(text) else text


def losses(found: Reproduction) -> list[tuple[str, float, float]]:
    """Who has which binary cross-entropy per hundred outputs, and which share of characters right."""
    chance, first, repaired = found.text.chance, found["network-1"], found["repaired"]
    size = len(found.text.frequencies)
    return [
        ("answering the same for every character, 1 / outputs", chance.binary_cross_entropy_of_nothing, 1 / size),
        ("answering always how often each character comes", chance.binary_cross_entropy, chance.accuracy),
        ("network 1, on held-out text", first.held_out.binary_cross_entropy, story.right(first)),
        ("network 1, on the text that it was trained on", first.training.binary_cross_entropy, first.training.accuracy),
        ("the repaired network, on held-out text", repaired.held_out.binary_cross_entropy, story.right(repaired)),
    ]


def render(found: Reproduction) -> str:
    """The page: nothing is loaded, and every text of the corpus and of the networks is escaped."""

    def results(names: tuple[str, ...]) -> list[Result]:
        return [found[name] for name in names]

    specs: dict[str, Any] = {
        "repairs": charts.repairs(found),
        "learning": charts.learning(found),
        "shifts": charts.shifts(found),
    }
    made = environment(TEMPLATES)
    return made.get_template("article.html.j2").render(
        title="The article, reproduced",
        found=found,
        text=found.text,
        chance=found.text.chance,
        made=prose.made(found.created),
        story=story,
        loss_story=loss_story,
        word_story=word_story,
        said=SAID,
        chosen=CHOSEN,
        figures=FIGURES,
        kinds=KINDS,
        shown=shown,
        four=results(story.FOUR),
        ladder=results(("network-1", *story.BEFORE, "large")),
        steps=charts.STEPS,
        questions=results(QUESTIONS),
        losses=[(who, loss, loss_story.per_hundred(found, loss), right) for who, loss, right in losses(found)],
        counted=[heading for _, heading, _ in COUNTED],
        lanes=lanes(found),
        machine=flattened(found.machine),
        charts=specs,
        **frame({"charts": specs}),
    )

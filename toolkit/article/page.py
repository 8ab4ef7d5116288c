"""Reproduction -> one self-contained HTML file that tells the story."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.article import charts, loss_story, story, word_story
from toolkit.article.recipe import CHOSEN, FIGURES, SAID
from toolkit.article.results import Counts, Reproduction, Result
from toolkit.report.html import environment, flattened, frame, moment
from toolkit.results.text import ABSENT, decimals, percent

TEMPLATES = Path(__file__).parent / "templates"
REPORTED = {2: ("the_per_10k", "ing_per_10k", "tion_per_10k"), 3: ("prepositions_pronouns_share",)}  # by its network
MOSTLY_SPACES = 0.5  # of a sample; above this its spaces are made visible
KINDS = {  # of text, as the page names them
    "answers": "answers while reading the author’s text",
    "likeliest": "writes on its own, always the likeliest character",
    "drawn": "writes on its own, sampling from its probabilities",
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


COUNTED: tuple[tuple[str, str, Callable[[float], str]], ...] = (  # field of Counts, heading, how it is shown
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


def numbers(counts: Counts) -> list[str]:
    """The counts as they are shown; dashes for a text without words."""
    return [show(getattr(counts, name)) if counts.words else ABSENT for name, _, show in COUNTED]


def lanes(reproduction: Reproduction) -> list[Lane]:
    """The author, the article's figures, and what the networks wrote."""
    theirs = {name: show(FIGURES[name]) for name, _, show in COUNTED if name in FIGURES}
    wrote = [
        ("network-1", "answers"), ("network-2", "answers"), ("network-3", "answers"), ("network-4", "answers"),
        ("network-1", "drawn"), ("short-text", "recalled"), ("repaired", "likeliest"), ("repaired", "drawn"),
        ("large", "drawn"),
    ]  # fmt: skip
    notes = {**KINDS, "recalled": "answers while reading its own training text"}
    return [
        Lane("The author", "held-out text", numbers(reproduction.text.counts)),
        *(
            Lane(
                f"The article, network {number}",
                "its own figures",
                [theirs.get(name, "") if name in names else "" for name, _, _ in COUNTED],
            )
            for number, names in REPORTED.items()
        ),
        *(
            Lane(reproduction[name].title, notes[kind], numbers(reproduction[name].counts[kind]))
            for name, kind in wrote
        ),
    ]


def shown(text: str) -> str:
    """A sample for readers: its spaces are made visible if it consists of little else.

    >>> shown("to be"), shown("e   ")
    ('to be', 'e␣␣␣')
    """
    return text.replace(" ", "␣") if text.count(" ") > MOSTLY_SPACES * len(text) else text


def losses(reproduction: Reproduction) -> list[tuple[str, float, float]]:
    """Each way of answering, its binary cross-entropy, and its share of right characters."""
    chance, first, repaired = reproduction.text.chance, reproduction["network-1"], reproduction["repaired"]
    size = len(reproduction.text.frequencies)
    return [
        (
            "always answering the same for every character, 1 / outputs",
            chance.binary_cross_entropy_of_nothing,
            1 / size,
        ),
        ("always answering each character’s frequency", chance.binary_cross_entropy, chance.accuracy),
        ("network 1, on held-out text", first.held_out.binary_cross_entropy, story.right(first)),
        ("network 1, on its training text", first.training.binary_cross_entropy, first.training.accuracy),
        ("the repaired network, on held-out text", repaired.held_out.binary_cross_entropy, story.right(repaired)),
    ]


def render(reproduction: Reproduction) -> str:
    """The page: nothing is loaded, and every text of the corpus and the networks is escaped."""

    def results(names: tuple[str, ...]) -> list[Result]:
        return [reproduction[name] for name in names]

    specs: dict[str, Any] = {
        "repairs": charts.repairs(reproduction),
        "learning": charts.learning(reproduction),
        "shifts": charts.shifts(reproduction),
    }
    templates = environment(TEMPLATES)
    return templates.get_template("article.html.j2").render(
        title="The article, reproduced",
        reproduction=reproduction,
        text=reproduction.text,
        chance=reproduction.text.chance,
        made=moment(reproduction.created),
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
        losses=[
            (who, loss, loss_story.per_hundred(reproduction, loss), right) for who, loss, right in losses(reproduction)
        ],
        counted=[heading for _, heading, _ in COUNTED],
        lanes=lanes(reproduction),
        machine=flattened(reproduction.machine),
        charts=specs,
        **frame({"charts": specs}),
    )

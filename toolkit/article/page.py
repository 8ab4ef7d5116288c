"""The page of a reproduction: one HTML file that loads nothing."""

import tomllib
from pathlib import Path

import numpy as np
from markupsafe import Markup

from toolkit.article.article_text import output_losses
from toolkit.article.experiments import Reproduction
from toolkit.report import charts
from toolkit.report.html import environment, flattened, frame

TEMPLATES = Path(__file__).parent / "templates"
MIN_MARGIN = 0.01  # of accuracy: smaller differences count as none, however little two seeds differ
MEMORY_MARGIN = 0.1  # of accuracy on the training text above accuracy on held-out text


class Figures:
    """The decisions that a reproduction supports.

    ``constant_answer`` is the most common character, for readers.
    ``margin`` is the difference in accuracy below which two networks count as equal: twice the difference of two seeds.
    ``first_learned``: the first network, as the article describes it, beats the constant answer.
    ``repairs_help``: the repaired network beats both the first network and the constant answer.
    ``memorised``: the network with the short text knows it much better than held-out text.
    """

    def __init__(self, reproduction: Reproduction) -> None:
        self.reproduction = reproduction
        repaired, short = reproduction["repaired"], reproduction["short-text"]
        character = reproduction.text.chance.most_common
        self.constant_answer = "a space" if character == " " else f"“{character}”"
        self.margin = max(MIN_MARGIN, 2 * abs(repaired.accuracy - reproduction["other-seed"].accuracy))
        self.first_learned = self.beats_constant("network-1")
        better = repaired.accuracy > reproduction["network-1"].accuracy + self.margin
        self.repairs_help = better and self.beats_constant("repaired")
        self.memorised = short.training.accuracy > short.accuracy + MEMORY_MARGIN

    def beats_constant(self, name: str) -> bool:
        """Return whether a network predicts more than always answering the most common character."""
        return self.reproduction[name].accuracy > self.reproduction.text.chance.accuracy + self.margin

    def effect(self, name: str, reference: str) -> str:
        """Return "higher", "lower" or "none": the accuracy of a network compared with a reference."""
        difference = self.reproduction[name].accuracy - self.reproduction[reference].accuracy
        if abs(difference) < self.margin:
            return "none"
        return "higher" if difference > 0 else "lower"


def answer(reproduction: Reproduction) -> str:
    """Return the answer to the article's question, as text for a terminal."""
    template = environment(TEMPLATES).get_template("answer.html.j2")
    return Markup(template.render(reproduction=reproduction, figures=Figures(reproduction))).striptags()


def render(reproduction: Reproduction) -> str:
    """Return the page; all texts of the corpus and the networks are escaped."""
    chance, figures = reproduction.text.chance, Figures(reproduction)
    constant = chance.accuracy, figures.constant_answer
    networks = tomllib.loads((TEMPLATES / "networks.toml").read_text(encoding="utf-8"))
    ladder, by_shift = networks["ladder"], [reproduction[name] for name in networks["by_shift"]]
    frequencies = reproduction.text.frequencies
    shares = np.array(list(frequencies.values()))  # (V,)
    bars = [
        {"network": label, "accuracy": reproduction[name].accuracy, "colour": colour}
        for name, (label, colour) in (ladder | networks["alone"]).items()
    ]
    moments = [
        {"network": label, "characters": moment.characters_read, "accuracy": moment.held_out.accuracy}
        for name, (label, _) in ladder.items()
        for moment in reproduction[name].moments
    ]
    pairs = [{"shift": shift, "accuracy": accuracy} for shift, accuracy in chance.by_distance]
    trained = [{"shift": network.recipe.shift, "accuracy": network.accuracy} for network in by_shift]
    specs = {
        "repairs": charts.accuracy_bars(bars, *constant),
        "learning": charts.accuracy_lines(moments, dict(ladder.values()), *constant),
        "shifts": charts.accuracy_by_shift(pairs, trained, *constant),
    }
    template = environment(TEMPLATES).get_template("article.html.j2")
    return template.render(
        reproduction=reproduction,
        figures=figures,
        ladder=ladder,
        by_shift=by_shift,
        loss_parts=list(zip(frequencies, shares, output_losses(shares, shares), strict=True)),
        machine=flattened(reproduction.machine),
        **frame({"charts": specs}),
    )

"""The page of a reproduction: one HTML file that loads nothing."""

from pathlib import Path

from markupsafe import Markup

from toolkit.article.figures import Figures, loss_parts
from toolkit.article.results import Reproduction
from toolkit.report import charts
from toolkit.report.html import environment, flattened, frame, moment

TEMPLATES = Path(__file__).parent / "templates"
GREY = "#9aa3aa"
STEPS = {  # label and colour of each network in the charts; grey ones are repairs made alone
    "network-1": ("as described", "#c8553d"),
    "shift-1": ("shift 1", "#d99a2b"),
    "categorical": ("… and categorical loss", "#8f7fb8"),
    "repaired": ("… and state carried", "#5b7c99"),
    "large": ("… 150 units, rate 0.004", "#3f8f68"),
    "categorical-alone": ("categorical loss, 50 ahead", GREY),
    "carried-alone": ("state carried, 50 ahead", GREY),
}
BY_SHIFT = ("categorical", "shift-2", "shift-4", "shift-10", "categorical-alone")


def answer(reproduction: Reproduction) -> str:
    """Return the answer to the article's question, as text for a terminal."""
    template = environment(TEMPLATES).get_template("answer.html.j2")
    return Markup(template.render(reproduction=reproduction, figures=Figures(reproduction))).striptags()


def render(reproduction: Reproduction) -> str:
    """Return the page; all texts of the corpus and the networks are escaped."""
    chance, figures = reproduction.text.chance, Figures(reproduction)
    ladder = [name for name, (_, colour) in STEPS.items() if colour != GREY]
    bars = [
        {"network": label, "accuracy": reproduction[name].accuracy, "colour": colour}
        for name, (label, colour) in STEPS.items()
    ]
    moments = [
        {"network": STEPS[name][0], "characters": moment.characters_read, "accuracy": moment.held_out.accuracy}
        for name in ladder
        for moment in reproduction[name].moments
    ]
    colours = dict(STEPS[name] for name in ladder)
    pairs = [{"shift": shift, "accuracy": accuracy} for shift, accuracy in chance.by_distance]
    trained = [{"shift": reproduction[name].recipe.shift, "accuracy": reproduction[name].accuracy} for name in BY_SHIFT]
    specs = {
        "repairs": charts.accuracy_bars(bars, chance.accuracy, figures.constant_answer),
        "learning": charts.accuracy_lines(moments, colours, chance.accuracy, figures.constant_answer),
        "shifts": charts.accuracy_by_shift(pairs, trained, chance.accuracy, figures.constant_answer),
    }
    template = environment(TEMPLATES).get_template("article.html.j2")
    return template.render(
        title="The article, reproduced",
        reproduction=reproduction,
        figures=figures,
        text=reproduction.text,
        chance=chance,
        made=moment(reproduction.created),
        steps=STEPS,
        ladder=ladder,
        by_shift=BY_SHIFT,
        pair_accuracies=dict(chance.by_distance),
        loss_parts=loss_parts(reproduction.text.frequencies),
        machine=flattened(reproduction.machine),
        **frame({"charts": specs}),
    )

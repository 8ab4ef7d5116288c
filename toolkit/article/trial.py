"""One experiment: trained, measured at several moments, and used for writing."""

from toolkit.article.article_text import ArticleText
from toolkit.article.experiments import Experiment
from toolkit.article.model import Model
from toolkit.article.reading import Reader
from toolkit.article.results import SAMPLE, Moment, Result, Texts
from toolkit.article.training import Training
from toolkit.article.windows import Passages
from toolkit.article.writing import drawn, likeliest, write

MOMENTS = (1 / 64, 1 / 8, 1 / 2, 1)  # shares of the characters read after which samples are kept
WRITTEN = 900  # characters that a network writes after each of at most 64 prompts: about 10,000 words in all


class Trial:
    """One experiment while it runs."""

    def __init__(self, experiment: Experiment, article_text: ArticleText) -> None:
        self.experiment, self.article_text = experiment, article_text
        self.model = Model(experiment.recipe, len(article_text.alphabet.characters))
        self.training = Training(self.model, article_text.training_ids)
        self.reader = Reader(self.model)

    def moment(self, characters: int, length: int) -> tuple[Moment, dict[str, list[str]]]:
        """Train until ``characters`` are read; returns the network's state, and its texts by kind.

        Texts that it writes on its own have ``length`` characters each.
        """
        loss = self.training.run_to(characters)
        passages, decoded = self.article_text.passages, self.article_text.decoded
        held_out = self.reader.answers(passages)
        wrote = {
            "answers": decoded(held_out.likeliest),
            "likeliest": decoded(write(self.reader, passages.prompts, length, likeliest)),
            "drawn": decoded(write(self.reader, passages.prompts, length, drawn(self.experiment.recipe.seed))),
        }
        moment = Moment(
            characters_read=self.training.characters_read,
            updates=self.training.updates,
            seconds=self.training.seconds,
            training_loss=loss,
            held_out=held_out.scores,
            texts=Texts(**{kind: texts[0][:SAMPLE] for kind, texts in wrote.items()}),
        )
        return moment, wrote

    def result(self, moments: list[Moment], wrote: dict[str, list[str]]) -> Result:
        """The trained network's result, with counts of what it wrote last and a reading of its training text."""
        own = self.reader.answers(Passages.of(self.article_text.training_ids[: self.experiment.recipe.characters]))
        recalled = self.article_text.decoded(own.likeliest)
        yardstick = self.article_text.yardstick
        return Result(
            name=self.experiment.name,
            title=self.experiment.title,
            recipe=self.experiment.recipe,
            parameters=self.model.parameters,
            training=own.scores,
            recalled=recalled[0][:SAMPLE],
            moments=moments,
            counts={kind: yardstick.counts(texts) for kind, texts in {**wrote, "recalled": recalled}.items()},
        )


def run(experiment: Experiment, article_text: ArticleText, budget: int) -> Result:
    """One experiment's result, from its first update to its last text."""
    trial = Trial(experiment, article_text)
    moments: list[Moment] = []
    wrote: dict[str, list[str]] = {}
    for share in MOMENTS:
        moment, wrote = trial.moment(round(share * budget), WRITTEN if share == MOMENTS[-1] else SAMPLE)
        moments.append(moment)
    return trial.result(moments, wrote)

"""One experiment: a network is trained, measured at several moments, and writes."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from toolkit.article.article_text import SAMPLE_CHARACTERS, ArticleText, Ids, Passages
from toolkit.article.experiments import Experiment
from toolkit.article.network import Model, States, Training, binary_cross_entropy
from toolkit.article.results import Moment, Result, Scores, Texts
from toolkit.network.backend import Tensor, tf

MOMENTS = (1 / 64, 1 / 8, 1 / 2, 1)  # shares of the characters read after which samples are saved
WRITTEN_CHARACTERS = 900  # after each of at most 64 prompts: about 10,000 words in all


class Reader:
    """The graphs of a model for reading rows of text, a window or a character at a time."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._read_window = tf.function(self._scores, autograph=False)
        self._read_character = tf.function(self._probabilities, autograph=False)

    def _probabilities(self, ids: Tensor, states: States) -> tuple[Tensor, States]:
        """Return values (B, T, V) between 0 and 1 for ids (B, T); with the categorical loss, a distribution."""
        logits, states = self.model.logits(ids, states, training=False)
        categorical = self.model.recipe.loss == "categorical cross-entropy"
        return tf.nn.softmax(logits) if categorical else tf.sigmoid(logits), states

    def _scores(self, ids: Tensor, targets: Tensor, states: States) -> tuple[Tensor, Tensor, Tensor, States]:
        """Return likeliest ids, binary cross-entropy and −ln p of the targets, each (B, T), for ids (B, T)."""
        outputs, states = self._probabilities(ids, states)
        nats = -tf.math.log(tf.maximum(tf.gather(outputs, targets, axis=-1, batch_dims=2), 1e-30))
        likeliest = tf.argmax(outputs, -1, output_type=tf.int32)
        return likeliest, binary_cross_entropy(outputs, targets), nats, states

    def answers(self, passages: Passages) -> tuple[Ids, Scores]:
        """Predict each target once. Return the likeliest characters (rows, n · SPAN) and their scores.

        The network reads in windows, as in training; the state is carried between them if the recipe says so.
        """
        recipe = self.model.recipe
        inputs, targets = passages.inputs(recipe.shift), passages.targets
        states = self.model.initial(len(inputs))
        parts = []
        for start in range(0, targets.shape[1], recipe.window):
            if not recipe.carried:
                states = self.model.initial(len(inputs))
            window = slice(start, start + recipe.window)
            *part, states = self._read_window(tf.constant(inputs[:, window]), tf.constant(targets[:, window]), states)
            parts.append([tensor.numpy() for tensor in part])
        likeliest, binary, nats = (np.concatenate(windows, 1) for windows in zip(*parts, strict=True))
        bits = float(nats.mean(dtype=np.float64)) / math.log(2)
        scores = Scores(
            accuracy=float(np.mean(likeliest == targets)),
            binary_cross_entropy=float(binary.mean(dtype=np.float64)),
            bits_per_character=bits if recipe.loss == "categorical cross-entropy" else None,
        )
        return likeliest, scores

    def write(self, prompts: Ids, characters: int, rng: np.random.Generator | None = None) -> Ids:
        """Continue prompts (rows, P) by (rows, characters), first reading their last window, then the own output.

        An output is for the place ``shift`` later. The state is carried between windows only if the recipe says so.
        ``rng`` draws from the probabilities; without it, the likeliest characters are taken.
        """
        recipe = self.model.recipe
        rows, known = prompts.shape
        text = np.concatenate([prompts, np.zeros((rows, characters), np.int32)], 1)  # (rows, P + characters)
        states = self.model.initial(rows)
        for place in range(known - recipe.window, known + characters - recipe.shift):
            if not recipe.carried and (place - known) % recipe.window == 0:
                states = self.model.initial(rows)
            outputs, states = self._read_character(tf.constant(text[:, place : place + 1]), states)
            if place + recipe.shift >= known:
                shares = outputs.numpy()[:, 0]  # (rows, V)
                text[:, place + recipe.shift] = shares.argmax(-1) if rng is None else draw(shares, rng)
        return text[:, known:]


def draw(shares: npt.NDArray[np.floating[Any]], rng: np.random.Generator) -> Ids:
    """Draw an id (B,) from each row of shares (B, V), which need not sum to one."""
    cumulative = shares.astype(np.float64).cumsum(-1)  # (B, V)
    points = rng.random((len(cumulative), 1)) * cumulative[:, -1:]
    ids: Ids = (cumulative <= points).sum(-1).clip(max=cumulative.shape[1] - 1).astype(np.int32)
    return ids


def run(experiment: Experiment, article_text: ArticleText, budget: int) -> Result:
    """Train an experiment on ``budget`` characters and measure it."""
    recipe, passages, decode = experiment.recipe, article_text.passages, article_text.alphabet.decode
    model = Model(recipe, len(article_text.alphabet.characters))
    training, reader = Training(model, article_text.training_ids), Reader(model)
    moments: list[Moment] = []
    texts: dict[str, list[str]] = {}
    for share in MOMENTS:
        loss = training.run_to(round(share * budget))
        length = WRITTEN_CHARACTERS if share == MOMENTS[-1] else SAMPLE_CHARACTERS
        answers, held_out = reader.answers(passages)
        texts = {
            "answers": decode(answers),
            "likeliest": decode(reader.write(passages.prompts, length)),
            "drawn": decode(reader.write(passages.prompts, length, np.random.default_rng([recipe.seed, 0xD4]))),
        }
        moments.append(
            Moment(
                characters_read=training.characters_read,
                updates=training.updates,
                seconds=training.seconds,
                training_loss=loss,
                held_out=held_out,
                texts=Texts(**{kind: rows[0][:SAMPLE_CHARACTERS] for kind, rows in texts.items()}),
            )
        )
    recalled, scores = reader.answers(Passages(article_text.training_ids[: recipe.characters]))
    texts["recalled"] = decode(recalled)
    return Result(
        name=experiment.name,
        title=experiment.title,
        recipe=recipe,
        parameters=sum(math.prod(variable.shape) for variable in model.variables),
        training=scores,
        recalled=texts["recalled"][0][:SAMPLE_CHARACTERS],
        moments=moments,
        counts={kind: article_text.counts(rows) for kind, rows in texts.items()},
    )

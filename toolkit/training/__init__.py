"""How models are made from text: the kinds of models by name. TensorFlow is loaded only when a network is made."""

import time
from typing import Any, ClassVar, Protocol

from toolkit.config import NetworkSettings
from toolkit.events.distribution import Arrays
from toolkit.events.encoding import Tokenizer
from toolkit.inference.language_model import LanguageModel
from toolkit.inference.model import Model
from toolkit.inference.ngram import NGramModel
from toolkit.network import NETWORKS
from toolkit.plugins import Registry
from toolkit.tokenizers import TOKENIZERS
from toolkit.training.records import Position, Trained, TrainingTask

DEFAULT_MODEL = "lstm"  # of a column that names no model


class ModelKind(Protocol):
    """All models with one name.

    ``file`` in a run's folder has a model's arrays. Training multiplies ``training_passes`` times as often as scoring.
    """

    file: ClassVar[str]
    training_passes: ClassVar[int] = 0

    def train(self, task: TrainingTask) -> Trained:
        """Return a model of the task's documents. Raises DivergedError if training fails."""

    def arrays(self, model: Any) -> Arrays:
        """Return the arrays of a model that a run saves."""

    def restored(self, tokenizer: Tokenizer, settings: NetworkSettings, arrays: Arrays) -> Model:
        """Return the model with saved arrays. Raises ValueError or KeyError if these do not fit it."""


class Neural(ModelKind):
    """Networks with one kind of cell, from the one trainer."""

    file: ClassVar[str] = "weights.safetensors"
    training_passes: ClassVar[int] = 3  # each product has gradients of both factors

    def __init__(self, cell: str) -> None:
        self.cell = cell

    def train(self, task: TrainingTask) -> Trained:
        from toolkit.training.trainer import train

        network = self.with_cell(task.settings.network)
        return train(*task._replace(settings=task.settings.model_copy(update={"network": network})))

    def with_cell(self, settings: NetworkSettings) -> NetworkSettings:
        """Return the settings with this cell."""
        return settings.model_copy(update={"cell": self.cell})

    def arrays(self, model: Any) -> Arrays:
        return model.network.arrays()  # type: ignore[no-any-return]

    def restored(self, tokenizer: Tokenizer, settings: NetworkSettings, arrays: Arrays) -> Model:
        from toolkit.inference.neural import NeuralModel, network_for

        network = network_for(tokenizer, self.with_cell(settings))
        network.assign(arrays)
        return NeuralModel(tokenizer, network)


class Counted(ModelKind):
    """n-grams, counted once. Neither the seed nor any setting of networks or training matters."""

    file: ClassVar[str] = "counts.safetensors"

    def train(self, task: TrainingTask) -> Trained:
        start = time.perf_counter()
        model = NGramModel.fitted(task.tokenizer, *task.encoded)
        seconds = time.perf_counter() - start
        characters = sum(encoding.characters for encoding in task.encoded.training)
        end = Position(characters_seen=characters, seconds=seconds, share=1.0)
        task.report(end)
        return Trained(model, end)

    def arrays(self, model: NGramModel) -> Arrays:
        return model.arrays()

    def restored(self, tokenizer: Tokenizer, settings: NetworkSettings, arrays: Arrays) -> NGramModel:  # noqa: ARG002
        return NGramModel.restored(tokenizer, arrays)


class Elsewhere(ModelKind):
    """Language models that were trained elsewhere. A run saves nothing of one but the SHA-256 of its files."""

    file: ClassVar[str] = "nothing.safetensors"

    def train(self, task: TrainingTask) -> Trained:
        start = time.perf_counter()
        model = LanguageModel(task.tokenizer)  # type: ignore[arg-type] # of lm
        return Trained(model, Position(seconds=time.perf_counter() - start))

    def arrays(self, model: LanguageModel) -> Arrays:  # noqa: ARG002
        return {}

    def restored(self, tokenizer: Any, settings: NetworkSettings, arrays: Arrays) -> LanguageModel:  # noqa: ARG002
        return LanguageModel(tokenizer)


MODELS: Registry[ModelKind] = Registry(
    "model", "toolkit.models", {"ngram": "toolkit.training:Counted", "lm": "toolkit.training:Elsewhere"}
)


def model_names() -> list[str]:
    """Return the models that a column can name: networks by their cell, then models that have no tokenizer's name."""
    return [*NETWORKS, *(name for name in MODELS if name not in set(TOKENIZERS))]

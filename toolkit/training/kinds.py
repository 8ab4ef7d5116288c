"""The kinds of models: how each is made from text, and restored from what a run saved.

TensorFlow is loaded only when a network is made.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from toolkit.config import CompareSettings, NetworkSettings
from toolkit.events.encoding import Encoding
from toolkit.events.protocols import Tokenizer
from toolkit.inference.model import Model
from toolkit.inference.ngram import NGramModel
from toolkit.text.corpus import Document, beginnings
from toolkit.training.checkpoint import Store
from toolkit.training.progress import Progress
from toolkit.training.trained import Trained

if TYPE_CHECKING:
    from toolkit.inference.neural import NeuralModel

Arrays = Mapping[str, npt.NDArray[Any]]


class ModelKind(Protocol):
    """What all models with one name have in common."""

    file: ClassVar[str]  # in a run's folder; it has the model's arrays

    def check(self, settings: NetworkSettings, *, one_hot: bool) -> None:
        """Raise InputError if such a model is impossible."""
        ...

    def selected_on(self, valid: Sequence[Document], settings: CompareSettings) -> Sequence[Document]:
        """What is read of the validation documents to select a model."""
        ...

    def train(
        self,
        tokenizer: Tokenizer,
        training: Sequence[Encoding],
        valid: Sequence[Encoding],
        settings: CompareSettings,
        seed: int,
        report: Callable[[Progress], None],
        store: Store,
    ) -> Trained:
        """A model of a fitted tokenizer's encodings of the training documents, selected by those of ``selected_on``.

        Raises DivergedError if training fails.
        """
        ...

    def training_multiply_adds(self, model: Any) -> int:
        """Multiplications with an addition that training takes for each event of the training text."""
        ...

    def arrays(self, model: Any) -> dict[str, npt.NDArray[Any]]:
        """What a run saves of a model."""
        ...

    def restored(self, tokenizer: Tokenizer, settings: NetworkSettings, arrays: Arrays) -> Model:
        """The model from what a run saved. Raises ValueError or KeyError if that does not fit the model."""
        ...


class Neural:
    """Networks with one kind of cell, trained by the one trainer."""

    file: ClassVar[str] = "weights.safetensors"

    def __init__(self, cell: str) -> None:
        self.cell = cell

    def check(self, settings: NetworkSettings, *, one_hot: bool) -> None:
        """Raise InputError if such a network is impossible."""
        settings.check(one_hot=one_hot)

    def selected_on(self, valid: Sequence[Document], settings: CompareSettings) -> Sequence[Document]:
        """The beginnings of the validation documents, which a check reads."""
        return beginnings(valid, settings.train.valid_characters)

    def train(
        self,
        tokenizer: Tokenizer,
        training: Sequence[Encoding],
        valid: Sequence[Encoding],
        settings: CompareSettings,
        seed: int,
        report: Callable[[Progress], None],
        store: Store,
    ) -> Trained:
        """A trained network. Raises DivergedError if the loss is not finite or stays above a uniform model's."""
        from toolkit.training.trainer import train

        network = self.with_cell(settings.network)
        return train(tokenizer, training, valid, network, settings.train, seed, report, store)

    def with_cell(self, settings: NetworkSettings) -> NetworkSettings:
        """The settings with this cell."""
        return settings.model_copy(update={"cell": self.cell})

    def training_multiply_adds(self, model: "NeuralModel") -> int:
        """Those of the forward pass, and twice as many for the gradients of both factors of each product."""
        return 3 * model.multiply_adds

    def arrays(self, model: "NeuralModel") -> dict[str, npt.NDArray[Any]]:
        """The weights."""
        return dict(model.network.arrays())

    def restored(self, tokenizer: Tokenizer, settings: NetworkSettings, arrays: Arrays) -> "NeuralModel":
        """The network with these weights. Raises ValueError if one is not of float32."""
        if wrong := [name for name, array in arrays.items() if array.dtype != np.float32]:
            raise ValueError(f"the weights {wrong[0]} are {arrays[wrong[0]].dtype}, not float32")
        from toolkit.inference.neural import NeuralModel, network_for

        network = network_for(tokenizer, self.with_cell(settings))
        network.assign(arrays)
        return NeuralModel(tokenizer, network)


class Counted:
    """n-grams, counted once. Neither the seed nor any setting of networks or training matters."""

    file: ClassVar[str] = "counts.safetensors"

    def check(self, settings: NetworkSettings, *, one_hot: bool) -> None:
        """Anything can be counted."""

    def selected_on(self, valid: Sequence[Document], settings: CompareSettings) -> Sequence[Document]:  # noqa: ARG002
        """All of the validation documents."""
        return valid

    def train(
        self,
        tokenizer: Tokenizer,
        training: Sequence[Encoding],
        valid: Sequence[Encoding],
        settings: CompareSettings,  # noqa: ARG002 - for networks
        seed: int,  # noqa: ARG002
        report: Callable[[Progress], None],
        store: Store,  # noqa: ARG002
    ) -> Trained:
        """The counts of the training documents, and how long counting took."""
        report(Progress(0.0, 0.0, 0, ()))
        start = time.perf_counter()
        model = NGramModel.fitted(tokenizer, training, valid)
        seconds = time.perf_counter() - start
        report(Progress(1.0, seconds, 0, ()))
        characters = sum(encoding.characters for encoding in training)
        return Trained(model, [], 0, characters, seconds)

    def training_multiply_adds(self, model: NGramModel) -> int:  # noqa: ARG002
        """None: counting only adds."""
        return 0

    def arrays(self, model: NGramModel) -> dict[str, npt.NDArray[np.int64]]:
        """Keys and counts."""
        return model.arrays()

    def restored(self, tokenizer: Tokenizer, settings: NetworkSettings, arrays: Arrays) -> NGramModel:  # noqa: ARG002
        """The model with these counts."""
        return NGramModel.restored(tokenizer, arrays)

"""What is dropped in training."""

import zlib

from toolkit.config import NetworkSettings
from toolkit.network.backend import Tensor, tf


class Masks:
    """Dropout masks of one update: scaled by 1/(1 − rate), drawn from (seed, update, place) and nothing else."""

    def __init__(self, seed: int, update: Tensor, settings: NetworkSettings) -> None:
        self.seed, self.update, self.settings = seed, update, settings

    def mask(self, shape: tuple[int, ...], rate: float, place: str) -> Tensor:
        """A mask of 0 and 1/(1 − rate)."""
        key = tf.stack([tf.cast(self.seed * 0x10001 + zlib.crc32(place.encode()) % 0x10000, tf.int64), self.update])
        kept = tf.random.stateless_uniform(shape, key) >= rate
        return tf.cast(kept, tf.float32) / (1 - rate)

    def inputs(self, embedded: Tensor, tower: int) -> Tensor:
        """Drops coordinates of the embedded inputs (T, B, E): the same ones in all steps of a row."""
        return self._locked(embedded, self.settings.input_dropout, f"inputs {tower}")

    def outputs(self, hidden: Tensor, layer: int, tower: int) -> Tensor:
        """Drops units of a layer's outputs (T, B, H): the same ones in all steps of a row (Gal & Ghahramani 2016)."""
        return self._locked(hidden, self.settings.dropout, f"outputs {layer} {tower}")

    def _locked(self, units: Tensor, rate: float, place: str) -> Tensor:
        return units * self.mask((1, *units.shape[1:]), rate, place) if rate else units

    def recurrent(self, U: Tensor, layer: int) -> Tensor:
        """Drop recurrent weights (H, G) (Merity, Keskar & Socher 2018); an LSTM's mask has its gates as i, f, o, g."""
        rate = self.settings.recurrent_dropout
        if not rate:
            return U
        gates = tf.split(self.mask(tuple(U.shape), rate, f"recurrent {layer}"), U.shape[1] // U.shape[0], 1)
        return U * tf.concat([*gates[:2], *reversed(gates[2:])], 1)

"""How far the training of each column had come: was it still improving, and does it need fewer bits than PPMd?

Two networks that stopped early differ in their speed of learning, not in their final quality.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.results.cell import ALONE, LEARNING, HistoryRow, mean_total, ppmd
from toolkit.results.comparison import Comparison

CHECKS = 3  # the last validations, over which improvement is measured


@dataclass(frozen=True)
class Training:
    """The training of a column, or of a row made of its cells.

    ``improving`` is the fall of the last checks in bits per character of the validation text. It is per pass over the
    training text, and the largest of all seeds, or None with too few checks. ``above_ppmd``: it needs more bits of the
    held-out text than the PPMd that reads it in the most similar way.
    """

    improving: float | None
    above_ppmd: bool


def training(comparison: Comparison) -> dict[str, Training]:
    """Return the training of each trained column, and of each row of one under its title."""
    states = dict[str, Training]()
    for name, cells in comparison.by_column.items():
        if cells[0].counted:
            continue
        falls = [fall(cell.history, comparison.corpus.train_characters) for cell in cells]
        improving = max((fallen for fallen in falls if fallen is not None), default=None)
        states[name] = Training(improving, _above_ppmd(comparison, mean_total(cells), ALONE))
        for title, rows in comparison.rows_by_title.items():
            if rows[0].column == name:
                peers = ALONE if rows[0].rate is None else LEARNING
                states[title] = Training(improving, _above_ppmd(comparison, mean_total(rows), peers))
    return states


def _above_ppmd(comparison: Comparison, bits: float, peers: Sequence[str]) -> bool:
    peer = ppmd(comparison.baselines, peers)
    return peer is not None and bits > peer.bits_per_character


def fall(history: Sequence[HistoryRow], characters: int) -> float | None:
    """Return by how many bits per character and pass over ``characters`` the last checks fell; 0 if they rose.

    None with fewer than two checks.
    """
    last = history[-CHECKS:]
    if len(last) < 2:
        return None
    fallen = last[0].valid_bits_per_character - last[-1].valid_bits_per_character
    return max(0.0, fallen * characters / (last[-1].characters_seen - last[0].characters_seen))


def undertrained(loser: Training | None, difference: float) -> bool:
    """Check whether the loser of a significant difference might catch up. A counted loser has no training."""
    return loser is not None and (loser.above_ppmd or (loser.improving or 0.0) > abs(difference))

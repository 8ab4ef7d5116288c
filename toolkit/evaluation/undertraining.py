"""How far the training of each column had come: was it still falling, and has it beaten counting (PPMd)?

Two networks that stopped early differ in how fast they learn, which is another question than what they learn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from toolkit.evaluation.commands import how_to_train_on
from toolkit.results import resources
from toolkit.results.cell import HistoryRow
from toolkit.results.comparison import Comparison
from toolkit.results.contrasts import fewer_first
from toolkit.results.resources import UNEQUAL
from toolkit.results.rows import ALONE, LEARNING, Baseline, ppmd

AFTER = " after this much training"  # in a verdict that holds only so far
EARLY = "The verdicts hold "  # begins a warning
CHECKS = 3  # the last ones, over which the fall is measured


@dataclass(frozen=True)
class Training:
    """The training of a column, or of what is made of its cells; ``trained`` is false for what is only counted.

    ``falling`` is by how many bits per character of the validation text the last checks fell per pass over the training
    text, the greatest of its seeds', or None if there are too few checks. ``last_is_best``: whether any seed's last
    check was its best. ``bits_per_character`` are of the held-out text; ``ppmd`` is the PPMd that reads it most nearly
    in the same way, after the training text, or None if none was computed.
    """

    bits_per_character: float
    trained: bool
    falling: float | None
    last_is_best: bool
    ppmd: Baseline | None

    @property
    def above_ppmd(self) -> bool:
        """Whether it needs more bits than PPMd."""
        return self.ppmd is not None and self.bits_per_character > self.ppmd.bits_per_character

    def fall_in_words(self) -> str:
        """How fast its training was still falling."""
        if self.falling is None:
            return "too few checks to tell how fast it was falling"
        return f"falling by {self.falling:.3f} bits per character and pass" if self.falling else "not falling"

    def in_words(self) -> str:
        """What a verdict says of it.

        >>> ppmd = Baseline(name="ppmd_documents", variant="primed", bits_per_character=1.697, bits_per_byte=1.65)
        >>> Training(2.376, True, 0.213, True, ppmd).in_words()
        'last check its best, falling by 0.213 bits per character and pass, above PPMd by text (1.697)'
        """
        facts = ["counted, not trained"]
        if self.trained:
            facts = ["last check its best" if self.last_is_best else "last check not its best", self.fall_in_words()]
        if self.ppmd is not None:
            above = "above" if self.above_ppmd else "not above"
            facts.append(f"{above} {self.ppmd.label} ({self.ppmd.bits_per_character:.3f})")
        return ", ".join(facts)


def undertrained(a: str, b: str, difference: float, of: Mapping[str, Training], *, settled: bool) -> bool:
    """Check whether a verdict on column ``a`` minus column ``b`` holds only after this much training.

    The difference must be significant (``settled``): a tie is never undertrained. And the loser, if it was trained,
    still fell by more than the difference per pass, or is above PPMd.
    """
    _, loser = map(of.get, fewer_first(a, b, difference))
    if not settled or loser is None or not loser.trained:
        return False
    return loser.above_ppmd or (loser.falling or 0.0) > abs(difference)


def fall(history: list[HistoryRow], characters: int) -> float | None:
    """By how many bits per character and pass over ``characters`` the last checks fell; 0 if they rose.

    None with fewer than two checks.
    """
    last = history[-CHECKS:]
    if len(last) < 2:
        return None
    fell = last[0].valid_bits_per_character - last[-1].valid_bits_per_character
    return max(0.0, fell * characters / (last[-1].characters_seen - last[0].characters_seen))


def training(comparison: Comparison) -> dict[str, Training]:
    """The training of each column, and of each row under its title."""
    cells = comparison.by_column

    def of(column: str, totals: list[float], peers: Sequence[str]) -> Training:
        histories = [cell.history for cell in cells[column] if cell.history]
        per_pass = comparison.corpus.train_characters
        falls = [fallen for history in histories if (fallen := fall(history, per_pass)) is not None]
        best = any(h[-1].valid_bits_per_character <= min(r.valid_bits_per_character for r in h) for h in histories)
        greatest = max(falls) if falls else None
        return Training(fmean(totals), bool(histories), greatest, best, ppmd(comparison.baselines, peers))

    found = {name: of(name, [c.bits_per_character.total for c in of_name], ALONE) for name, of_name in cells.items()}
    for title, rows in comparison.rows_by_title.items():
        if (column := rows[0].column) in cells:
            peers = ALONE if rows[0].rate is None else LEARNING
            found[title] = of(column, [row.bits_per_character.total for row in rows], peers)
    return found


def training_warnings(comparison: Comparison, of: Mapping[str, Training]) -> list[str]:
    """A sentence if any verdict between columns holds only after this much training, with the command to train on."""
    early, catching_up = set[str](), set[str]()
    for contrast in comparison.column_contrasts:
        if undertrained(contrast.a, contrast.b, contrast.difference, of, settled=contrast.settled):
            winner, loser = fewer_first(contrast.a, contrast.b, contrast.difference)
            early |= {name for name in (winner, loser) if of[name].trained and of[name].above_ppmd}
            if (of[loser].falling or 0.0) > abs(contrast.difference):
                catching_up.add(loser)
    if not early and not catching_up:
        return []
    reasons = []
    if early:
        above = [name for name in comparison.columns if name in early]
        peer = " or ".join(dict.fromkeys(peer.label for name in above if (peer := of[name].ppmd)))
        reasons.append(f"{', '.join(above)} {'needs' if len(above) == 1 else 'need'} more bits than {peer}")
    if catching_up:
        falling = [name for name in comparison.columns if name in catching_up]
        reasons.append(
            f"{', '.join(falling)} still fell by more per pass over the training text than "
            f"{'the column' if len(falling) == 1 else 'each'} is behind another"
        )
    what = "only for this much training, and may say who learns faster, not who is better"
    return [f"{EARLY}{what}: {'; '.join(reasons)}. To train on: {how_to_train_on(comparison)}."]


def warnings_of_all(comparison: Comparison) -> list[str]:
    """The comparison's warnings; those of what was made equal, and of its training, are made anew and come last."""
    others = [warning for warning in comparison.warnings if not warning.startswith((UNEQUAL, EARLY))]
    return [*others, *resources.warnings(comparison), *training_warnings(comparison, training(comparison))]

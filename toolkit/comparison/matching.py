"""``--match``: one resource is made equal for all columns (within 3 %), by settings that single columns get.

- ``params``: parameters without the embedding, by ``network.units``.
- ``flops``: multiply–adds in all training, gradients included, by ``train.updates``; not with ``network.cutoff``, with
  which training takes fewer than are counted.
- ``chars``: characters read in training, by ``train.updates``. A window is a whole number of tokens, so its characters
  differ between columns, and a column that stops early reads fewer.

Every column gets as much as the largest one has with the comparison's settings. Except with ``params``, training does
not stop early (``train.patience``); the weights are those of the best check as always. ``resources.warnings`` checks
the finished cells.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from toolkit.comparison.folder import Matching
from toolkit.comparison.request import Request
from toolkit.comparison.work import Fitted, Work
from toolkit.config import LENGTHS, flat
from toolkit.errors import InputError
from toolkit.events.encoding import Events, Tokenizer
from toolkit.network.sizes import GATES, Size, size
from toolkit.results.cell import Match
from toolkit.results.resources import BY_LENGTH, OF_MATCH
from toolkit.runs.isolated import blamed
from toolkit.runs.spec import CellSpec, Column
from toolkit.training.stream import stream, windows

DECIDED: Mapping[Match, Sequence[str]] = {  # the settings that no column may have a value of its own for
    "params": ("network.units", "network.embedding"),
    **dict.fromkeys(BY_LENGTH, (*(f"train.{name}" for name in LENGTHS), "train.patience")),
}
MAX_UNITS = 1 << 16
EXCLUDED = ("train.budget_seconds", "train.patience")  # not allowed for the whole comparison, if match is in BY_LENGTH


def refuse_conflicts(match: Match, given: Mapping[str, Any], columns: Sequence[Column]) -> None:
    """Refuse settings that ``--match`` decides, and fewer than two columns with networks."""
    settings = {name: "the comparison" for name in EXCLUDED if match in BY_LENGTH and flat(dict(given)).get(name)}
    for column in columns:
        own = flat(dict(column.settings))
        settings |= {name: f"the column {column.name!r}" for name in DECIDED[match] if own.get(name)}
    for name, place in settings.items():
        raise InputError(f"--match {match} decides {name} for every column, but {place} sets it. Give only one.")
    if sum(column.is_network for column in columns) < 2:
        raise InputError(f"--match {match} needs at least two columns with networks. Add one, or leave --match out.")


class Trainee:
    """A network before its training: its size, its updates, and the tokens and mean characters of an update."""

    def __init__(self, spec: CellSpec, tokenizer: Tokenizer, training: Sequence[Events]) -> None:
        text = stream(tokenizer.vocabulary, training)
        rows, length, _, self.updates = windows(text, spec.settings.train)
        self.name, self.spec, self.tokenizer = spec.column.name, spec, tokenizer
        self.tokens_per_update = rows * length
        self.characters_per_update = rows * length * text.characters / text.tokens

    @property
    def multiply_adds_per_update(self) -> int:
        """Return the multiplications with an addition that an update takes."""
        return self.tokens_per_update * self.spec.kind().training_passes * self.size().multiply_adds

    def size(self, units: int | None = None) -> Size:
        """Return the size of the network, by default with the units of its settings."""
        network = self.spec.settings.network
        if units is not None:
            network = network.model_copy(update=self.with_units(units)["network"])
        return size(network, self.spec.model, len(self.tokenizer.vocabulary), one_hot=self.tokenizer.one_hot)

    def with_units(self, units: int) -> dict[str, dict[str, int]]:
        """Return the settings of a number of units. A tied embedding has as many."""
        network = self.spec.settings.network
        tied = network.tied and not self.tokenizer.one_hot and network.embedding is not None
        return {"network": {"units": units} | ({"embedding": units} if tied else {})}


def units_for(parameters: int, parameters_of: Callable[[int], int]) -> int:
    """Return the number of units whose network has the nearest number of parameters.

    >>> units_for(95, lambda units: units**2)
    10
    """
    above = bisect_left(range(1, MAX_UNITS), parameters, key=parameters_of) + 1
    return min((max(1, above - 1), above), key=lambda units: abs(parameters_of(units) - parameters))


def match_columns(request: Request, work: Work, before: Matching | None) -> tuple[Matching, dict[str, Fitted]]:
    """Decide the settings of all columns, unless ``before`` has them; return these and the tokenizers fitted for it.

    Raises InputError if fewer than two columns can be matched, or the tokenizer of one fails.
    """
    match = request.match
    assert match is not None
    specs = {column.name: request.spec(column, request.seeds[0]) for column in request.columns}
    left_out = {name: reason for name, spec in specs.items() if (reason := unmatchable(spec, match))}
    matchable = {name: spec for name, spec in specs.items() if name not in left_out}
    if before is not None and matchable.keys() <= before.settings.keys() | before.left_out.keys():
        return before, {}
    fitted = {name: work.fitted(spec) for name, spec in matchable.items()}
    trainees: list[Trainee] = []
    for name, spec in matchable.items():
        if fitted[name].failed:
            raise InputError(f"--match {match} cannot be decided without {name}: {fitted[name].failed}.")
        with blamed(spec.column):
            tokenizer = request.tokenizer(spec.column).restore(fitted[name].state)
            training = work.encoded(spec, fitted[name].state).training
        if match == "flops" and spec.settings.network.cut(len(tokenizer.vocabulary)) is not None:
            left_out[name] = "with network.cutoff, training takes fewer multiply–adds than are counted"
        else:
            trainees.append(Trainee(spec, tokenizer, training))
    if len(trainees) < 2:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in left_out.items())
        raise InputError(f"--match {match} can be applied to fewer than two columns ({reasons}). Leave it out.")
    work.reporter.stage(f"--match {match}: deciding how much each column gets")
    settings, note = decided(match, trainees)
    notes = [note, *(f"{name} is left out: {reason}." for name, reason in left_out.items())]
    return Matching(settings=settings, note=" ".join(notes), left_out=left_out), fitted


def unmatchable(spec: CellSpec, match: Match) -> str:
    """Return why a cell cannot be matched; nothing if it can."""
    if not spec.column.is_network:
        return f"the model {spec.model!r} is no network that is trained for a number of updates"
    if match in ("params", "flops") and spec.model not in GATES:
        return f"the size of the network {spec.model!r} is not known before it is built"
    return ""


def decided(match: Match, trainees: Sequence[Trainee]) -> tuple[dict[str, dict[str, Any]], str]:
    """Return the settings by column that make this resource equal, and a sentence about them."""
    if match == "params":
        amounts = [float(trainee.size().other_parameters) for trainee in trainees]
    else:
        per_update = [t.multiply_adds_per_update if match == "flops" else t.characters_per_update for t in trainees]
        amounts = [trainee.updates * each for trainee, each in zip(trainees, per_update, strict=True)]
    target = max(amounts)
    settings: dict[str, dict[str, Any]] = {}
    chosen: dict[str, int] = {}
    for i, trainee in enumerate(trainees):
        if match == "params":
            number = units_for(int(target), lambda units, t=trainee: t.size(units).other_parameters)  # type: ignore[misc]
            settings[trainee.name] = trainee.with_units(number)
        else:
            number = max(1, round(target / per_update[i]))
            train = trainee.spec.settings.train
            epochs = {} if train.epochs is None else {"epochs": None}
            settings[trainee.name] = {"train": {"updates": number} | epochs | {"patience": train.checks}}
        chosen[trainee.name] = number
    each = ", ".join(f"{name} {number:,}" for name, number in chosen.items())
    largest = trainees[amounts.index(target)].name
    sentence = (
        f"--match {match} gives every column as many {OF_MATCH[match].label} as {largest} has with the comparison's "
        f"settings, {target:,.0f}, by its number of {'units' if match == 'params' else 'updates'}: {each}."
    )
    return settings, sentence

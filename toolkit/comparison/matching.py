"""``--match``: one resource is made equal for all columns (within 3 %), by settings that single columns get.

- ``params``: parameters without the embedding, by ``network.units``.
- ``flops``: multiply–adds in all training, gradients included, by ``train.updates``.
- ``chars``: characters read in training, by ``train.updates``. A window is a whole number of tokens, so its characters
  differ between columns, and a column that stops early reads fewer.

Every column gets as much as the largest one has with the comparison's settings. Except with ``params``, training does
not stop early (``train.patience``); the best check has the weights, as always. ``resources.warnings`` checks
the finished cells.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence

from toolkit.comparison.request import Request
from toolkit.comparison.work import Fitted, Work
from toolkit.config import LENGTHS, Table, flat
from toolkit.errors import InputError
from toolkit.events.encoding import Events, Tokenizer
from toolkit.network import Size, size
from toolkit.results.cell import Match
from toolkit.results.comparison import BY_LENGTH, RESOURCES
from toolkit.runs.isolated import blamed
from toolkit.runs.spec import CellSpec, Column
from toolkit.training.stream import stream, windows

DECIDED: Mapping[Match, Sequence[str]] = {  # the settings that no column may have a value of its own for
    "params": ("network.units", "network.embedding"),
    **dict.fromkeys(BY_LENGTH, (*(f"train.{name}" for name in LENGTHS), "train.patience")),
}
MAX_UNITS = 1 << 16
Matched = dict[str, Table]  # settings by column
# Not allowed for the whole comparison, if match is in BY_LENGTH.
EXCLUDED = (
    "train.budget_seconds",
    "train.patience",
)


def refuse_conflicts(match: Match, given: Table, columns: Sequence[Column]) -> None:
    """Refuse settings that ``--match`` decides."""
    excluded: Sequence[str] = EXCLUDED if match in BY_LENGTH else ()
    for settings, names in ((given, excluded), *((column.settings, DECIDED[match]) for column in columns)):
        for name in filter(flat(settings).get, names):
            raise InputError(f"--match {match} decides {name} for every column. Leave the setting out.")


class Trainee:
    """A network before its training: its size, its updates, and the resources of an update."""

    def __init__(self, spec: CellSpec, tokenizer: Tokenizer, training: Sequence[Events]) -> None:
        self.spec, self.tokenizer = spec, tokenizer
        text = stream(tokenizer.vocabulary, training)
        rows, length, _, self.updates = windows(text, spec.settings.train)
        passes = spec.kind().training_passes
        self.per_update: dict[Match, float] = {
            "chars": rows * length * text.characters / text.tokens,
            "flops": rows * length * passes * self.size().multiply_adds,
        }

    def size(self, units: int | None = None) -> Size:
        """Return the size of the network, by default with the units of its settings."""
        changes = {} if units is None else self.with_units(units)["network"]
        network = self.spec.settings.network.model_copy(update=changes | {"cell": self.spec.model})
        return size(network, len(self.tokenizer.vocabulary), one_hot=self.tokenizer.one_hot)

    def with_units(self, units: int) -> dict[str, dict[str, int]]:
        """Return the settings of a number of units. A tied embedding has as many."""
        network = self.spec.settings.network
        tied = network.tied and not self.tokenizer.one_hot and network.embedding is not None
        return {"network": {"units": units} | ({"embedding": units} if tied else {})}

    def amount(self, match: Match) -> float:
        """Return the amount of a resource with the comparison's settings."""
        if match == "params":
            return float(_without_embedding(self.size()))
        return self.updates * self.per_update[match]

    def matched(self, match: Match, target: float) -> Table:
        """Return the settings with the number of units or updates that comes nearest to an amount."""
        if match == "params":
            return self.with_units(units_for(int(target), lambda units: _without_embedding(self.size(units))))
        train = self.spec.settings.train
        updates = max(1, round(target / self.per_update[match]))
        epochs = {} if train.epochs is None else {"epochs": None}
        return {"train": {"updates": updates} | epochs | {"patience": train.checks}}


def _without_embedding(size: Size) -> int:
    return size.parameters - size.embedding_parameters


def units_for(parameters: int, parameters_of: Callable[[int], int]) -> int:
    """Return the number of units whose network has the nearest number of parameters.

    >>> units_for(95, lambda units: units**2)
    10
    """
    above = bisect_left(range(1, MAX_UNITS), parameters, key=parameters_of) + 1
    return min((max(1, above - 1), above), key=lambda units: abs(parameters_of(units) - parameters))


def match_columns(
    request: Request, match: Match, work: Work, before: Matched
) -> tuple[Matched, dict[str, Fitted]]:
    """Decide the settings of all columns, unless ``before`` has them; return these and the tokenizers fitted for it.

    Raises InputError if fewer than two columns can be matched, or the tokenizer of one fails.
    """
    specs = {column.name: request.spec(column, request.seeds[0]) for column in request.columns}
    matchable = {name: spec for name, spec in specs.items() if spec.column.is_network}
    if matchable and matchable.keys() <= before.keys():
        return before, {}
    if len(matchable) < 2:
        raise InputError(f"--match {match} needs two columns with networks. Leave it out.")
    fitted = {name: work.fit(spec) for name, spec in matchable.items()}
    trainees: dict[str, Trainee] = {}
    for name, spec in matchable.items():
        if fitted[name].failed:
            raise InputError(f"--match {match} cannot be decided without {name}: {fitted[name].failed}.")
        with blamed(spec.column):
            tokenizer = request.tokenizer(spec.column).restore(fitted[name].state)
            trainees[name] = Trainee(spec, tokenizer, work.encoded(spec, fitted[name].state).training)
    target = max(trainee.amount(match) for trainee in trainees.values())
    work.reporter.stage(f"--match {match}: {target:,.0f} {RESOURCES[match]} for each column")
    return {name: trainee.matched(match, target) for name, trainee in trainees.items()}, fitted

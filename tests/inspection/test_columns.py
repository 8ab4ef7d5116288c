"""The length of training."""

import pytest

from toolkit.config import TrainSettings
from toolkit.inspection.columns import updates_needed


@pytest.mark.parametrize(("epochs", "last", "updates"), [(3, 50, 20), (3, 5, 5), (None, 5, 20)])
def test_a_budget_and_epochs_end_training_at_whichever_comes_first(epochs, last, updates):
    assert updates_needed(TrainSettings(budget_seconds=10.0, epochs=epochs), last, 2.0) == updates
    assert updates_needed(TrainSettings(), 7, 2.0) == 7

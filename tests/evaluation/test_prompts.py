"""What the samples of a comparison continue."""

from toolkit.config import SampleSettings
from toolkit.evaluation.evaluator import PROMPT_CHARACTERS, EvaluationData


def test_without_a_prompt_samples_continue_the_first_held_out_document(split):
    prompt = EvaluationData(split, "en").prompt(SampleSettings())
    assert split.test[0].text.startswith(prompt.rstrip())
    assert 0 < len(prompt) <= PROMPT_CHARACTERS


def test_an_empty_prompt_is_a_prompt(split):
    """It is the beginning of a document, as it is for ``toolkit generate``."""
    assert EvaluationData(split, "en").prompt(SampleSettings(prompt="")) == ""

"""Sampling: seeds, temperature, top-k and top-p, prompts with what was never seen, filled placeholders."""

import numpy as np
import pytest

from toolkit.backend import tf
from toolkit.errors import InputError
from toolkit.sampling import generate, gumbel, restricted


def test_texts_have_the_length_and_depend_on_the_seed_alone(run):
    one, two = generate(run.network, run.tokenizer, "The harbour", 150, seeds=[3, 4])
    assert len(one) == len(two) == 150
    assert one != two
    assert generate(run.network, run.tokenizer, "The harbour", 150, seeds=[9, 3])[1] == one


@pytest.mark.parametrize("prompt", ["", "The ", "Ω zyzzyva ñ", "  ", "a\n\n"])
def test_any_prompt_works(run, prompt):
    (text,) = generate(run.network, run.tokenizer, prompt, 40, seeds=[0])
    assert len(text) == 40


def test_a_continuation_goes_on_from_the_prompts_space(run):
    (spaced,) = generate(run.network, run.tokenizer, "The keeper ", 40, seeds=[0], temperature=0.2)
    assert not spaced.startswith(" ")


def test_no_token_without_training_is_drawn(run):
    if run.config.tokenizer == "bpe":
        pytest.skip("bytes seen in training may make up a character that is not; the next test looks at ids")
    (text,) = generate(run.network, run.tokenizer, "", 300, seeds=[1], temperature=3.0)
    alphabet = {c for d in [run.tokenizer.state()] for c in str(d)}
    assert set(text) - {"\n"} <= alphabet


def test_no_token_without_training_is_drawn_behind_bytes_either(run, monkeypatch):
    drawn = []
    right = type(run.tokenizer).decode
    monkeypatch.setattr(
        type(run.tokenizer), "decode", lambda self, ids, surfaces: drawn.extend(ids) or right(self, ids, surfaces)
    )
    generate(run.network, run.tokenizer, "", 300, seeds=[1], temperature=3.0)
    assert run.tokenizer.vocabulary.reserve.trained[drawn].all()


@pytest.mark.parametrize("fill", ["seen", "spelled"])
def test_no_mark_or_placeholder_is_left_in_the_text(run, fill):
    for text in generate(run.network, run.tokenizer, "", 300, seeds=range(3), fill=fill):
        text.encode("utf-8")  # a joiner would be a lone surrogate
        assert "<" not in text


def test_gumbel_argmax_draws_from_the_softmax():
    logits = tf.math.log(tf.constant([0.5, 0.3, 0.2]))
    draws = [int(tf.argmax(logits + gumbel(3, tf.constant([7, i], tf.int64)))) for i in range(3000)]
    assert np.bincount(draws) / 3000 == pytest.approx([0.5, 0.3, 0.2], abs=0.03)


def test_top_k_and_top_p_leave_the_likeliest():
    logits = tf.math.log(tf.constant([[0.1, 0.5, 0.25, 0.15]]))  # id 0 is <doc>: never drawn
    assert (restricted(logits, 2, None).numpy() > -1e8).tolist() == [[False, True, True, False]]
    # of 0.9: 0.556, 0.278, 0.167: the first two reach 0.8
    assert (restricted(logits, None, 0.8).numpy() > -1e8).tolist() == [[False, True, True, False]]
    assert (restricted(logits, None, 0.5).numpy() > -1e8).tolist() == [[False, True, False, False]]
    assert (restricted(logits, None, 1.0).numpy() > -1e8).tolist() == [[False, True, True, True]]


@pytest.mark.parametrize(
    "wrong", [{"temperature": 0.0}, {"temperature": float("nan")}, {"top_k": 0}, {"top_p": 0.0}, {"top_p": 1.5}]
)
def test_values_out_of_range_are_refused(run, wrong):
    with pytest.raises(InputError, match="give a"):
        generate(run.network, run.tokenizer, "", 10, seeds=[0], **wrong)

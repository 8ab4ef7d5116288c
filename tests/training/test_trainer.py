"""Training: repeatable, its best check kept, its reasons to stop, the same text per update for every tokenizer."""

import math

import numpy as np
import pytest
from toolkit.training.batches import window_length
from toolkit.training.checkpoint import FORGETFUL
from toolkit.training.schedule import rate_at

from toolkit.config import NetworkSettings, TrainSettings
from toolkit.network.backend import tf
from toolkit.network.dropout import Masks
from toolkit.network.network import RecurrentNetwork
from toolkit.text.corpus import Document, beginning
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.words import Words
from toolkit.training import validation
from toolkit.training.stream import stream
from toolkit.training.trainer import DivergedError, Loop, train

NETWORK = NetworkSettings(units=12, embedding=12, dropout=0.2, input_dropout=0.1, recurrent_dropout=0.1)
KERNEL = "lstm_0/lstm_cell/kernel"
TRAIN = TrainSettings(updates=30, batch=4, window_characters=40, checks=3, learning_rate=0.01)


def silent(_):
    pass


@pytest.fixture(scope="module")
def characters(split):
    return Characters().fit(split.train)


def trained(tokenizer, split, seed=0, network=NETWORK, **changes):
    training, valid = ([tokenizer.encode(document) for document in part] for part in (split.train, split.valid))
    return train(tokenizer, training, valid, network, TRAIN.model_copy(update=changes), seed, silent)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_weights_and_another_gives_others(characters, split):
    a, b, c = trained(characters, split), trained(characters, split), trained(characters, split, seed=1)
    for name, array in a.model.network.arrays().items():
        np.testing.assert_array_equal(array, b.model.network.arrays()[name])
    assert [r.valid_bits_per_character for r in a.history] == [r.valid_bits_per_character for r in b.history]
    assert any((array != c.model.network.arrays()[name]).any() for name, array in a.model.network.arrays().items())


def test_training_learns(characters, split):
    result = trained(characters, split, updates=90)
    uniform = math.log2(len(characters.vocabulary))
    assert result.history[-1].valid_bits_per_character < 0.75 * uniform
    assert result.history[-1].updates == result.updates == 90


@pytest.mark.parametrize("tokenizer", [Characters(), Words("unk")])
def test_valid_bits_are_complete_bits_of_the_validation_documents(tokenizer, split):
    tokenizer.fit(split.train, split.valid)
    result = trained(tokenizer, split)
    best = min(row.valid_bits_per_character for row in result.history)
    scores = result.model.score([tokenizer.encode(document) for document in split.valid])
    assert sum(s.total for s in scores) / sum(len(d.text) for d in split.valid) == pytest.approx(best, rel=1e-6)


def test_the_weights_of_the_best_check_are_kept(characters, split):
    result = trained(characters, split, updates=60, checks=6, learning_rate=0.2, patience=6)
    values = [row.valid_bits_per_character for row in result.history]
    scores = result.model.score([characters.encode(document) for document in split.valid])
    assert sum(s.total for s in scores) / sum(len(d.text) for d in split.valid) == pytest.approx(min(values), rel=1e-6)


def test_a_check_that_is_not_the_best_goes_back_and_lowers_the_rate(characters, split, monkeypatch):
    from toolkit.training import trainer

    bits = iter([9.0, 5.0, 4.0, 4.5, 3.0])  # the first only makes the graph
    monkeypatch.setattr(trainer.Validation, "bits_per_character", lambda *_: next(bits))
    seen, rates = [], []
    plain, make_step = trainer.Loop.run_to_next_check, trainer.make_step

    def watched(loop, report):
        seen.append([loop.network.arrays(), plain(loop, report), loop.network.arrays()])
        return seen[-1][1]

    def recording(*given):
        step = make_step(*given)
        return lambda x, y, states, rate, update: rates.append(float(rate)) or step(x, y, states, rate, update)

    monkeypatch.setattr(trainer.Loop, "run_to_next_check", watched)
    monkeypatch.setattr(trainer, "make_step", recording)
    result = trained(characters, split, updates=8, checks=4, cooling=4.0)
    usual = [rate_at(update / 8, 0.0, TRAIN) for update in range(8)]
    assert rates == pytest.approx([0.0, *usual[:6], usual[6] / 4, usual[7] / 4], rel=1e-6)  # the first makes the graph
    best, worse = seen[1][2][KERNEL], seen[2][2][KERNEL]
    assert not np.array_equal(best, worse)
    np.testing.assert_array_equal(seen[3][0][KERNEL], best)
    np.testing.assert_array_equal(result.model.network.arrays()[KERNEL], seen[3][2][KERNEL])


def test_patience_ends_training(characters, split, monkeypatch):
    from toolkit.training import trainer

    bits = iter([9.0, 5.0, 4.0, 4.5, 4.2, 1.0])  # the first only makes the graph
    monkeypatch.setattr(trainer.Validation, "bits_per_character", lambda *_: next(bits))
    result = trained(characters, split, updates=60, checks=6, patience=2)
    assert [row.valid_bits_per_character for row in result.history] == [5.0, 4.0, 4.5, 4.2]
    assert result.updates == 40


def test_patience_counts_checks_in_a_row(characters, split, monkeypatch):
    from toolkit.training import trainer

    bits = iter([9.0, 5.0, 6.0, 4.0, 6.0, 3.0, 6.0])  # the first only makes the graph
    monkeypatch.setattr(trainer.Validation, "bits_per_character", lambda *_: next(bits))
    result = trained(characters, split, updates=60, checks=6, patience=2)
    assert [row.valid_bits_per_character for row in result.history] == [5.0, 6.0, 4.0, 6.0, 3.0, 6.0]


@pytest.mark.parametrize("tokenizer", [Characters(), Words("unk")])
def test_the_training_curve_has_complete_bits_of_what_was_trained_on(tokenizer, split):
    """What is read once from beginning to end, and not learnt, needs what it would need as validation text."""
    documents = split.train[:1]
    encodings = [tokenizer.fit(documents, documents).encode(document) for document in documents]
    still = NetworkSettings(units=12, embedding=12, dropout=0.0, input_dropout=0.0, recurrent_dropout=0.0)
    settings = TRAIN.model_copy(
        update={"updates": None, "epochs": 1, "batch": 1, "checks": 1, "learning_rate": 1e-12, "forgotten": 0.0}
    )
    (row,) = train(tokenizer, encodings, encodings, still, settings, 0, silent).history
    assert row.train_bits_per_character == pytest.approx(row.valid_bits_per_character, rel=0.02)


def test_a_validation_loss_that_is_no_number_ends_with_a_reason(characters, split, monkeypatch):
    from toolkit.training import trainer

    bits = iter([9.0, 5.0, math.nan])  # the first only makes the graph
    monkeypatch.setattr(trainer.Validation, "bits_per_character", lambda *_: next(bits))
    with pytest.raises(DivergedError, match="the validation loss became nan after 20 updates"):
        trained(characters, split)


def test_three_checks_in_a_row_after_the_warm_up_are_a_divergence(characters, split):
    encodings = [characters.encode(document) for document in split.train]
    network = RecurrentNetwork(NETWORK, characters.vocabulary.reserve.trained, one_hot=True)
    loop = Loop(network, encodings, characters, TRAIN.model_copy(update={"warmup": 0.1}), 0, FORGETFUL)
    above, below = loop.uniform_nats + 0.1, loop.uniform_nats - 0.1
    for nats in 5 * [above]:
        loop.guard(nats)
    loop.position.updates = 20
    for nats in (above, above, below, above, above):
        loop.guard(nats)
    with pytest.raises(DivergedError, match="for 3 checks, up to 20 updates"):
        loop.guard(above)


def test_a_loss_that_is_no_number_ends_with_a_reason(characters, split):
    with pytest.raises(DivergedError, match="became nan"):
        trained(characters, split, learning_rate=float("inf"))


def test_a_loss_above_a_uniform_models_ends_with_a_reason(characters, split):
    with pytest.raises(DivergedError, match="above a uniform"):
        trained(characters, split, learning_rate=30.0, checks=10)


def test_rows_forget_so_often_that_a_hundredth_of_their_windows_begin_without_a_state(characters, split):
    encoding = characters.encode(Document("one", split.train[0].text * 20))
    settings = TrainSettings(batch=64, window_characters=10, forgotten=0.3)
    network = RecurrentNetwork(NETWORK, characters.vocabulary.reserve.trained, one_hot=True)
    loop = Loop(network, [encoding], characters, settings, 5, FORGETFUL)
    assert 0 < loop.forgetting < 0.3  # the pass and its one document begin some windows anyway
    ones = tf.nest.map_structure(tf.ones_like, loop.states.zero())
    kept = []
    for update in range(40):
        loop.position.updates, loop.states.by_tower = update, ones
        loop.forget()
        towers = [tf.nest.flatten(state) for state in loop.states.by_tower]
        flat = [np.concatenate(parts) for parts in zip(*towers, strict=True)]
        assert all((values == values[:, :1]).all() for values in flat)  # whole rows, hidden and cell alike
        assert all((values == flat[0]).all() for values in flat)
        kept.append(flat[0][:, 0])
        loop.states.by_tower = ones
        loop.forget()
        assert (
            loop.states.by_tower[1][0][1].numpy()[:, 0] == kept[-1][loop.windows.rows // 2 :]
        ).all()  # of seed and update alone
    assert np.mean(kept) == pytest.approx(1 - loop.forgetting, abs=0.03)


def test_epochs_set_the_updates(characters, split):
    read = stream(characters.vocabulary, [characters.encode(document) for document in split.train])
    result = trained(characters, split, epochs=2)
    assert result.updates == 2 * (read.tokens // (4 * window_length(read, 40)))


def test_a_budget_ends_training_by_the_clock(characters, split):
    result = trained(characters, split, budget_seconds=1.0, updates=10**6)
    assert 1.0 <= result.seconds < 4.0
    assert len(result.history) >= 2


def test_every_tokenizer_reads_the_same_text_per_update(characters, split):
    words = Words("unk").fit(split.train)
    a, b = trained(characters, split, updates=60), trained(words, split, updates=60)
    assert a.characters_seen == pytest.approx(b.characters_seen, rel=0.15)


def test_a_text_shorter_than_a_window_trains():
    tiny = [Document("t", "abcab")]
    tokenizer = Characters().fit(tiny)
    encodings = [tokenizer.encode(tiny[0])]
    result = train(tokenizer, encodings, encodings, NETWORK, TRAIN, 0, silent)
    assert result.updates == 30


def test_masks_depend_on_seed_update_and_place_only():
    def mask(seed, update, place):
        return Masks(seed, tf.constant(update, tf.int64), NETWORK).mask((50,), 0.5, place).numpy().tolist()

    assert mask(0, 1, "a") == mask(0, 1, "a")
    assert len({tuple(mask(*key)) for key in [(0, 1, "a"), (1, 1, "a"), (0, 2, "a"), (0, 1, "b")]}) == 4
    assert set(mask(0, 1, "a")) == {0.0, 2.0}


def test_each_layer_has_masks_of_its_own():
    masks = Masks(0, tf.constant(1, tf.int64), NETWORK)
    for first, second in (
        [masks.recurrent(tf.ones((12, 48)), layer) for layer in (0, 1)],
        [masks.outputs(tf.ones((3, 4, 12)), layer, 0) for layer in (0, 1)],
        [masks.outputs(tf.ones((3, 4, 12)), 0, tower) for tower in (0, 1)],
    ):
        assert (first.numpy() != second.numpy()).any()


def test_untrained_ids_keep_their_zero_input_row(characters, split):
    network = trained(characters, split).model.network
    trained_ids = characters.vocabulary.reserve.trained
    assert (network.arrays()[KERNEL][~trained_ids] == 0).all()
    assert (network.arrays()[KERNEL][trained_ids] != 0).any(1).all()


def test_towers_do_not_change_the_result_beyond_rounding(characters, split):
    plain = NetworkSettings(units=12, embedding=12)
    one = trained(characters, split, network=plain, towers=1, updates=5, checks=1)
    two = trained(characters, split, network=plain, towers=2, updates=5, checks=1)
    for name, array in one.model.network.arrays().items():
        np.testing.assert_allclose(array, two.model.network.arrays()[name], atol=1e-5)


def test_rate_rises_then_falls():
    settings = TrainSettings(learning_rate=1.0, warmup=0.1)
    rates = [rate_at(share, 0.0, settings) for share in (0, 0.05, 0.1, 0.5, 0.9, 1)]
    assert rates[0] < rates[1] < rates[2] == 1.0
    assert rates[2:] == sorted(rates[2:], reverse=True)
    assert rates[-1] == pytest.approx(0.01)


def test_beginning_cuts_at_a_space():
    assert beginning("one two three", 8) == "one two"
    assert beginning("onetwothree", 5) == "onetw"
    assert beginning("short", 100) == "short"


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("第一章 故事\n" + "月" * 40_000, 20_000, 20_000),  # Chinese is written without spaces
        ("第一章 故事\n" + "月" * 100, 60, 60),  # as long as a prompt
        ("第一章 故事\n" + "月光\n" * 100, 60, 57),
        ("The moon\n" + "a\ttab\n" * 9_000, 20_000, 19_996),
        ("The moon. " * 20 + "\n\nIt rose", 204, 199),  # a space comes before a line end, however it stands
    ],
)
def test_beginning_is_not_cut_to_a_heading_that_alone_has_spaces(text, most, expected):
    assert beginning(text, most) == text[:expected]
    assert text[expected].isspace() or expected == most


def test_one_hot_and_embedding_shapes(characters):
    network = RecurrentNetwork(NETWORK, characters.vocabulary.reserve.trained, one_hot=True)
    assert network.named_weights[network.input_matrix].shape == (len(characters.vocabulary), 48)
    assert not any(name.startswith("embedding") for name in network.named_weights)
    assert network.parameters == sum(array.size for array in network.arrays().values())


def test_the_spelling_of_long_training_text_is_scored_for_its_first_documents_only(split, monkeypatch):
    tokenizer = Words("unk").fit(split.train, split.valid)
    encodings = [tokenizer.encode(document) for document in split.train]
    read = []
    right = validation.other_bits
    monkeypatch.setattr(validation, "other_bits", lambda t, e: read.append(e) or right(t, e))
    first = len(split.train[0].text)
    rate = validation.other_rate(tokenizer, encodings, first + 1)
    assert [id(encoding) for encoding in read] == [id(encoding) for encoding in encodings[:2]]
    expected = sum(right(tokenizer, encoding) for encoding in encodings[:2])
    assert rate == pytest.approx(expected / (first + len(split.train[1].text)))

"""The article's text, recipes, losses and training, and the decisions and the folder of its reproduction."""

import math
import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers.rounding import assert_same_sums
from toolkit.article.article_text import Alphabet, ArticleText, Passages
from toolkit.article.experiments import Chance, Counts, Moment, Reproduction, Result, Scores, Text, experiments
from toolkit.article.network import Model, Training, Windows, mean_loss
from toolkit.article.reproduction import Figures, render, reproduce
from toolkit.errors import InputError
from toolkit.files import write_file

PLAN = {experiment.name: experiment.recipe for experiment in experiments(310_000, 1_500_000, 7)}
SMALL = {"units": 12, "window": 10, "characters": 2_000, "learning_rate": 0.03, "batch": 8, "seed": 0}
RECIPE = PLAN["repaired"].model_copy(update=SMALL)
PERIODIC = Passages(np.arange(3_000, dtype=np.int32) % 10)
PROMPTS = np.random.default_rng(0).integers(10, size=(3, 50)).astype(np.int32)


def test_every_shift_has_the_same_targets():
    for length in (200, 777, 5_000):
        passages = Passages(np.arange(length, dtype=np.int32))
        assert all((passages.inputs(shift) + shift == passages.targets).all() for shift in (1, 10, 30, 50))
        assert passages.targets.shape[1] % 150 == 0
        assert len(np.unique(passages.targets)) == passages.targets.size
        assert (passages.prompts[:, -1] + 1 == passages.targets[:, 0]).all()


def test_counts_by_hand(corpus):
    article_text = ArticleText(corpus)
    training, line = article_text.training, article_text.counts(["The harbour was burNing in the zznation. "])
    sizes = [line.characters, line.words, line.word_length, line.spaces_share]
    assert sizes == pytest.approx([41, 7, 33 / 7, 7 / 41])
    per_10k = [line.the_per_10k, line.ing_per_10k, line.tion_per_10k]
    assert per_10k == pytest.approx([20_000 / 7, 10_000 / 7, 10_000 / 7])
    shares = [line.prepositions_pronouns_share, line.known_words, line.capitals_within]
    assert shares == pytest.approx([1 / 7, 4 / 7, 1 / 2])  # in; the, harbour, in, the; T of T and N
    same, shuffled, empty = (article_text.counts([text]) for text in (training, "".join(sorted(training)), ""))
    assert same.letters_jsd == same.letter_pairs_jsd == same.word_lengths_jsd == shuffled.letters_jsd == 0
    assert (same.known_words, empty.letter_pairs_jsd, shuffled.letter_pairs_jsd > 0.5) == (1, 1, True)
    assert empty.words == empty.the_per_10k == empty.known_words == empty.repetition == empty.capitals_within == 0


def test_the_record_equals_a_plainer_count(corpus):
    article_text = ArticleText(corpus)
    record, training = article_text.record(), article_text.training
    assert article_text.held_out.startswith(record.prompt + record.beginning)
    rows = article_text.alphabet.decode(article_text.passages.rows)
    targets = [(row, place) for row in rows for place in range(50, len(row))]
    shares = {character: training.count(character) / len(training) for character in record.alphabet}
    nats = [-math.log(p if c == row[place] else 1 - p) for row, place in targets for c, p in shares.items()]
    assert record.targets == len(targets)
    assert record.chance.accuracy == np.mean([row[place] == " " for row, place in targets])
    assert record.chance.binary_cross_entropy == pytest.approx(np.mean(nats), rel=1e-6)


def test_losses_equal_those_of_keras():
    logits = tf.constant(np.random.default_rng(0).normal(size=(4, 3, 7)) * 2, tf.float32)
    targets = tf.constant(np.random.default_rng(1).integers(7, size=(4, 3)), tf.int32)
    binary = float(keras.losses.BinaryCrossentropy()(tf.one_hot(targets, 7), tf.sigmoid(logits)))
    categorical = float(keras.losses.CategoricalCrossentropy()(tf.one_hot(targets, 7), tf.nn.softmax(logits)))
    for loss, expected in (("binary", binary), ("categorical", categorical)):
        ours = mean_loss(f"{loss} cross-entropy", logits, targets)
        assert_same_sums(ours, expected, 4 * 3 * 7)  # 0.02 seen


def test_a_pass_reads_each_row_once_from_left_to_right():
    for window, shift, length, rows in ((50, 50, 1_000, 4), (50, 1, 120, 2), (10, 4, 990, 4)):
        ring = np.arange(length, dtype=np.int32)  # each id is its own place
        changes = {"batch": 4, "window": window, "shift": shift}
        windows, other = (Windows(ring, RECIPE.model_copy(update={**changes, "seed": seed})) for seed in (3, 4))
        places, targets = np.concatenate([windows.at(update) for update in range(windows.per_pass)], 2)
        assert (targets == (places + shift) % length).all()
        assert places.shape == (rows, length // rows // window * window)
        assert (np.diff(places, axis=1) % length == 1).all()
        assert len(np.unique(places)) == places.size
        assert places[0, 0] not in (other.at(0)[0][0, 0], windows.at(windows.per_pass)[0][0, 0])


@pytest.mark.slow
def test_a_network_learns_a_song():
    alphabet = Alphabet(song := "row your boat " * 200)
    model = Model(RECIPE, len(alphabet.characters))
    Training(model, alphabet.encode(song)).run_to(10_000)
    assert model.answers(Passages(alphabet.encode(song)))[1].accuracy == pytest.approx(1, abs=0.05)


class Echo(Model):
    """Answers each character with itself, or with the number of characters read since its state was reset."""

    def __init__(self, *, counting=False, **changes):
        self.recipe = RECIPE.model_copy(update={"carried": False, **changes})
        self.size, self.counting = 400, counting

    def initial(self, rows):
        return tf.zeros((rows,), tf.int32)

    def logits(self, ids, states):
        answers = (states[:, None] + 1 + tf.range(ids.shape[1])) % self.size if self.counting else ids  # (B, T)
        return 20 * tf.one_hot(answers, self.size), states + ids.shape[1]


@pytest.mark.parametrize(("window", "shift", "accuracy"), [(10, 10, 1), (50, 1, 0), (30, 30, 1)])
def test_an_echo_answers_and_writes_the_character_before_the_shift(window, shift, accuracy):
    """Of 400 characters the right one has the probability e²⁰ / (e²⁰ + 399)."""
    reader = Echo(window=window, shift=shift)
    likeliest, scores = reader.answers(PERIODIC)
    assert (likeliest == PERIODIC.inputs(shift)).all()
    assert scores.accuracy == accuracy
    whole = np.concatenate([PROMPTS, reader.write(PROMPTS, 120)], 1)
    assert (whole[:, 50:] == whole[:, 50 - shift : -shift]).all()
    shares = np.exp([20, 0]) / (math.exp(20) + 399)
    right, wrong = np.clip(shares, 1e-7, 1 - 1e-7)  # as Keras does
    if accuracy:
        expected = -(math.log(right) + 399 * math.log(1 - wrong)) / 400
        # 0.02 seen
        assert_same_sums(scores.binary_cross_entropy, expected, 8, magnitude=1)


@pytest.mark.parametrize(("carried", "written"), [(False, [10, 1, 2, 3]), (True, [10, 11, 12, 13])])
def test_the_state_is_reset_at_each_window_unless_it_is_carried(carried, written):
    reader = Echo(counting=True, carried=carried)
    steps = np.arange(1, PERIODIC.targets.shape[1] + 1)
    assert (reader.answers(PERIODIC)[0] == (steps % 400 if carried else (steps - 1) % 10 + 1)).all()
    assert reader.write(PROMPTS, 4)[0].tolist() == written


USUAL = 0.181  # the accuracy of an experiment that is not listed
ACCURACIES = {
    "shift-1": 0.41, "categorical": 0.42, "repaired": 0.46, "other-seed": 0.462, "short-text": 0.12,
    "categorical-alone": 0.15, "large": 0.55,
}  # fmt: skip
TEXTS = {"answers": "e" + " " * 60, "likeliest": "the sea of the sea", "drawn": "He ploud & <br> the waller"}
COUNTS = Counts(**dict.fromkeys(Counts.model_fields, 0.25) | {"characters": 57_600, "words": 10_000})
BLANK = COUNTS.model_copy(update={"words": 0})
TEXT = Text(
    name="tales", sha256="9f2c", documents=45, characters=441_722, training_characters=310_000,
    alphabet=" etaonihsrdlu", held_out_characters=88_000, targets=57_600,
    prompt="The keeper of the lamp was away in the town, and s", beginning="o he was not at home for the nights. " * 4,
    counts=COUNTS,
    chance=Chance(most_common=" ", accuracy=0.18, binary_cross_entropy=0.19),
)  # fmt: skip
ATTACK = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def invented_result(experiment, accuracy=USUAL):
    scores = Scores(accuracy=accuracy, binary_cross_entropy=0.15)
    moment = Moment(characters_read=1_500_000, updates=940, seconds=25, held_out=scores, texts=TEXTS)
    return Result(
        **dict(experiment), parameters=151_200, moments=[moment],
        training=scores.model_copy(update={"accuracy": 0.5}), recalled="the lamp was lit",
        counts={"answers": BLANK, "likeliest": BLANK, "drawn": COUNTS, "recalled": COUNTS},
    )  # fmt: skip


def reproduction(accuracies=None, **changes):
    by_name = ACCURACIES | (accuracies or {})
    return Reproduction(
        command="toolkit reproduce article", created="2026-11-25T10:00:00+00:00", versions={"python": "3.12"},
        machine={"cores": 2}, seed=0, characters=1_500_000, text=TEXT.model_copy(update=changes),
        results=[invented_result(plan, by_name.get(plan.name, USUAL)) for plan in experiments(310_000, 1_500_000, 0)],
    )  # fmt: skip


def test_decisions_need_more_than_noise_and_one_answer():
    """Whether the first network learned, the repairs help, and the short text was memorised (with 0.5 right there)."""
    for accuracies, decisions in (
        ({}, (False, True, True)),
        ({"network-1": 0.455}, (True, False, True)),
        ({"network-1": 0.3, "short-text": 0.45}, (True, True, False)),
        ({"shift-1": 0.18, "categorical": 0.18, "repaired": 0.18, "other-seed": 0.18}, (False, False, True)),
    ):
        figures = Figures(reproduction(accuracies))
        assert (figures.first_learned, figures.repairs_help, figures.memorised) == decisions
    usual, noisy = (Figures(reproduction(changes)) for changes in ({}, {"other-seed": 0.40}))
    assert (usual.margin, noisy.margin) == (pytest.approx(0.01), pytest.approx(0.12))  # by what two seeds differ
    effects = [usual.effect(name, "network-1") for name in ("shift-1", "categorical-alone", "carried-alone")]
    assert [*effects, noisy.effect("large", "repaired")] == ["higher", "lower", "none", "none"]


def test_the_page_has_its_numbers_in_its_tables_loads_nothing_and_escapes_foreign_texts():
    html = render(reproduction())
    rows = {}
    for row in re.findall(r"<tr[ >].*?</tr>", html, re.DOTALL):
        name, *cells = (re.sub("<.*?>", "", c).strip() for c in re.findall(r"<t[dh].*?</t[dh]>", row, re.DOTALL))
        rows[name] = cells
    assert ["–"] * 11 in rows.values()  # counts of a text without words
    assert ["15.0\u202f%", "−3.1lower"] in [cells[1:3] for cells in rows.values()]  # categorical-alone
    assert ["0.1500", "0.0195", "18.1\u202f%"] in rows.values()  # network-1 on held-out text
    html = render(reproduction(name=ATTACK, prompt=ATTACK))
    assert ATTACK not in html
    links = re.findall(r'\b(?:src|href)="([^"]*)"', html)
    assert {f'id="{link.removeprefix("#")}"' in html for link in links} == {True}


@pytest.mark.slow
def test_an_interrupted_reproduction_runs_only_missing_experiments(corpus, tmp_path):
    """A damaged result and one of another recipe are missing, too."""
    options = {"characters": 5_000, "seed": 0, "command": "toolkit reproduce article"}
    plan = experiments(len(ArticleText(corpus).training), 5_000, 0)
    files = [tmp_path / "experiments" / f"{experiment.name}.json" for experiment in plan]
    with pytest.raises(KeyError, match=f"1 of {len(plan)}"):  # a line about the first one that is missing
        reproduce(corpus, tmp_path, {}.__getitem__, **options)
    for experiment, file in zip(plan, files, strict=True):
        saved = invented_result(plan[0] if experiment.name == "shift-1" else experiment).model_dump_json()
        write_file(file, saved if experiment.name != "network-2" else saved[:100])
    with pytest.raises(KeyError, match=f"2 of {len(plan)}"):
        reproduce(corpus, tmp_path, {}.__getitem__, **options)
    write_file(files[1], invented_result(plan[1]).model_dump_json())
    whole = reproduce(corpus, tmp_path, print, **options)
    assert [r.name for r in whole.results if r.accuracy != USUAL] == ["shift-1"]
    assert [moment.characters_read for moment in whole["shift-1"].moments] == [1_600, 1_600, 3_200, 6_400]
    assert Reproduction.model_validate_json((tmp_path / "reproduction.json").read_bytes()) == whole
    with pytest.raises(InputError, match="seed"):
        reproduce(corpus, tmp_path, print, **options | {"seed": 1})

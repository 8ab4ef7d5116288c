"""The story in sentences. Each is built from the measured numbers, and says the opposite if they do."""

from toolkit.article.experiments import RATES, SHIFTS
from toolkit.article.recipe import CHARACTERS, PASSES
from toolkit.article.results import Reproduction, Result
from toolkit.results.text import count, decimals, listing, percent, plural

FOUR = ("network-1", "network-2", "network-3", "network-4")
BEFORE = {
    "shift-1": "network-1",
    "categorical": "shift-1",
    "repaired": "categorical",
}  # each repair, and what it repairs
ALONE = {"categorical-alone": "the other loss", "carried-alone": "the carried state"}
SHOWN = 24  # characters that have been read, in the drawing of the shift
FEWEST_WORDS = 20  # in a sample; with fewer, repetition is not spoken of
LEAST_NOISE = 0.01  # differences in accuracy below one point are ignored, however little two seeds differ
SAME_LOSS = 0.02  # share of a loss below which two count as the same
SAME_LETTERS = 0.02  # Jensen–Shannon divergence below which letters occur as often as in the author's text
SPOKEN = {" ": "a space"}


def spoken(character: str) -> str:
    """A character as part of a sentence.

    >>> spoken(" "), spoken("e")
    ('a space', '“e”')
    """
    return SPOKEN.get(character, f"“{character}”")


def duration(seconds: float) -> str:
    """Seconds in words.

    >>> duration(24.7), duration(130), duration(7200)
    ('25 seconds', '2.2 minutes', '2.0 hours')
    """
    if round(seconds) < 100:
        return plural(round(seconds), "second")
    return f"{seconds / 60:.1f} minutes" if round(seconds / 60, 1) < 100 else f"{seconds / 3600:.1f} hours"


def right(result: Result) -> float:
    """The share of held-out characters that a network gets right."""
    return result.held_out.accuracy


def known(result: Result) -> float:
    """The share of the words drawn by a network that occur in the training text."""
    return result.counts["drawn"].known_words


def constant(reproduction: Reproduction) -> float:
    """The share that always answering the most common character gets right."""
    return reproduction.text.chance.accuracy


def noise(reproduction: Reproduction) -> float:
    """How far apart two shares must be to count as different: twice what another seed changed, or one point."""
    return max(LEAST_NOISE, 2 * abs(right(reproduction["repaired"]) - right(reproduction["other-seed"])))


def seeds_learned(reproduction: Reproduction) -> bool:
    """Whether a run of the repaired network learned anything: two that did not say nothing of how far runs differ."""
    least = constant(reproduction) + LEAST_NOISE
    return any(right(reproduction[name]) > least for name in ("repaired", "other-seed"))


def beats_constant(reproduction: Reproduction, result: Result) -> bool:
    """Whether a network gets more right than always giving the same answer."""
    return right(result) > constant(reproduction) + noise(reproduction)


def change(reproduction: Reproduction, before: float, after: float) -> str:
    """What happened to the share of right answers, as the rest of a sentence."""
    if abs(after - before) < noise(reproduction):
        return f"changes nothing that a single run can show ({percent(before)} right before, {percent(after)} after)"
    raises = "raises" if after > before else "lowers"
    return f"{raises} the share of right answers from {percent(before)} to {percent(after)}"


def shift_helps_alone(reproduction: Reproduction) -> bool:
    """Whether the next character can be learned even with the article's own loss."""
    alone, first = reproduction["shift-1"], reproduction["network-1"]
    return right(alone) > right(first) + noise(reproduction) and beats_constant(reproduction, alone)


def helped_without_shift(reproduction: Reproduction) -> bool:
    """Whether another repair helps without changing the shift."""
    first = right(reproduction["network-1"])
    return any(
        right(reproduction[name]) > first + noise(reproduction) and beats_constant(reproduction, reproduction[name])
        for name in ALONE
    )


def mistake(reproduction: Reproduction) -> str:
    """What was wrong, if the repairs help."""
    if helped_without_shift(reproduction):
        return "it was trained the wrong way"
    slow = "" if shift_helps_alone(reproduction) else ", with a loss that teaches slowly"
    return f"it was asked the wrong question{slow}"


def verdict(reproduction: Reproduction) -> str:
    """Rookie mistake or weak computer, in one sentence."""
    first, repaired = reproduction["network-1"], reproduction["repaired"]
    helped = right(repaired) > right(first) + noise(reproduction) and beats_constant(reproduction, repaired)
    if helped and not beats_constant(reproduction, first):
        return (
            "The computer was not too weak, and the network not too small, to learn more than it did: "
            f"{mistake(reproduction)}."
        )
    if helped:
        return "The network learned something as the article trained it, and more once it was repaired."
    enough = f"--characters {CHARACTERS} (the default)" if reproduction.characters < CHARACTERS else "more --characters"
    return (
        "In this time and on this text the repairs did not help, so this run does not settle the question; one with "
        f"{enough} would say more."
    )


def answer(reproduction: Reproduction) -> str:
    """The verdict with the measurements."""
    first, repaired, chance = reproduction["network-1"], reproduction["repaired"], reproduction.text.chance
    faster = reproduction["faster"]
    fewer = f" (for {decimals(first.passes, 1)} passes over the text; the article made {PASSES} or more)"
    return (
        f"{verdict(reproduction)} Trained as the article describes{fewer if first.passes < PASSES else ''} to predict "
        f"the character {first.recipe.shift} places ahead, its first network gets {percent(right(first))} of the "
        f"held-out characters right. Always answering {spoken(chance.most_common)} gets {percent(chance.accuracy)} "
        f"right. Asked for the next character instead, with a loss that weighs the characters against each other and a "
        f"memory that is not wiped, the same network gets {percent(right(repaired))} right after "
        f"{duration(repaired.seconds)} of training. Good English takes more: of the words that it draws, "
        f"{percent(known(repaired), 0)} occur in the training text; trained at a learning rate of "
        f"{faster.recipe.learning_rate:g}, {percent(known(faster), 0)}; of the author’s held-out words, "
        f"{percent(reproduction.text.counts.known_words, 0)}."
    )


def conditions(reproduction: Reproduction) -> str:
    """How long the networks are trained, how they are measured, and which differences count."""
    text = reproduction.text
    return (
        f"Every network on this page read the same number of characters in training, {count(reproduction.characters)} "
        f"of {text.name}, or a few more to fill its last window. All are measured in the same way: each of the same "
        f"{count(text.targets)} characters of text that no network was trained on is predicted once, from what the "
        "network is allowed to read before it. “Right” is the share of characters for which the likeliest answer is "
        "the character that came. Each experiment was run once. With another seed, the repaired network gets "
        f"{percent(right(reproduction['other-seed']))} right instead of {percent(right(reproduction['repaired']))}"
        f"{so_counts(reproduction)}{whose_text(reproduction)}"
    )


def so_counts(reproduction: Reproduction) -> str:
    """Which differences count, as the rest of a sentence."""
    points = f"{100 * noise(reproduction):.1f} percentage points"
    if seeds_learned(reproduction):
        return f", so differences below {points} count as none on this page."
    return (
        f"; both learned nothing, so how far runs that learn would differ is not known: differences below {points} "
        "count as none on this page, and larger ones may be chance, too."
    )


def whose_text(reproduction: Reproduction) -> str:
    """That the text is not the article's, unless its name says that it is."""
    name = reproduction.text.name
    if "lovecraft" in name.casefold():
        return ""
    return (
        f" The article's text was by H. P. Lovecraft; {name} is another, so the numbers here are to be compared with "
        "each other and not with the article's."
    )


def four(reproduction: Reproduction) -> str:
    """Whether any of the four networks does better than one answer."""
    learned = [reproduction[name] for name in FOUR if beats_constant(reproduction, reproduction[name])]
    common = spoken(reproduction.text.chance.most_common)
    always = f"always answering {common}, which gets {percent(constant(reproduction))} right"
    if learned:
        names = listing([f"{result.title} ({percent(right(result))})" for result in learned])
        others = "" if len(learned) == len(FOUR) else " The others do not."
        return f"These do better than {always}: {names}.{others}"
    best = max((reproduction[name] for name in FOUR), key=right)
    return f"None of the four does better than {always}. The best of them gets {percent(right(best))} right."


def answers(reproduction: Reproduction) -> str:
    """What the first network's answers consist of, and the order of letters when sampling from them."""
    first, author = reproduction["network-1"], reproduction.text.counts
    drawn = first.counts["drawn"]
    same = drawn.letters_jsd <= SAME_LETTERS
    seen = (
        " That is what the article saw: letter frequencies close to the corpus, the order of letters completely off."
        if same and drawn.known_words < 0.7 * author.known_words
        else ""
    )
    return (
        f"Of network 1’s answers while it reads, {percent(first.counts['answers'].spaces_share, 0)} are spaces. When "
        f"its answers are drawn by their probabilities instead, letters occur {'' if same else 'not even '}as often as "
        f"in the author’s text (distance {decimals(drawn.letters_jsd, 4)} out of 1), and "
        f"{percent(drawn.known_words, 0)} of its words occur in the training text; of the author’s held-out words, "
        f"{percent(author.known_words, 0)} do.{seen}"
    )


def step(reproduction: Reproduction, name: str) -> str:
    """What one repair did."""
    what = {
        "shift-1": "Asking for the next character instead of the one fifty places ahead",
        "categorical": "A loss that weighs the characters against each other, instead of asking yes or no for each,",
        "repaired": "Carrying the state from window to window",
    }[name]
    return f"{what} {change(reproduction, right(reproduction[BEFORE[name]]), right(reproduction[name]))}."


def sampling(reproduction: Reproduction) -> str:
    """The effect of sampling instead of taking the likeliest, with the same trained network."""
    repaired, author = reproduction["repaired"], reproduction.text.counts
    likeliest, drawn = repaired.counts["likeliest"], repaired.counts["drawn"]
    loops = "goes round in circles" if likeliest.repetition > author.repetition + 0.1 else "does not repeat itself much"
    sequences = "four-word sequences occur earlier in the same stretch"
    found, share = f"{loops}: {percent(likeliest.repetition, 0)} of its {sequences}", "the share"
    if likeliest.words < FEWEST_WORDS:
        found = f"writes hardly any words ({plural(likeliest.words, 'word')}), so nothing can be said of repetition"
        share = "the share of four-word sequences that occur earlier in the same stretch"
    return (
        f"Writing on its own and always taking the likeliest character, the repaired network {found}. When each "
        f"character is drawn by its probability, {share} is {percent(drawn.repetition, 0)}; in the author’s text it "
        f"is {percent(author.repetition, 0)}. This needs no further training: it is another use of the same answers."
    )


def alone(reproduction: Reproduction) -> str:
    """The effect of the other repairs without changing the shift."""
    first = reproduction["network-1"]
    effects = [
        f"{what} {change(reproduction, right(first), right(reproduction[name]))}" for name, what in ALONE.items()
    ]
    end = (
        "So it is not the shift alone."
        if helped_without_shift(reproduction)
        else "So neither helps, with training of this length, while the question is about fifty characters ahead."
    )
    if not shift_helps_alone(reproduction) and not beats_constant(reproduction, reproduction["shift-1"]):
        end += (
            " The shift alone is not enough either, with training of this length: asked for the next character, but "
            f"with a yes or no for each, the network {knows(reproduction, reproduction['shift-1'])}."
        )
    return f"On its own, without the shift, {listing(effects)}. {end}"


def knows(reproduction: Reproduction, result: Result) -> str:
    """What a network that does no better than one answer knows, by its loss."""
    loss, frequencies = result.held_out.binary_cross_entropy, reproduction.text.chance.binary_cross_entropy
    against = f"(a loss of {decimals(loss, 4)}; the frequencies alone give {decimals(frequencies, 4)})"
    if loss > (1 + SAME_LOSS) * frequencies:
        return f"knows less than how often each occurs {against}"
    return f"still knows only how often each occurs {against}"


def by_shift(reproduction: Reproduction) -> list[tuple[int, Result]]:
    """The first network with categorical cross-entropy at each shift, the nearest first; all else as in the article."""
    names = ("categorical", *(f"shift-{shift}" for shift in SHIFTS), "categorical-alone")
    return [(reproduction[name].recipe.shift, reproduction[name]) for name in names]


def shifts(reproduction: Reproduction) -> str:
    """How the share of right answers falls with the shift, and from which shift on nothing is gained."""
    shares = [f"{percent(right(result))} at {shift}" for shift, result in by_shift(reproduction)]
    beaten = [beats_constant(reproduction, result) for _, result in by_shift(reproduction)]
    always = f"always answering {spoken(reproduction.text.chance.most_common)}, {percent(constant(reproduction))}"
    end = f"For comparison: {always}."
    if False in beaten and not any(beaten[beaten.index(False) :]):
        first, _ = by_shift(reproduction)[beaten.index(False)]
        end = f"From {first} on, after such short training, it is no better than {always}."
    return f"With a loss that weighs the characters against each other, the first network gets {listing(shares)}. {end}"


def shift_title(reproduction: Reproduction) -> str:
    """The heading on the shift, which this run may be too short to show."""
    if beats_constant(reproduction, reproduction["categorical"]):
        return "Why fifty ahead asks for what cannot be known"
    return "Fifty characters ahead, and one: this run is too short to show the difference"


def ahead(reproduction: Reproduction) -> list[tuple[int, str, str, str, str]]:
    """For a drawing, by shift: what has been read, its last character, what lies between, and what is asked for."""
    text, read = reproduction.text.prompt + reproduction.text.beginning, len(reproduction.text.prompt)
    return [
        (
            shift,
            text[max(0, read - SHOWN) : read - 1],
            text[read - 1],
            text[read : read + shift - 1],
            text[read + shift - 1],
        )
        for shift in (reproduction["network-1"].recipe.shift, 1)
        if read and read + shift <= len(text)
    ]


def words_ahead(reproduction: Reproduction) -> str:
    """Why fifty characters ahead cannot be known."""
    words = reproduction["network-1"].recipe.shift / (reproduction.text.counts.word_length + 1)
    far = reproduction["categorical-alone"]
    end = ""
    if beats_constant(reproduction, far):
        end = f" Here, something can be known nevertheless: {percent(right(far))} are right."
    elif not beats_constant(reproduction, reproduction["categorical"]):
        end = (
            " In this run the network has learned nothing at any distance, one included, so its line says nothing of "
            "distance; the grey line, which only counts, does."
        )
    return (
        f"Fifty characters are about {words:.0f} words. To know the letter fifty places ahead, one would have to know "
        "all the words in between, how long each will be, and where in a word the place falls. The text does not say "
        "so yet: its author could continue in many ways, and all that is left is how often each character occurs "
        "anywhere. With a shift of one, the network stands in the middle of a word, and the word says what may "
        f"follow.{end}"
    )


def question(reproduction: Reproduction, name: str) -> str:
    """The answer to a closing question, compared with the repaired network."""
    asked = {
        "batch-normalised": "Is batch normalisation wrong for an LSTM? Between the layers, it",
        "layer-normalised": "And layer normalisation? In the same place, it",
        "gru": "Would another architecture have done better? A GRU with as many units",
    }[name]
    return f"{asked} {change(reproduction, right(reproduction['repaired']), right(reproduction[name]))}."


def rates(reproduction: Reproduction) -> str:
    """The effect of the learning rate."""
    tried = {reproduction["repaired"].recipe.learning_rate: right(reproduction["repaired"])}
    tried |= {rate: right(reproduction[name]) for name, rate in RATES.items()}
    best = [rate for rate in sorted(tried) if tried[rate] > max(tried.values()) - noise(reproduction)]
    shares = listing([f"{percent(tried[rate])} right at {rate:g}" for rate in sorted(tried)])
    if len(best) == len(tried):
        return f"Which learning rate? It makes no difference here: {shares}."
    names = listing([f"{rate:g}" for rate in best])
    are = f"the best of the three is {names}" if len(best) == 1 else f"{names} are joint best"
    return f"Which learning rate? {shares}: with training this short, {are}."


def more_text(reproduction: Reproduction) -> str:
    """The effect of more text."""
    fractions = [reproduction["sixteenth"], reproduction["quarter"], reproduction["repaired"]]
    shares = listing([f"{percent(right(r))} right from {count(r.recipe.characters)} characters" for r in fractions])
    least, most = fractions[0], fractions[-1]
    end = "with training of this length, more text makes no difference"
    if abs(right(most) - right(least)) >= noise(reproduction):
        end = "more text helps" if right(most) > right(least) else "less text does better"
    if least.training.accuracy > right(least) + 0.1:
        end += (
            f". With the least text, the network gets {percent(least.training.accuracy)} of its own text right: it "
            f"begins to know it by heart"
        )
    return f"More text? With the same number of characters read, {shares}; {end}."


def size(reproduction: Reproduction) -> str:
    """The effect of a larger network at the faster rate, compared with the usual one at that rate."""
    large, faster = reproduction["large"], reproduction["faster"]
    return (
        f"And a larger network? The article’s largest size, {large.recipe.units} units, repaired and at a learning "
        f"rate of {large.recipe.learning_rate:g}, gets {percent(right(large))} of the held-out characters right after "
        f"{duration(large.seconds)} of training; {faster.recipe.units} units at that rate get "
        f"{percent(right(faster))}. Of the words that they draw, {percent(known(large), 0)} and "
        f"{percent(known(faster), 0)} occur in the training text."
    )

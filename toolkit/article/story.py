"""The story in sentences. Each is made from the numbers that were measured, and says the opposite when they do."""

from toolkit.article.experiments import RATES, SHIFTS
from toolkit.article.recipe import PASSES
from toolkit.article.results import Reproduction, Result
from toolkit.report.numbers import count, decimals, listing, percent, plural

FOUR = ("network-1", "network-2", "network-3", "network-4")
BEFORE = {"shift-1": "network-1", "categorical": "shift-1", "repaired": "categorical"}  # each repair, and what it mends
ALONE = {"categorical-alone": "the other loss", "carried-alone": "the carried state"}
LEAST_NOISE = 0.01  # differences of accuracy below one point are not spoken of, whatever two seeds say
SAME_LETTERS = 0.02  # Jensen–Shannon divergence below which letters come as often as the author's
SPOKEN = {" ": "a space"}


def spoken(character: str) -> str:
    """A character as part of a sentence.

    >>> spoken(" "), spoken("e")
    ('a space', '“e”')
    """
    return SPOKEN.get(character, f"“{character}”")


def duration(seconds: float) -> str:
    """Seconds in words.

    >>> duration(24.7), duration(130)
    ('25 seconds', '2.2 minutes')
    """
    return plural(round(seconds), "second") if seconds < 100 else f"{seconds / 60:.1f} minutes"


def right(result: Result) -> float:
    """The share of held-out characters that a network has right."""
    return result.held_out.accuracy


def known(result: Result) -> float:
    """The share of the words that a network draws that are words of the training text."""
    return result.counts["drawn"].known_words


def constant(found: Reproduction) -> float:
    """The share that always answering the most common character has right."""
    return found.text.chance.accuracy


def noise(found: Reproduction) -> float:
    """How far two shares must lie apart to be told apart: twice what another seed changed, or one point."""
    return max(LEAST_NOISE, 2 * abs(right(found["repaired"]) - right(found["other-seed"])))


def beats_constant(found: Reproduction, result: Result) -> bool:
    """Whether a network has more right than someone who always gives one answer."""
    return right(result) > constant(found) + noise(found)


def change(found: Reproduction, before: float, after: float) -> str:
    """What became of the share of right answers, as the rest of a sentence."""
    if abs(after - before) < noise(found):
        return f"changes nothing that one run could tell ({percent(before)} right before, {percent(after)} after)"
    return f"{'raises' if after > before else 'lowers'} the right answers from {percent(before)} to {percent(after)}"


def shift_helps_alone(found: Reproduction) -> bool:
    """Whether the next character is learned with the article's own loss, too."""
    return right(found["shift-1"]) > right(found["network-1"]) + noise(found)


def helped_without_shift(found: Reproduction) -> bool:
    """Whether another repair helps while the shift stays."""
    first = right(found["network-1"])
    return any(right(found[name]) > first + noise(found) and beats_constant(found, found[name]) for name in ALONE)


def mistake(found: Reproduction) -> str:
    """What was wrong where the repairs help."""
    if helped_without_shift(found):
        return "it was taught by the wrong means"
    slow = "" if shift_helps_alone(found) else ", and by a loss that teaches slowly"
    return f"it was asked the wrong question{slow}"


def verdict(found: Reproduction) -> str:
    """Rookie mistake or weak computer, in one sentence."""
    first, repaired = found["network-1"], found["repaired"]
    helped = right(repaired) > right(first) + noise(found)
    if helped and not beats_constant(found, first):
        return (
            f"Neither was the computer too weak nor the network too small to learn more than it did: {mistake(found)}."
        )
    if helped:
        return "The network learned something as the article trained it, and more once it was repaired."
    return "In this time and on this text the repairs did not help, so this run does not settle the question."


def answer(found: Reproduction) -> str:
    """The verdict with what was measured."""
    first, repaired, chance = found["network-1"], found["repaired"], found.text.chance
    faster = found["faster"]
    fewer = f" (for {decimals(first.passes, 1)} passes over the text, where the article made {PASSES} and more)"
    return (
        f"{verdict(found)} Trained as the article describes it{fewer if first.passes < PASSES else ''}, to say which "
        f"character comes {first.recipe.shift} places later, its first network has {percent(right(first))} of the "
        f"held-out characters right. Always "
        f"answering {spoken(chance.most_common)} has {percent(chance.accuracy)} right. Asked for the next character "
        f"instead, with a loss that weighs the characters against each other and a memory that is not wiped, the same "
        f"network has {percent(right(repaired))} right, after {duration(repaired.seconds)} of training. Good English "
        f"takes more: of the words that it draws {percent(known(repaired), 0)} stand in the training text, of those "
        f"that it draws when trained at the rate {faster.recipe.learning_rate:g} {percent(known(faster), 0)}, and of "
        f"its author’s held-out words {percent(found.text.counts.known_words, 0)}."
    )


def conditions(found: Reproduction) -> str:
    """On what, how long and how the networks are measured, and which differences are spoken of."""
    text = found.text
    return (
        f"Every network on this page read the same number of characters in training, {count(found.characters)} of "
        f"{text.name}, or a few more to fill its last window. All are measured alike: each of the same "
        f"{count(text.targets)} characters of text that no network was trained on is foretold once, from what the "
        f"network is allowed to have read before it. “Right” is the share of those whose likeliest answer is the "
        f"character that came. Each experiment was run once. The repaired network with another seed has "
        f"{percent(right(found['other-seed']))} right instead of {percent(right(found['repaired']))}; differences "
        f"below {percent(noise(found))} are therefore called none on this page."
    )


def four(found: Reproduction) -> str:
    """Whether any of the four networks does better than one answer."""
    learned = [found[name] for name in FOUR if beats_constant(found, found[name])]
    common = spoken(found.text.chance.most_common)
    always = f"someone who always answers {common} and has {percent(constant(found))} right"
    if learned:
        names = listing([f"{result.title} ({percent(right(result))})" for result in learned])
        others = "" if len(learned) == len(FOUR) else " The others do not."
        return f"Better than {always}: {names}.{others}"
    best = max((found[name] for name in FOUR), key=right)
    return f"None of the four does better than {always}. The best of them has {percent(right(best))} right."


def answers(found: Reproduction) -> str:
    """What the first network's answers are made of, and what drawing from them gives: letters in which order?"""
    first, author = found["network-1"], found.text.counts
    drawn = first.counts["drawn"]
    same = drawn.letters_jsd <= SAME_LETTERS
    seen = (
        " That is what the article saw: letter frequencies close to the corpus, the order of letters completely off."
        if same and drawn.known_words < 0.7 * author.known_words
        else ""
    )
    return (
        f"Of what network 1 answers while it reads, {percent(first.counts['answers'].spaces_share, 0)} are spaces. "
        f"When its answers are drawn by their probabilities instead, letters come {'' if same else 'not even '}as "
        f"often as the author’s (distance {decimals(drawn.letters_jsd, 4)} of 1), and "
        f"{percent(drawn.known_words, 0)} of its words are words of the training text; of the author’s held-out words "
        f"{percent(author.known_words, 0)} are."
        f"{seen}"
    )


def step(found: Reproduction, name: str) -> str:
    """What one repair did."""
    what = {
        "shift-1": "Asking for the next character instead of the one fifty places on",
        "categorical": "A loss that weighs the characters against each other, in place of a yes or no for each,",
        "repaired": "Carrying the state from window to window",
    }[name]
    return f"{what} {change(found, right(found[BEFORE[name]]), right(found[name]))}."


def sampling(found: Reproduction) -> str:
    """What drawing did in place of the likeliest, with the same trained network."""
    repaired, author = found["repaired"], found.text.counts
    likeliest, drawn = repaired.counts["likeliest"], repaired.counts["drawn"]
    loops = "goes round in circles" if likeliest.repetition > author.repetition + 0.1 else "does not repeat itself much"
    return (
        f"Writing on its own and always taking the likeliest character, the repaired network {loops}: "
        f"{percent(likeliest.repetition, 0)} of its four-word sequences stand earlier in the same stretch. When each "
        f"character is drawn by its probability it is {percent(drawn.repetition, 0)}; in the author’s text "
        f"{percent(author.repetition, 0)}. Nothing is trained again for this: it is another use of the same answers."
    )


def alone(found: Reproduction) -> str:
    """What the other repairs do while the shift stays."""
    first = found["network-1"]
    said = [f"{what} {change(found, right(first), right(found[name]))}" for name, what in ALONE.items()]
    end = (
        "So it is not the shift alone."
        if helped_without_shift(found)
        else "So neither helps, in a training of this length, while the question is about fifty characters ahead."
    )
    if not shift_helps_alone(found) and not beats_constant(found, found["shift-1"]):
        end += (
            " Nor is the shift enough alone, in a training of this length: asked for the next character, but with a "
            "yes or no for each, the network still knows nothing but how often each comes."
        )
    return f"Made alone, without the shift, {listing(said)}. {end}"


def by_shift(found: Reproduction) -> list[tuple[int, Result]]:
    """The first network with categorical cross-entropy at each shift, the nearest first; all else is the article's."""
    names = ("categorical", *(f"shift-{shift}" for shift in SHIFTS), "categorical-alone")
    return [(found[name].recipe.shift, found[name]) for name in names]


def shifts(found: Reproduction) -> str:
    """How the share of right answers falls with the shift, and from where on nothing is left of it."""
    said = [f"{percent(right(result))} at {shift}" for shift, result in by_shift(found)]
    beaten = [beats_constant(found, result) for _, result in by_shift(found)]
    always = f"always answering {spoken(found.text.chance.most_common)}, {percent(constant(found))}"
    end = f"Beside it, {always}."
    if False in beaten and not any(beaten[beaten.index(False) :]):
        first, _ = by_shift(found)[beaten.index(False)]
        end = f"From {first} on it is, after so short a training, no better than {always}."
    return f"The first network with a loss that weighs the characters against each other has {listing(said)}. {end}"


def words_ahead(found: Reproduction) -> str:
    """Why fifty characters ahead cannot be known."""
    words = found["network-1"].recipe.shift / (found.text.counts.word_length + 1)
    ahead = found["categorical-alone"]
    foreseen = f" Here something of it can be known all the same: {percent(right(ahead))} are right."
    return (
        f"Fifty characters are about {words:.0f} words. To know the letter that stands fifty places on, one would have "
        f"to know all the words in between, how long each will be, and where in a word the place falls. The text does "
        f"not say so yet: its author was free to go on in many ways, and all that is left is how often each character "
        f"comes anywhere. With a shift of one the network stands in the middle of a word, and the word says what may "
        f"follow.{foreseen if beats_constant(found, ahead) else ''}"
    )


def question(found: Reproduction, name: str) -> str:
    """The answer to a closing question, beside the repaired network."""
    asked = {
        "batch-normalised": "Is batch normalisation wrong for an LSTM? Between the layers it",
        "layer-normalised": "And layer normalisation? In the same place it",
        "gru": "Would another architecture have done better? A GRU of as many units",
    }[name]
    return f"{asked} {change(found, right(found['repaired']), right(found[name]))}."


def rates(found: Reproduction) -> str:
    """What the learning rate does."""
    tried = {found["repaired"].recipe.learning_rate: right(found["repaired"])}
    tried |= {rate: right(found[name]) for name, rate in RATES.items()}
    best = [rate for rate in sorted(tried) if tried[rate] > max(tried.values()) - noise(found)]
    said = listing([f"{percent(tried[rate])} right at {rate:g}" for rate in sorted(tried)])
    if len(best) == len(tried):
        return f"Which learning rate? It makes no difference here: {said}."
    names = listing([f"{rate:g}" for rate in best])
    are = f"the best of the three is {names}" if len(best) == 1 else f"{names} are best, and alike"
    return f"Which learning rate? {said}: in a training this short {are}."


def more_text(found: Reproduction) -> str:
    """What more text does."""
    fractions = [found["sixteenth"], found["quarter"], found["repaired"]]
    said = listing([f"{percent(right(r))} right from {count(r.recipe.characters)} characters" for r in fractions])
    least, most = fractions[0], fractions[-1]
    end = "in a training of this length more text makes no difference"
    if abs(right(most) - right(least)) >= noise(found):
        end = "more text helps" if right(most) > right(least) else "less text does better"
    if least.training.accuracy > right(least) + 0.1:
        end += (
            f". With the least of it the network has {percent(least.training.accuracy)} of its own text right: it "
            f"begins to know it by heart"
        )
    return f"More text? With the same number of characters read: {said}; {end}."


def size(found: Reproduction) -> str:
    """What a larger network with the faster rate does, beside the usual one at that rate."""
    large, faster = found["large"], found["faster"]
    return (
        f"And a larger network? The article’s largest size, {large.recipe.units} units, repaired and at the rate "
        f"{large.recipe.learning_rate:g}, has {percent(right(large))} of the held-out characters right after "
        f"{duration(large.seconds)} of training, {faster.recipe.units} units at that rate {percent(right(faster))}; "
        f"{percent(known(large), 0)} and {percent(known(faster), 0)} of the words that they draw are words of the "
        f"training text."
    )

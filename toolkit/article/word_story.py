"""The article's counts of words, and its claim that a tenth of the words occur once."""

from toolkit.article.recipe import FIGURES
from toolkit.article.results import Reproduction
from toolkit.results.text import count, decimals, listing, percent

# Bits per character in reports/published/char-word, means of three seeds.
CHARACTERS_NEED, WORDS_NEED = "2.075", "1.943"
NEAR = 0.02  # two points either side of the article's ten per cent


def counts(reproduction: Reproduction) -> str:
    """The article's counts, for the author and the repaired network."""
    author, drawn = reproduction.text.counts, reproduction["repaired"].counts["drawn"]
    of_author, of_network = (
        [decimals(value, 0) for value in (by.the_per_10k, by.ing_per_10k, by.tion_per_10k)] for by in (author, drawn)
    )
    return (
        f"Among 10,000 words of the held-out text {of_author[0]} are “the”, {of_author[1]} end in -ing and "
        f"{of_author[2]} in -tion; the repaired network, sampling, writes {listing(of_network)}. Prepositions and "
        f"pronouns make up {percent(author.prepositions_pronouns_share, 0)} of the author’s words and "
        f"{percent(drawn.prepositions_pronouns_share, 0)} of the network’s; {percent(drawn.known_words, 0)} of its "
        f"words occur in the training text."
    )


def lesson(reproduction: Reproduction) -> str:
    """How close such counts come without any real writing."""
    recalled, author = reproduction["short-text"].counts["recalled"], reproduction.text.counts
    beginning = (
        f"The network that read a short text over and over answers {decimals(recalled.the_per_10k, 0)} “the” in 10,000 "
        f"words while reading that text"
    )
    if abs(recalled.the_per_10k - author.the_per_10k) < 0.5 * author.the_per_10k:
        return f"{beginning}: memorising meets such a count as well as writing does."
    return f"{beginning}; the author has {decimals(author.the_per_10k, 0)}."


def hapaxes(reproduction: Reproduction) -> str:
    """Whether a tenth of the words occur once."""
    text = reproduction.text
    words = text.hapaxes
    shares = {"the distinct words": words.type_share, "the running text": words.word_share}
    near = [name for name, share in shares.items() if abs(share - FIGURES["hapax_share"]) < NEAR]
    end = f"The article’s 10 % fits {listing(near)}." if near else "The article’s 10 % fits neither of the two."
    return (
        f"{text.name} has {count(words.words)} words, {count(words.types)} of them distinct, and {count(words.once)} "
        f"occur once. That is {percent(words.type_share)} of the distinct words, and {percent(words.word_share)} of "
        f"the running text. {end}"
    )

"""The article's counts of words, and its tenth of words that occur once."""

from toolkit.article.recipe import FIGURES
from toolkit.article.results import Reproduction
from toolkit.report.numbers import count, decimals, listing, percent

NEAR = 0.02  # two points about the article's ten per cent


def counts(found: Reproduction) -> str:
    """The article's counts, of the author and of the repaired network."""
    author, drawn = found.text.counts, found["repaired"].counts["drawn"]
    of_author, of_network = (
        [decimals(value, 0) for value in (of.the_per_10k, of.ing_per_10k, of.tion_per_10k)] for of in (author, drawn)
    )
    return (
        f"Among 10,000 words of the held-out text {of_author[0]} are “the”, {of_author[1]} end in -ing and "
        f"{of_author[2]} in -tion; the repaired network, drawing, writes {listing(of_network)}. Prepositions and "
        f"pronouns are {percent(author.prepositions_pronouns_share, 0)} of the author’s words and "
        f"{percent(drawn.prepositions_pronouns_share, 0)} of the network’s; {percent(drawn.known_words, 0)} of its "
        f"words are words of the training text."
    )


def lesson(found: Reproduction) -> str:
    """How near such counts come without any writing."""
    recalled, author = found["short-text"].counts["recalled"], found.text.counts
    told = (
        f"The network that read a short text over and over answers {decimals(recalled.the_per_10k, 0)} “the” in 10,000 "
        f"words while it reads that text"
    )
    if abs(recalled.the_per_10k - author.the_per_10k) < 0.5 * author.the_per_10k:
        return f"{told}: such a count is met by remembering as well as by writing."
    return f"{told}; the author has {decimals(author.the_per_10k, 0)}."


def hapaxes(found: Reproduction) -> str:
    """Whether a tenth of the words occur once."""
    of = found.text.hapaxes
    shares = {"the different words": of.type_share, "the running text": of.word_share}
    near = [name for name, share in shares.items() if abs(share - FIGURES["hapax_share"]) < NEAR]
    end = f"The article’s 10 % fits {listing(near)}." if near else "The article’s 10 % is neither of the two."
    return (
        f"{found.text.name} has {count(of.words)} words, {count(of.types)} of them different, and {count(of.once)} "
        f"occur once. That is {percent(of.type_share)} of the different words, and {percent(of.word_share)} of the "
        f"running text. {end}"
    )

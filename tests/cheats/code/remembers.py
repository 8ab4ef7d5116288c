"""A speller that keeps what it has learnt from one held-out document to the next."""

from toolkit.rare_words import RARE_WORDS
from toolkit.rare_words.placeholders import Unknown


class Kept:
    def __init__(self, plain):
        self.plain, self.to_dict, self.spelling = plain.tuned(concentration=30.0), plain.to_dict, None

    def start(self):
        self.spelling = self.spelling or self.plain.start()
        return self.spelling


@RARE_WORDS.add("remembers")
class Remembers(Unknown):
    def fitted_speller(self, data):
        return Kept(super().fitted_speller(data))

    def restored_speller(self, state):
        return Kept(super().restored_speller(state))

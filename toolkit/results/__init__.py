"""Results as data: comparison.json and inspect.json, the only files that pages are made from.

Keys and their meaning are fixed by the interface (schema 3). Bits are base 2, sums unless a name says
``per_character`` or ``per_byte``; shares lie in [0, 1]; seconds are wall-clock seconds.
"""

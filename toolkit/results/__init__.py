"""What a comparison measured, as data: saved in comparison.json, the only file that the report reads.

Keys and their meaning are fixed by the interface (schema 2). Bits are base 2, sums unless a name says
``per_character`` or ``per_byte``; shares lie in [0, 1]; seconds are wall-clock seconds.
"""

"""Settles, for a text corpus, whether to model it by characters, by words or by something between."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's notes on its own build are not our user's concern

__version__ = "0.1.0"

"""Find out whether to model a text corpus by characters, by words or by something in between.

``compare`` is the main job, ``train`` one cell of it, ``inspect`` an answer before training, ``load`` gives the model
of a run. ``__init__.pyi`` has the public names. Each is imported when it is first used, so ``import toolkit`` loads
nothing heavy.
"""

import lazy_loader

from toolkit.environment import VERSION

__version__ = VERSION
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

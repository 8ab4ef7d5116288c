"""The network, a Keras model: recurrent layers, fast on a CPU, between an input matrix and a dense softmax."""

CELLS = ("lstm", "gru")  # kinds of networks


class Share:
    """The ``threads`` that this process computes networks with, or None for as many as it has cores.

    It is set before TensorFlow is loaded, and without loading it.
    """

    threads: int | None = None


SHARE = Share()

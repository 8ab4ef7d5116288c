"""Which share of the machine this process computes networks with: said before TensorFlow is loaded, if it ever is."""


class Share:
    """The ``threads`` that networks may use next to other processes, or None if this process has all cores.

    It is given before anything loads TensorFlow, which takes seconds and hundreds of megabytes that counting does not
    need.
    """

    threads: int | None = None


SHARE = Share()

"""Tables and sentences in a terminal: names in them may hold commands for it, which are spelled out."""

from typing import Any

from rich.console import Console
from rich.text import Text

from toolkit.errors import printable


class PlainConsole(Console):
    """A console in which every string is shown as it is spelled, before its width is measured."""

    def render_str(self, text: str, **options: Any) -> Text:
        """The string with its style."""
        return super().render_str(printable(text), **options)

"""What was compared, on which text, and how to read the numbers."""

from toolkit.report.section import Section

SECTION = Section("Compared")

"""Columns, specs and run folders of cells, and tasks in isolated processes."""

"""What is kept of a cell (column, run folder, checkpoint), and what is done with it in a process of its own."""

"""What is kept of a cell: its column, its folder, and the checkpoint of its training."""

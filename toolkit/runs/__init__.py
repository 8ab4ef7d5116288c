"""What is saved of a cell: its column, its run folder, and the checkpoint of its training."""

"""What a corpus says before anything is trained: coverage, forecasts, sizes, costs, and a floor."""

"""Facts about a corpus and its columns before training: coverage, forecasts, sizes, costs and a floor."""

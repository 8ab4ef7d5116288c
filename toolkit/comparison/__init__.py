"""The main job: every column trained on one split, evaluated, and compared."""

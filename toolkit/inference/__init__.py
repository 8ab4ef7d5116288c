"""What a trained network is for: bits of a text, their proof, and text of its own."""

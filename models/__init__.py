"""Sees: frames, faces and their landmarks, and the model files that find them."""

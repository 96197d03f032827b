"""Sees: frames, faces and their landmarks, and the model files that find them."""

import os

# Read once, when ONNX Runtime loads: 1.31 posts usage to an outside server from then on. pyproject.toml keeps such
# versions out; this is for who has one all the same.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

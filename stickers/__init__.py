"""Hides: regions of the face, where a sticker goes, every protection that alters a frame, art and plans."""

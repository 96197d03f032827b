"""What a protection leaves of the motion maps of real micro-expressions: stickers as intervened, skin as modelled."""

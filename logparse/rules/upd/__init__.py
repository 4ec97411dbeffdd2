"""Rules about the size of updates."""

"""Rules about the log itself."""

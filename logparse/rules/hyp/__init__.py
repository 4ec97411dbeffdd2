"""Rules about the settings of a run."""

"""Rules about the progress of metrics."""

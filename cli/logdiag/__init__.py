"""logdiag: what happened in a training run, read from its log."""

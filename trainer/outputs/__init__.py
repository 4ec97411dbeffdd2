"""The files that a run leaves: run log, JSONL diagnostics, metrics JSON."""

"""A log that still grows: its bytes as they come, its run as it goes, its findings as events."""

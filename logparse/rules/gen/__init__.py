"""Rules about generalisation: training and validation side by side."""

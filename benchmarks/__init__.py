"""Speed, memory and start-up, measured as ratios within one run."""

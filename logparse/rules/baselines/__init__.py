"""Rules about baselines (family BASE; `base` is the module of the rule class)."""

"""Rules about what a run or a comparison leaves behind for others."""

"""Pictures as matplotlib Figures, and as files."""

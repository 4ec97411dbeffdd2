"""The JSON Schemas of machine-readable reports."""

"""The grammars: data only, one `.lark` file per text format, read by `logparse.grammar`."""

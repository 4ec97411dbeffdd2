"""One module per format; a format is recognised by content, never by the file's name."""

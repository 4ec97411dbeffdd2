"""The report as a page that one mails: HTML, Markdown, PDF."""

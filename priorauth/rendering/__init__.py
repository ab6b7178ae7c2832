"""From template and facts to a PDF: the Jinja environment, the look, and WeasyPrint behind closed doors."""

"""PDF: documents as typed trees, and their typesetting. The one package that knows typst."""

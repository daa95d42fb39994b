"""How values are shown: charts, verdicts, formatting. Values in, text out; knows no request."""

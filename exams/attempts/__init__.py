"""An attempt at a form: its answers (append only), its end and its score."""

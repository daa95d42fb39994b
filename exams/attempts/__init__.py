"""A sitting of a form: its answers (append only), its end and its score."""

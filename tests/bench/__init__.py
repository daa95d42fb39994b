"""`make bench`: what saving, showing, grading and sweeping cost, with every safety of the database on.

Processor time and ratios count; requests a second and latencies depend on what else the machine does, so the
foreign load stands beside them. Nothing here fails because something is slow.
"""

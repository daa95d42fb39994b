"""What exams count while they are taken: plain counters of prometheus_client, shown by `/metrics`."""

from typing import Final

from prometheus_client import Counter, Histogram

ANSWERS_SAVED: Final = Counter("passline_answers_saved_total", "Changes of answers stored and acknowledged.")
ANSWERS_REFUSED: Final = Counter(
    "passline_answers_refused_total", "Requests to save that were refused, by code.", ["reason"]
)
STARTS: Final = Counter("passline_starts_total", "Exams started.")
DRILLS: Final = Counter("passline_drills_total", "Drills started.")
SUBMITS: Final = Counter("passline_submits_total", "Attempts submitted by their owner.")
SCORES: Final = Counter("passline_scores_total", "Scores stored, by the way they came about.", ["by"])
GRADE_SECONDS: Final = Histogram(
    "passline_grade_seconds",
    "Time to grade one attempt, in seconds.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0),
)
SWEPT: Final = Counter("passline_swept_total", "Attempts that a sweep ended or scored.", ["what"])

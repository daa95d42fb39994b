"""What is sent without a serializer is what the documented serializer would send."""

import datetime as dt
import json
from uuid import uuid4

from rest_framework.renderers import JSONRenderer

from exams.api import attempt_serializers
from exams.attempts.answers import Answer
from exams.attempts.lifecycle import Receipt, Taken

NOW = dt.datetime(2026, 3, 31, 12, 30, 5, 123456, dt.UTC)


def sent(content: object) -> object:
    """Return what a client reads of it."""
    return json.loads(JSONRenderer().render(content))


def test_a_taken_lease_is_sent_as_documented() -> None:
    given = [Answer(1, (7, 9), True, 2, 14), Answer(2, (), False, 1, 3)]
    for answers in (given, []):
        taken = Taken(str(uuid4()), 3, 1, answers, NOW, NOW.replace(microsecond=0))
        documented = sent(attempt_serializers.TakenSerializer(taken).data)
        assert sent(attempt_serializers.taken(taken)) == documented


def test_a_receipt_is_sent_as_documented() -> None:
    found = Receipt("submitted", "ab" * 32, NOW)
    assert sent(attempt_serializers.receipt(found)) == sent(attempt_serializers.ReceiptSerializer(found).data)

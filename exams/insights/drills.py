"""Where questions of each domain are practiced: drills, as the dashboard offers them."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from accounts.base import statements
from accounts.users.models import User
from exams.attempts.models import Mode, State
from exams.attempts.selectors import TYPES

# Who has finished no exam and opened none has nothing to draw from. As SQL, because the ORM takes about 1.5
# ms to put two conditions and a subquery together, on each dashboard.
STATEMENT: Final = f"""
SELECT domain.number,
  (SELECT max(drill.started_at) FROM exams_attempt drill
   JOIN exams_drawnpaper paper ON paper.id = drill.drawn_id
   WHERE drill.user_id = %(user)s AND drill.state = {State.SCORED.value}
     AND paper.certification_id = certification.id
     AND (paper.asked->>'domain')::int = domain.number) AS done_at
FROM exams_certification certification
JOIN exams_domain domain ON domain.certification_id = certification.id AND domain.is_current
WHERE certification.code = %(code)s AND (
  EXISTS (SELECT FROM exams_attempt attempt JOIN exams_examform form ON form.id = attempt.form_id
          WHERE attempt.user_id = %(user)s AND form.certification_id = certification.id
            AND attempt.mode = '{Mode.EXAM.value}' AND attempt.state = {State.SCORED.value})
  OR EXISTS (SELECT FROM exams_practiceopening opening JOIN exams_examform form ON form.id = opening.form_id
             WHERE opening.user_id = %(user)s AND form.certification_id = certification.id))
ORDER BY domain.number
"""  # noqa: S608  (made of constants)


@dataclass(frozen=True, slots=True)
class DrillOffer:
    """Where questions of one domain are practiced, and when somebody last did."""

    address: str
    done_at: dt.datetime | None


def by_domain(user: User, code: str) -> dict[int, DrillOffer]:
    """Return drills by the number of their domain, with when the last one was begun. One statement."""
    page = reverse("exams:practice", args=[code])
    rows = statements.dict_rows(STATEMENT, {"user": user.pk, "code": code}, TYPES)
    return {row["number"]: DrillOffer(f"{page}?domain={row['number']}", row["done_at"]) for row in rows}

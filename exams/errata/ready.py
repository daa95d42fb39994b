"""What errata registers at start."""

from accounts.jobs import registry as jobs
from exams.errata import impact, rescoring


def register() -> None:
    """Register the jobs: a ruling tried is read alone, one carried out commits batch by batch."""
    jobs.register(impact.KIND, impact.measure)
    jobs.register(rescoring.KIND, rescoring.carry_out, atomic=False)

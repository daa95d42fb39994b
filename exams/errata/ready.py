"""What errata registers at start."""

from accounts.jobs import registry as jobs
from exams.errata import impact, rescoring, services
from exams.publication import pending


def register() -> None:
    """Register rulings as proposals, and the jobs: one tried is read alone, one made commits in batches."""
    jobs.register(impact.KIND, impact.measure)
    jobs.register(rescoring.KIND, rescoring.carry_out, atomic=False)
    pending.register(services.PROPOSED)

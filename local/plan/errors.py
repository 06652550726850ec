"""What can be wrong with a tracking plan. Each message says where, and what is allowed."""

from loaders.errors import ThroughlineError


class PlanError(ThroughlineError):
    """A line of the plan, or something made of it, is not as it should be."""

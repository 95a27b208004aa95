"""What the user asked for, checked and made complete: options in, a plan out. Pure."""

from sonagi.plan.executors import ConstantVUs, PerVUIterations, SharedIterations
from sonagi.plan.options import Options

__all__ = ["ConstantVUs", "Options", "PerVUIterations", "SharedIterations"]

"""What the user asked for, checked and made complete: options in, a plan out. Pure."""

from sonagi.plan.options import ConstantVUs, Options, PerVUIterations, SharedIterations

__all__ = ["ConstantVUs", "Options", "PerVUIterations", "SharedIterations"]

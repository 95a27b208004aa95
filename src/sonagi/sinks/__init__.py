"""Live outputs: where a run's numbers go while it runs."""

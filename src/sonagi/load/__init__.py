"""Making load: scripts loaded, users living, executors starting iterations, the worker process."""

"""One run from start to end: workers started, frames merged, thresholds judged."""

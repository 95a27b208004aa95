"""What evidence shows, read once for all rules: harm, queues, full memory, empty pools, slow queries."""

"""Every run kept: what the coordinator hears, in memory and in a file, and the evidence that it makes."""

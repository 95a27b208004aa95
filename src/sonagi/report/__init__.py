"""What a user gets to see: the summary, the live block, the export."""

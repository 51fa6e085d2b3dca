"""What a container shows: lists, inspect, top, stats, and the words for times."""

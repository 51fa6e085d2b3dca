"""What is there of a Compose project: its containers' states, their lines, who reaches whom."""

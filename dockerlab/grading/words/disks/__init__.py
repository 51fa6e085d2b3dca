"""What is said of what is kept."""

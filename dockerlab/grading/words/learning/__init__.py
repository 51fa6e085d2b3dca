"""What is said to who learns, whatever the exercise."""

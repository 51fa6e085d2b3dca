"""What is said of images."""

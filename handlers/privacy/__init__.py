"""What is kept about a person: the person gets it as a file, an admin erases it, and time takes it away."""

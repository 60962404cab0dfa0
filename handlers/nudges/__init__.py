"""What Pacer says by itself about numbers and the day's work: one file a topic, with its words."""

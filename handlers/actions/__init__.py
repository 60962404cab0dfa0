"""Action items: what somebody promised by a day, kept until it is done or dropped."""

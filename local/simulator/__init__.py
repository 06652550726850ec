"""A shop that does not exist: events, identity and people messages, and the truth about them."""

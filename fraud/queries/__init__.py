"""Reading, within the actor's scope."""

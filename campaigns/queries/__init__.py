"""What the campaigns domain can look up, each within the actor's scope."""

"""What decides and what things are called, without any framework."""

"""Taking in files of applications, cutting them, keeping their chunks, and giving their results."""

"""Tags and filters of the fraud domain's templates."""

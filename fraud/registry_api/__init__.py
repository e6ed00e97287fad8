"""The private door of the registry: for whoever screens, and for nobody else."""

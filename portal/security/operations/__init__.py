"""Writing alerts, canaries and how far readers of the trail have come."""

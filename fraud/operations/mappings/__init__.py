"""Mappings: written, tried on golden samples, published by two people, brought back, retired."""

"""The fraud domain: applications for credit, screened against what others know, decided by people."""

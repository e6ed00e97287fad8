"""What people type into the pages of campaigns, read into the facts that operations take."""

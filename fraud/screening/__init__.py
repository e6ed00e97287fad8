"""From a canonical application to a stored decision: takes, asks the consortium, decides, keeps."""

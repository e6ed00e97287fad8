"""The local stack: engines out of Python wheels and the processes of the portal, in one data folder."""

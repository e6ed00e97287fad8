"""Writing periods, holds and runs, and finding, handing out and erasing what is held about somebody."""

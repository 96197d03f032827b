"""What a calibration found, as a page to look at."""

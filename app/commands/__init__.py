"""The command line: one file a command. Only these files print, read arguments and know calibration."""

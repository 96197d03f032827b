"""Learning the decoy's motion: which smooth fields, mixed at random, confuse recognizers of other people the most."""

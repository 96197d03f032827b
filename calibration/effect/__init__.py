"""What hiding a region does: do(v = δ), measured against random places and on people and recognizers held out."""

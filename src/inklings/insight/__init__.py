"""Looking inside: what a network has learnt, and what it misreads and why. Arrays in, arrays out."""

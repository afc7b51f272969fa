"""Looking inside: what a network has learnt, and what it misclassifies and why. Arrays in, arrays out."""

"""EC2 Image Builder. None of its operations is written yet; each answers saying so."""

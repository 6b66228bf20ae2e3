"""What a fit leaves behind: draws, the card that explains them, and where the world stood."""

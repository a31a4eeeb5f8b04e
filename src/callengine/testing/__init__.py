"""What flow authors and developers test with."""

from callengine.testing.campaign import Campaign, Stage, play, simulate

__all__ = ["Campaign", "Stage", "play", "simulate"]

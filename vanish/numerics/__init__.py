"""What everything computes with: arrays, checks of arguments, random numbers, the normal distribution."""

"""What can be told of a school year that was simulated: events, outcomes, profiles, dynamics, causes, pairs."""

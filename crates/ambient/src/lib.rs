//! What a program takes from its surroundings: time and chance.

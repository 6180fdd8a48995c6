//! What the benches share: worlds with a known truth, instant debaters.

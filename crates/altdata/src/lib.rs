//! Observations of the world: items with two clocks, plans of requests, the fetcher, the as-of cut.

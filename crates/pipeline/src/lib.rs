//! Order and concurrency of stages: the morning brief.

//! How fast near neighbours are found, and how many of them.
//!
//! Recall is the share of the ten nearest, by exact search, that the graph finds. `clustered` vectors lie around 500
//! centres, as texts about the same things do; `uniform` ones have no neighbourhood worth the name in 384 dimensions: they
//! are there to show where a graph's limits are, and have no goal. The default run takes 10,000 vectors at most;
//! `ASSIZE_BENCH_FULL=1` asks for 100,000, whose graph takes a minute or more to build.

use std::{hint::black_box, sync::OnceLock};

use assize_ambient::{Chance, Seed};
use assize_retrieval::{
    AdaptiveIndex, Embedder as _, Entry, FlatIndex, GraphShape, HashEmbedder, HnswIndex, Query, VectorIndex,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

//! Analyses and their runs fit the schemas that are published.

use std::sync::Arc;

use assize_altdata::SourceKind;
use assize_ambient::{Chance, Seed};
use assize_llm::{ChatRequest, Latency, SimulatedModel};
use assize_pipeline::{AnalysisModel, FrameworkKind};
use serde_json::{Value, json};

use super::{
    company::{World, request},
    models::filled,
};
use crate::schemas::{assert_fits, assert_refused, published};

/// A model whose points cite what is there, and what is not.
fn model() -> AnalysisModel {
    let points = json!([{ "text": "it grows", "cites": ["fin.revenue-growth", "ev-ffffffffffff"] }]);
    let say = move |request: &ChatRequest, _: &mut Chance| filled(request, &points);
    let model = SimulatedModel::new("check", Seed::new(1), say);
    AnalysisModel::new(Arc::new(model.with_latency(Latency::INSTANT)), None)
}

#[tokio::test(start_paused = true)]
async fn whatever_is_known_and_whoever_writes() {
    let (schema, runs) = (published("analysis.json"), published("run.json"));
    let request = request(&FrameworkKind::ALL);
    for without in [&[][..], &[SourceKind::Facts, SourceKind::Prices], &SourceKind::ALL] {
        for model in [None, Some(model())] {
            let is_asked = model.is_some();
            let (analysis, record) = World::full().without(without).analysed(model, &request).await;
            assert_eq!(analysis.has_anything(), without.len() < SourceKind::ALL.len());
            // Where nothing is known nobody is asked to write of it.
            assert_eq!(record.calls.is_empty(), !is_asked || !analysis.has_anything(), "{:?}", record.calls);
            assert_fits(&schema, &analysis.to_json());
            assert_fits(&runs, &record.to_json());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_none_is_refused() {
    let (analysis, record) = World::full().analysed(Some(model()), &request(&FrameworkKind::ALL)).await;
    assert_refused(
        &published("analysis.json"),
        &analysis.to_json(),
        &[
            ("/known/financial/found/health/grade", json!("F")),
            ("/known/market/found/measures/0/unit", json!("furlongs")),
            ("/frameworks/0/status", json!("done")),
            ("/frameworks/0/call/calls", json!(-1)),
            ("/exhibits/0/available_at", json!(0)),
        ],
    );
    assert_refused(
        &published("run.json"),
        &record.to_json(),
        &[("/kind", json!("brief")), ("/stages/0/end_ms", Value::Null), ("/calls/0/for", json!(3))],
    );
}

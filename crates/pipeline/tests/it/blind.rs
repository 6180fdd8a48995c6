//! What a model is told that must not know which company it is, and when.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use assize_altdata::{AsOf, FetchPolicy, Identity, ItemKind};
use assize_ambient::{Clock, FixedClock};
use assize_analysts::DIRECTION_OPTIONS;
use assize_debate::{ModelDebater, Seat};
use assize_llm::{ChatModel, ChatReply, ChatRequest, Error, ModelId, ReplyStream, ScriptedModel};
use assize_pipeline::{Analysts, Backtest, BlindModel, Blindfold, BriefRequest, Panel};
use async_trait::async_trait;

use crate::{market::Market, paper::settings};

/// A model that remembers what it was told.
#[derive(Debug)]
struct Listener {
    inner: ScriptedModel,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Listener {
    fn hear(&self, request: &ChatRequest) {
        let texts = request.messages.iter().map(|message| message.text.to_string());
        let texts = request.system.iter().map(ToString::to_string).chain(texts);
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).extend(texts);
    }
}

#[async_trait]
impl ChatModel for Listener {
    fn id(&self) -> &ModelId {
        self.inner.id()
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        self.hear(&request);
        self.inner.complete(request).await
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        self.hear(&request);
        self.inner.stream(request).await
    }
}

fn heard(tickers: &[&str], blind: bool) -> (Vec<String>, Vec<Identity>) {
    let tickers: Vec<_> = tickers.iter().map(|ticker| ticker.parse().expect("a ticker")).collect();
    let mut request = BriefRequest::new(tickers, crate::market::AS_OF.parse::<AsOf>().expect("a date"));
    request.rounds = 2;
    let from = "2026-03-02".parse().expect("a date");
    let mut test = Backtest::new(request, from, "2s".parse().expect("an interval"), settings());
    let now = "2026-03-07T12:00:00Z".parse().expect("a moment");
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(now));
    let heard = Arc::new(Mutex::new(Vec::new()));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let cards = runtime.block_on(async {
        let past = test.fetch(&Market::open().fetcher(), FetchPolicy::within(Duration::from_secs(600))).await;
        let blindfold = Arc::new(Blindfold::of_past(&past));
        let cards = past.items().filter_map(|item| match &item.kind {
            ItemKind::Identity(card) => Some(card.clone()),
            _ => None,
        });
        let cards: Vec<Identity> = cards.collect();
        let [up, down] = DIRECTION_OPTIONS;
        let answer = format!(
            r#"{{"stance": "{up}", "probabilities": {{"{up}": 0.6, "{down}": 0.4}}, "reasons": []}}"#
        );
        let inner = ScriptedModel::saying("listener", [&answer]).repeating_the_last();
        let mut model: Arc<dyn ChatModel> = Arc::new(Listener { inner, heard: Arc::clone(&heard) });
        if blind {
            model = Arc::new(BlindModel::new(model, Arc::clone(&blindfold)));
            test = test.blindfolded(blindfold);
        }
        let seat =
            (Seat::new("listener", "scripted:listener"), Arc::new(ModelDebater::new(model, None)) as _);
        let panel: Panel = vec![seat];
        let report = test.run(Arc::new(past), Analysts::default().joined_by(panel), clock, |_| ()).await;
        let report = report.expect("a report");
        assert_eq!(report.is_blind, blind);
        assert!(report.days.iter().all(|day| day.tickers.iter().all(|ticker| ticker.action.is_some())));
        cards
    });
    let heard = heard.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (heard, cards)
}

#[test]
fn neither_the_name_nor_the_year_is_told() {
    let tickers = &crate::side_by_side::TICKERS[0][..2];
    let (prompts, cards) = heard(tickers, true);
    assert!(prompts.len() > 8 && cards.len() >= 2, "{} prompts, {} cards", prompts.len(), cards.len());
    let mut secrets: Vec<String> = ["2026", "2025", "2024"].map(str::to_owned).to_vec();
    secrets.extend(tickers.iter().map(|ticker| (*ticker).to_owned()));
    secrets
        .extend(cards.iter().flat_map(|card| [card.name.to_lowercase(), card.short_name().to_lowercase()]));
    // Ids are hashes: a year in them is none.
    let is_told = |prompt: &str, secret: &str| {
        let (prompt, secret) = (prompt.to_lowercase(), secret.to_lowercase());
        prompt.match_indices(&secret).any(|(place, _)| {
            let before = prompt[..place].chars().next_back();
            let after = prompt[place + secret.len()..].chars().next();
            ![before, after].iter().flatten().any(|c| c.is_alphanumeric())
        })
    };
    for prompt in &prompts {
        for secret in &secrets {
            assert!(!is_told(prompt, secret), "{secret:?} is told in:\n{prompt}");
        }
    }
    assert!(
        prompts.iter().any(|prompt| prompt.contains("session −3: open ")),
        "prices are told all the same"
    );
    assert!(
        prompts.iter().any(|prompt| prompt.contains("session 0: open ") && prompt.contains("close 100.00"))
    );
    let (seeing, _) = heard(tickers, false);
    assert!(seeing.iter().any(|prompt| is_told(prompt, tickers[0])), "otherwise they are told");
}

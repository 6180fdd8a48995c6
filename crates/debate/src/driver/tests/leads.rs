//! Leads that nobody can take away any more, found while several seats fall silent at once.

use super::*;

/// Two that say yes, and two that never answer.
fn half_silent() -> Vec<Arc<dyn Debater>> {
    let hang = Failures { hang: 1.0, ..Failures::default() };
    let says_yes = || Arc::new(ScriptedDebater::always(Utterance::new(0))) as Arc<dyn Debater>;
    let mut panel = vec![says_yes(), says_yes()];
    panel.extend(model_panel(2, Latency::INSTANT, hang));
    panel
}

fn led(rule: Rule) -> Spec {
    let turn = Limits { turn: Some(Duration::from_secs(2)), ..Limits::default() };
    let spec = spec(4).with_rule(rule).with_rounds(1).with_limits(turn);
    spec.with_stops([StopRule::UnassailableLead])
}

#[tokio::test(start_paused = true)]
async fn a_lead_that_is_safe_before_all_are_known_to_be_silent_ends_the_debate() {
    for rule in [Rule::Plurality, Rule::Borda, Rule::Approval, Rule::Score] {
        let journal: Arc<dyn Journal> = Arc::new(MemoryJournal::default());
        let driver =
            || Driver::new(led(rule), half_silent()).unwrap().with_journal(Arc::clone(&journal)).run();
        let first = driver().await.unwrap();
        assert_eq!(first.verdict.decision(), Some("yes"), "{rule}");
        assert_eq!(first.verdict.votes.len(), 2);
        let again = driver().await.unwrap();
        assert_eq!(again.verdict, first.verdict, "nobody is asked again");
        let log = journal.read(&led(rule).id().as_str().parse().unwrap()).await.unwrap();
        let records: Vec<crate::Record> =
            log.records.iter().map(|line| serde_json::from_slice(line).unwrap()).collect();
        Debate::replay(&records).unwrap().audit().unwrap();
    }
}

/// A log in which all were heard although the lead was safe by two: so did programs write it that did not see it.
#[test]
fn a_log_that_goes_on_after_a_safe_lead_is_read() {
    let mut events =
        vec![Event::Opened { spec: Arc::new(led(Rule::Majority).with_seat(Seat::new("E", "e"))) }];
    let seats = || (0..5).map(crate::SeatIndex);
    events.extend(seats().map(|seat| Event::Asked { round: 0, seat, reserved: Reservation::default() }));
    events.extend(seats().map(|seat| {
        let utterance = Arc::new(Utterance::new(usize::from(seat.0 == 4)));
        Event::Spoke { round: 0, seat, utterance, bill: Bill::default() }
    }));
    let records: Vec<crate::Record> = events.into_iter().map(|event| crate::Record::new(0, event)).collect();
    let whole = Debate::replay(&records).unwrap();
    let crate::Step::Done(verdict) = whole.next() else { panic!("all have spoken") };
    assert_eq!((verdict.decision(), verdict.votes.len()), (Some("yes"), 5));
    // What ends with the safe lead is decided by it.
    let cut = Debate::replay(&records[..9]).unwrap();
    let crate::Step::Done(verdict) = cut.next() else { panic!("three of five") };
    assert_eq!(verdict.stopped, StopReason::UnassailableLead);
}

//! Real files, where they are at hand: they are no part of the project.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use assize_altdata::{AsOf, Disposition, FindingKind, Outcome, PriceSeries};
use assize_ambient::Timestamp;

use crate::snapshots::decode;

fn samples() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/altdata");
    folder.is_dir().then_some(folder)
}

#[test]
fn every_clean_table_is_read_whole() {
    let Some(samples) = samples() else { return };
    let mut read = 0;
    for entry in fs::read_dir(samples.join("prices")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "csv") {
            continue;
        }
        let rows = fs::read_to_string(&path).unwrap().lines().skip(1).filter(|line| !line.is_empty()).count();
        let Outcome::Items { items, findings } = decode(&path) else { panic!("{}", path.display()) };
        assert_eq!(items.len(), rows, "{}", path.display());
        let dropped: Vec<_> =
            findings.iter().filter(|finding| finding.disposition == Disposition::Dropped).collect();
        assert!(dropped.is_empty(), "{dropped:?}");
        let series = PriceSeries::build(&items, &AsOf::at(Timestamp::MAX));
        assert_eq!(series.bars().len(), rows, "{:?}", series.findings());
        read += 1;
    }
    assert!(read > 0);
}

/// The adjusted returns of a real file are those of its own adjusted closes.
#[test]
fn adjusted_returns_are_the_files_own() {
    let Some(samples) = samples() else { return };
    let path = samples.join("prices/KO_daily.csv");
    let Outcome::Items { items, .. } = decode(&path) else { panic!("{}", path.display()) };
    let series = PriceSeries::build(&items, &"1998-03-02".parse().unwrap());
    let closes: Vec<f64> = series.adjusted_closes().collect();
    let text = fs::read_to_string(&path).unwrap();
    let own: Vec<f64> = text
        .lines()
        .skip(1)
        .take_while(|line| line[..10] <= *"1998-03-02")
        .map(|line| line.rsplit(',').next().unwrap().parse().unwrap())
        .collect();
    assert_eq!(closes.len(), own.len());
    for (ours, theirs) in closes.windows(2).zip(own.windows(2)) {
        assert!((ours[1] / ours[0] - theirs[1] / theirs[0]).abs() < 1e-12);
    }
}

/// Prices a hundredth of what they were: the rows that the repaired file changes are all named, by a finding of their
/// own or as one of the two sides of a change of level.
#[test]
fn rows_in_another_unit_are_named() {
    let Some(samples) = samples() else { return };
    let dirty = samples.join("prices-dirty-yahoo/AET-L-1d-100x-error.csv");
    let Outcome::Items { items, findings } = decode(&dirty) else { panic!("{}", dirty.display()) };
    let read = |path: &Path| -> Vec<f64> {
        let text = fs::read_to_string(path).unwrap();
        text.lines().skip(1).map(|line| line.split(',').nth(4).unwrap().parse().unwrap()).collect()
    };
    let mended = read(&samples.join("prices-dirty-yahoo/AET-L-1d-100x-error-fixed.csv"));
    let wrong: BTreeSet<u64> = (2..)
        .zip(read(&dirty).into_iter().zip(mended))
        .filter(|(_, (dirty, mended))| (dirty / mended - 1.0_f64).abs() > 0.1)
        .map(|(line, _)| line)
        .collect();
    let expected: BTreeSet<u64> = (2..=11).chain(21..=24).collect();
    assert_eq!(wrong, expected);
    let jumps: Vec<u64> = findings
        .iter()
        .filter(|finding| finding.kind == FindingKind::UnitJump)
        .filter_map(|finding| finding.line)
        .collect();
    let levels: Vec<String> = findings
        .iter()
        .filter(|finding| finding.kind == FindingKind::NewLevel)
        .map(ToString::to_string)
        .collect();
    // Judged by earlier days alone, four days at the start can't be told to be wrong until the level changes; then both
    // sides are named, by their dates: in a file that runs backwards, lines depend on rows that came later.
    assert_eq!(jumps, [20, 19, 18, 17, 11, 10, 9, 8]);
    let name = "AET-L-1d-100x-error.csv";
    assert_eq!(
        levels,
        [
            format!(
                "{name}, line 16, 2022-05-13: 5 closes in a row about 14.550000190734863, 100 times the level before: taken as \
             the new level; either the rows of 2022-05-03 to 2022-05-06 or all from here on and the dropped rows of \
             2022-05-09 to 2022-05-12 are in another unit"
            ),
            format!(
                "{name}, line 7, 2022-05-26: 5 closes in a row about 0.14550000429153442, 1/100 of the level before: taken as \
             the new level; either the rows of 2022-05-13 to 2022-05-19 or all from here on and the dropped rows of \
             2022-05-20 to 2022-05-25 are in another unit"
            ),
        ]
    );
    assert_eq!(items.len() + jumps.len(), 23);
    // No return across a change of units is left.
    let series = PriceSeries::build(&items, &AsOf::at(Timestamp::MAX));
    let closes: Vec<f64> = series.adjusted_closes().collect();
    assert!(closes.windows(2).all(|pair| (pair[1] / pair[0] - 1.0).abs() < 0.01), "{closes:?}");
}

//! `assize-perf history`.

use std::io::Write;

use assize_perf::{history, read_path};

use crate::{arguments::HistoryAction, exit, exit::Failure};

pub(crate) fn history(action: &HistoryAction, out: &mut dyn Write) -> Result<u8, Failure> {
    let (added, there, folder) = match action {
        HistoryAction::Add { folder, paths } => {
            let (mut added, mut there) = (0, 0);
            for path in paths {
                if history::append(folder, &read_path(path)?)? {
                    added += 1;
                } else {
                    there += 1;
                }
            }
            (added, there, folder)
        }
        HistoryAction::Merge { folder, other } => (history::merge(folder, other)?, 0, folder),
    };
    let runs = |n: usize| if n == 1 { "1 run".to_owned() } else { format!("{n} runs") };
    let already = if there > 0 { format!("; {} there already", runs(there)) } else { String::new() };
    let text = format!("added {} to {}{already}", runs(added), folder.display());
    exit::read_or_not(exit::DONE, writeln!(out, "{text}").map_err(Failure::output))
}

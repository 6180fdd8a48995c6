//! How fast it could have been.

/// When the last of these jobs ends that come at a time and take a time, where so many are worked on at once and whoever comes
/// first is taken first. In seconds.
pub(crate) fn in_turn(jobs: &[(f64, f64)], places: usize) -> f64 {
    let mut jobs = jobs.to_vec();
    // Stable: who comes at the same moment keeps its order.
    jobs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut free = vec![0.0_f64; places.max(1)];
    let mut last = 0.0_f64;
    for (comes, takes) in jobs {
        let Some(place) = free.iter_mut().min_by(|a, b| a.total_cmp(b)) else { continue };
        *place = place.max(comes) + takes;
        last = last.max(*place);
    }
    last
}

/// The same in whatever order: nobody can be faster, and perhaps nobody can be as fast. The longest way of a single job, or, from
/// some job's coming on, the work of all that come no earlier, spread over all places.
pub(crate) fn in_any_order(jobs: &[(f64, f64)], places: usize) -> f64 {
    let mut jobs = jobs.to_vec();
    jobs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut bound, mut work) = (0.0_f64, 0.0);
    for (comes, takes) in jobs {
        work += takes;
        bound = bound.max(comes + takes).max(comes + work / crate::figures::real(places.max(1)));
    }
    bound
}

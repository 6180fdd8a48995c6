//! How often articles are read, as `wikimedia.org/api/rest_v1/metrics/pageviews` has it.

use jiff::{ToSpan, civil::DateTime};

use crate::exchange::{
    attention,
    desk::{Answer, Desk},
    json::Json,
    site_fault::SiteFault,
};

/// `per-article/en.wikipedia/all-access/user/{title}/daily/{from}/{to}`. A day without a view is left out.
pub(in crate::exchange) fn views(desk: &Desk<'_>, title: &str, from: &str, to: &str) -> Option<Answer> {
    let data = desk.with_title(title)?;
    let day = |text: &str| DateTime::strptime("%Y%m%d%H", text).map(DateTime::date).ok();
    let (first, last) = (day(from)?, day(to)?);
    // Another company's article comes under its own title.
    let title = match desk.fault {
        Some(SiteFault::WrongCompany) => data.company.short_name().replace(' ', "_"),
        _ => title.to_owned(),
    };
    let days = first.series(1.day()).take_while(|day| *day <= last).take(4_000);
    let item = |day| {
        let views = attention::views(&data.company, &data.path, day);
        let is_shown = views > 0 && attention::published(day) <= desk.now;
        is_shown.then(|| {
            Json::record([
                ("project", "en.wikipedia".into()),
                ("article", title.as_str().into()),
                ("granularity", "daily".into()),
                ("timestamp", day.strftime("%Y%m%d00").to_string().into()),
                ("access", "all-access".into()),
                ("agent", "user".into()),
                ("views", views.into()),
            ])
        })
    };
    let items: Vec<Json> = days.filter_map(item).collect();
    (!items.is_empty()).then(|| Answer::json(Json::record([("items", items.into())])))
}

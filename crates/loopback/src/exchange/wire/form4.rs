//! Forms 4 in the archive of `sec.gov`: the XML alone, and within the complete submission.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::escaped;
use crate::exchange::{
    calendar,
    company::Insider,
    desk::{Answer, Desk},
    filing::{About, Filing},
    insider::Trade,
    market::Data,
    number::dollars,
};

/// `Archives/edgar/data/{cik}/{accession without dashes}/{file}`: `doc4.xml`, or the submission under its number.
pub(in crate::exchange) fn document(desk: &Desk<'_>, cik: &str, folder: &str, file: &str) -> Option<Answer> {
    let data = desk.market.with_cik(cik.parse().ok()?)?;
    let is_meant =
        |filing: &&Filing| filing.accession.replace('-', "") == folder && filing.shown() <= desk.now;
    let filing = data.filings.iter().find(is_meant)?;
    let About::Trade(n) = filing.about else { return None };
    // A form that names another company than the folder does.
    let issuer = desk.with_cik(data.company.cik)?;
    let form = form(&data, &issuer, &data.trades[n], filing.filed);
    if file == "doc4.xml" {
        return Some(Answer::text("application/xml", form));
    }
    let accession = file.strip_suffix(".txt").filter(|accession| *accession == filing.accession)?;
    Some(Answer::text("text/plain", submission(filing, accession, &form)))
}

fn submission(filing: &Filing, accession: &str, form: &str) -> String {
    let filed = filing.filed.strftime("%Y%m%d");
    let accepted = calendar::new_york(filing.accepted).strftime("%Y%m%d%H%M%S");
    let period = filing.report.strftime("%Y%m%d");
    format!(
        "<SEC-DOCUMENT>{accession}.txt : {filed}\n<SEC-HEADER>{accession}.hdr.sgml : {filed}\n\
         <ACCEPTANCE-DATETIME>{accepted}\nACCESSION NUMBER:\t\t{accession}\nCONFORMED SUBMISSION TYPE:\t4\n\
         PUBLIC DOCUMENT COUNT:\t\t1\nCONFORMED PERIOD OF REPORT:\t{period}\nFILED AS OF DATE:\t\t{filed}\n\
         DATE AS OF CHANGE:\t\t{filed}\n</SEC-HEADER>\n<DOCUMENT>\n<TYPE>4\n<SEQUENCE>1\n<FILENAME>doc4.xml\n\
         <DESCRIPTION>{}\n<TEXT>\n<XML>\n{form}</XML>\n</TEXT>\n</DOCUMENT>\n</SEC-DOCUMENT>\n",
        filing.description
    )
}

fn form(data: &Data, issuer: &Data, trade: &Trade, filed: Date) -> String {
    let is_new = filed.year() >= 2023;
    let flag = |value: bool| match (is_new, value) {
        (true, true) => "true",
        (true, false) => "false",
        (false, true) => "1",
        (false, false) => "0",
    };
    let insiders = data.company.insiders();
    let insider: &Insider = &insiders[trade.insider % insiders.len()];
    let traded = calendar::day(trade.session);
    let mut out = String::from("<?xml version=\"1.0\"?>\n<ownershipDocument>\n\n");
    // Writing to a string can't fail.
    let _ = write!(
        out,
        "    <schemaVersion>{}</schemaVersion>\n\n    <documentType>4</documentType>\n\n    \
         <periodOfReport>{traded}</periodOfReport>\n\n    <issuer>\n        <issuerCik>{:010}</issuerCik>\n        \
         <issuerName>{}</issuerName>\n        <issuerTradingSymbol>{}</issuerTradingSymbol>\n    </issuer>\n\n    \
         <reportingOwner>\n        <reportingOwnerId>\n            <rptOwnerCik>{:010}</rptOwnerCik>\n            \
         <rptOwnerName>{}</rptOwnerName>\n        </reportingOwnerId>\n        <reportingOwnerRelationship>\n",
        if is_new { "X0508" } else { "X0306" },
        issuer.company.cik,
        escaped(&issuer.company.name),
        issuer.company.symbol,
        insider.cik,
        insider.name,
    );
    let _ = writeln!(out, "            <isDirector>{}</isDirector>", flag(insider.title.is_empty()));
    if !insider.title.is_empty() {
        let _ = writeln!(out, "            <isOfficer>{}</isOfficer>", flag(true));
        let _ = writeln!(out, "            <officerTitle>{}</officerTitle>", insider.title);
    }
    out.push_str("        </reportingOwnerRelationship>\n    </reportingOwner>\n\n");
    if is_new {
        let _ = write!(out, "    <aff10b5One>{}</aff10b5One>\n\n", flag(trade.is_planned));
    }
    let _ = write!(
        out,
        "    <nonDerivativeTable>\n        <nonDerivativeTransaction>\n            <securityTitle>\n                \
         <value>Common Stock</value>\n            </securityTitle>\n            <transactionDate>\n                \
         <value>{traded}</value>\n            </transactionDate>\n            <transactionCoding>\n                \
         <transactionFormType>4</transactionFormType>\n                <transactionCode>{}</transactionCode>\n                \
         <equitySwapInvolved>{}</equitySwapInvolved>\n            </transactionCoding>\n            <transactionAmounts>\n                \
         <transactionShares>\n                    <value>{}</value>\n                </transactionShares>\n                \
         <transactionPricePerShare>\n                    <value>{}</value>\n                    <footnoteId id=\"F1\"/>\n                \
         </transactionPricePerShare>\n                <transactionAcquiredDisposedCode>\n                    \
         <value>{}</value>\n                </transactionAcquiredDisposedCode>\n            </transactionAmounts>\n            \
         <postTransactionAmounts>\n                <sharesOwnedFollowingTransaction>\n                    \
         <value>{}</value>\n                </sharesOwnedFollowingTransaction>\n            </postTransactionAmounts>\n            \
         <ownershipNature>\n                <directOrIndirectOwnership>\n                    <value>D</value>\n                \
         </directOrIndirectOwnership>\n            </ownershipNature>\n        </nonDerivativeTransaction>\n    \
         </nonDerivativeTable>\n\n    <footnotes>\n        <footnote id=\"F1\">A price of the day.</footnote>\n    \
         </footnotes>\n\n    <ownerSignature>\n        <signatureName>/s/ {}</signatureName>\n        \
         <signatureDate>{filed}</signatureDate>\n    </ownerSignature>\n</ownershipDocument>\n",
        trade.code,
        flag(false),
        trade.shares,
        dollars(trade.cents),
        if trade.is_acquired() { "A" } else { "D" },
        trade.held_after,
        insider.name,
    );
    out
}

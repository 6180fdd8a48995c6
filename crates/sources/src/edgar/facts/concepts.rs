//! The concepts that are read.

/// Taxonomy and name, synonyms behind each other. Lists: <https://www.sec.gov/data-research/standard-taxonomies>.
pub(super) const CONCEPTS: &[(&str, &str)] = &[
    // Revenue.
    ("us-gaap", "RevenueFromContractWithCustomerExcludingAssessedTax"),
    ("us-gaap", "Revenues"),
    ("us-gaap", "SalesRevenueNet"),
    ("us-gaap", "RevenueFromContractWithCustomerIncludingAssessedTax"),
    ("us-gaap", "SalesRevenueGoodsNet"),
    ("us-gaap", "RevenuesNetOfInterestExpense"),
    ("ifrs-full", "Revenue"),
    // What is left of it.
    ("us-gaap", "CostOfRevenue"),
    ("us-gaap", "CostOfGoodsAndServicesSold"),
    ("us-gaap", "GrossProfit"),
    ("us-gaap", "OperatingIncomeLoss"),
    ("us-gaap", "InterestExpense"),
    ("us-gaap", "IncomeTaxExpenseBenefit"),
    ("us-gaap", "NetIncomeLoss"),
    ("us-gaap", "ProfitLoss"),
    ("us-gaap", "NetIncomeLossAvailableToCommonStockholdersBasic"),
    ("us-gaap", "ResearchAndDevelopmentExpense"),
    ("us-gaap", "SellingGeneralAndAdministrativeExpense"),
    ("us-gaap", "DepreciationDepletionAndAmortization"),
    ("us-gaap", "DepreciationAndAmortization"),
    ("us-gaap", "ShareBasedCompensation"),
    ("ifrs-full", "CostOfSales"),
    ("ifrs-full", "GrossProfit"),
    ("ifrs-full", "ProfitLossFromOperatingActivities"),
    ("ifrs-full", "ProfitLoss"),
    ("ifrs-full", "ProfitLossAttributableToOwnersOfParent"),
    // A share's part.
    ("us-gaap", "EarningsPerShareDiluted"),
    ("us-gaap", "EarningsPerShareBasic"),
    ("us-gaap", "EarningsPerShareBasicAndDiluted"),
    ("us-gaap", "WeightedAverageNumberOfDilutedSharesOutstanding"),
    ("us-gaap", "CommonStockDividendsPerShareDeclared"),
    ("us-gaap", "CommonStockDividendsPerShareCashPaid"),
    ("us-gaap", "CommonStockSharesOutstanding"),
    ("dei", "EntityCommonStockSharesOutstanding"),
    ("dei", "EntityPublicFloat"),
    ("ifrs-full", "DilutedEarningsLossPerShare"),
    ("ifrs-full", "BasicEarningsLossPerShare"),
    // What there is and what is owed.
    ("us-gaap", "Assets"),
    ("us-gaap", "AssetsCurrent"),
    ("us-gaap", "Liabilities"),
    ("us-gaap", "LiabilitiesCurrent"),
    ("us-gaap", "StockholdersEquity"),
    ("us-gaap", "StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest"),
    ("us-gaap", "CashAndCashEquivalentsAtCarryingValue"),
    ("us-gaap", "CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents"),
    ("us-gaap", "ShortTermInvestments"),
    ("us-gaap", "MarketableSecuritiesCurrent"),
    ("us-gaap", "InventoryNet"),
    ("us-gaap", "AccountsReceivableNetCurrent"),
    ("us-gaap", "LongTermDebt"),
    ("us-gaap", "LongTermDebtNoncurrent"),
    ("us-gaap", "LongTermDebtCurrent"),
    ("us-gaap", "DebtCurrent"),
    ("us-gaap", "ShortTermBorrowings"),
    ("us-gaap", "RetainedEarningsAccumulatedDeficit"),
    ("ifrs-full", "Assets"),
    ("ifrs-full", "CurrentAssets"),
    ("ifrs-full", "Liabilities"),
    ("ifrs-full", "CurrentLiabilities"),
    ("ifrs-full", "Equity"),
    ("ifrs-full", "EquityAttributableToOwnersOfParent"),
    ("ifrs-full", "CashAndCashEquivalents"),
    ("ifrs-full", "Borrowings"),
    // What came in and went out.
    ("us-gaap", "NetCashProvidedByUsedInOperatingActivities"),
    ("us-gaap", "NetCashProvidedByUsedInOperatingActivitiesContinuingOperations"),
    ("us-gaap", "PaymentsToAcquirePropertyPlantAndEquipment"),
    ("us-gaap", "PaymentsToAcquireProductiveAssets"),
    ("us-gaap", "PaymentsOfDividends"),
    ("us-gaap", "PaymentsOfDividendsCommonStock"),
    ("us-gaap", "PaymentsForRepurchaseOfCommonStock"),
    ("ifrs-full", "CashFlowsFromUsedInOperatingActivities"),
    ("ifrs-full", "PurchaseOfPropertyPlantAndEquipmentClassifiedAsInvestingActivities"),
    ("ifrs-full", "DividendsPaidClassifiedAsFinancingActivities"),
];

/// The place of a concept in the list.
pub(super) fn place_of(taxonomy: &str, name: &str) -> Option<usize> {
    CONCEPTS.iter().position(|own| *own == (taxonomy, name))
}

/// Whether any concept of this taxonomy is read.
pub(super) fn has(taxonomy: &str) -> bool {
    CONCEPTS.iter().any(|own| own.0 == taxonomy)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_concept_stands_once() {
        assert_eq!(CONCEPTS.iter().collect::<BTreeSet<_>>().len(), CONCEPTS.len());
        assert_eq!(place_of("us-gaap", "Revenues"), Some(1));
        assert_eq!(place_of("ifrs-full", "Revenues"), None);
        assert!(has("dei") && !has("srt"));
    }
}

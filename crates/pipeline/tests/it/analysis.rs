//! The analysis of a company, from items to its documents.

mod company;
mod figures;
mod forms;
mod models;
mod schemas;
mod times;

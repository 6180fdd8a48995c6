//! From what a user asks for to objects that work.

mod desk;
mod environment;
mod evidence;
mod hearings;
mod panels;
mod refusals;
mod self_check;

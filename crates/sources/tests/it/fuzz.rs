//! Bytes that no site sends: mutilated answers. What comes of them is an outcome, the same each time, and what is asked
//! next stays on the site. `cargo xtask fuzz` runs more of these than a test.

mod damage;
mod edgar;
mod heard;
mod market;
mod table;

//! What vendors say, and what is made of it.

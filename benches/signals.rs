//! G1, G2, G3 and G6: what a text's scores take.

fn main() {}

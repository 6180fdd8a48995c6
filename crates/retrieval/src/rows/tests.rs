//! The order of nearness, and a table under arbitrary changes.

use proptest::prelude::*;

use super::*;

#[test]
fn nearness_sorts_as_products_do_and_can_be_read_back() {
    let products = [1.5, 1.0, 0.5, 1.0e-40, 0.0, -1.0e-40, -0.5, -1.0, -1.5];
    for pair in products.windows(2) {
        assert!(Near::new(pair[0], 9) < Near::new(pair[1], 3), "{pair:?}");
    }
    for product in products {
        assert_eq!(product_of(Near::new(product, 7).farness()).to_bits(), product.to_bits());
        assert_eq!(Near::new(product, 7).slot(), 7);
    }
    assert_eq!(Near::new(-0.0, 1), Near::new(0.0, 1));
    assert!(Near::new(0.5, 1) < Near::new(0.5, 2));
}

#[test]
fn a_unit_vector_has_length_one_whatever_it_is_made_of() {
    let rows = Rows::new(3).unwrap();
    for vector in [[3.0, 4.0, 0.0], [f32::MAX; 3], [f32::from_bits(1); 3], [-1.0e-30, 0.0, 1.0e30]] {
        let unit = rows.unit(&vector).unwrap();
        let length = unit.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
        assert!((length - 1.0).abs() < 1.0e-6, "{vector:?}: {length}");
        assert_eq!(unit.len(), 64);
    }
    let refused: [&[f32]; 6] =
        [&[], &[1.0; 2], &[1.0; 4], &[0.0, -0.0, 0.0], &[1.0, f32::NAN, 0.0], &[1.0, 0.0, f32::NEG_INFINITY]];
    for vector in refused {
        assert_eq!(rows.unit(vector).unwrap_err().kind(), ErrorKind::BadVector, "{vector:?}");
    }
}

fn label(id: u8, tag: u8) -> Label {
    Label { id: id.to_string(), tags: BTreeSet::from([tag.to_string()]), text_hash: None }
}

proptest! {
    #[test]
    fn a_table_holds_what_was_put_in(
        changes in prop::collection::vec((0_u8..20, 0_u8..3, 0_u8..5), 0..120),
    ) {
        let mut rows = Rows::new(2).unwrap();
        let mut model = BTreeMap::<String, u8>::new();
        for (id, tag, change) in changes {
            let known = rows.slot_of(&id.to_string());
            prop_assert_eq!(known.is_some(), model.contains_key(&id.to_string()));
            match (change, known) {
                (0, Some(slot)) => {
                    rows.compact();
                    let moved = rows.slot_of(&id.to_string()).unwrap();
                    prop_assert!(moved <= slot);
                    rows.swap_remove(moved);
                    model.remove(&id.to_string());
                }
                (1, Some(slot)) => {
                    rows.kill(slot);
                    model.remove(&id.to_string());
                }
                (2, _) => rows.fill_last_dead(),
                (_, None) => {
                    let unit = rows.unit(&[f32::from(id) + 1.0, 1.0]).unwrap();
                    match rows.last_dead() {
                        Some(slot) if change == 3 => rows.place(slot, label(id, tag), &unit),
                        _ => assert_eq!(rows.push(label(id, tag), &unit).unwrap() as usize, rows.slots() - 1),
                    }
                    model.insert(id.to_string(), tag);
                }
                _ => {}
            }
            prop_assert_eq!(rows.live(), model.len());
            let live = (0..).take(rows.slots()).filter(|slot| rows.label(*slot).is_some()).collect::<Vec<_>>();
            prop_assert_eq!(rows.live_slots().iter().collect::<Vec<_>>(), live);
            prop_assert_eq!(rows.last_dead(), (0..).take(rows.slots()).filter(|slot| !rows.is_live(*slot)).last());
            for (id, tag) in &model {
                let slot = rows.slot_of(id).unwrap();
                prop_assert_eq!(&rows.label(slot).unwrap().id, id);
                let unit = rows.unit(&[id.parse::<f32>().unwrap() + 1.0, 1.0]).unwrap();
                prop_assert_eq!(rows.padded(slot), &unit[..]);
                let (mut codes, mut anew) = (Vec::new(), Codes::new(2));
                anew.push(&unit);
                rows.codes().products(anew.probe(0), &[slot], &mut codes);
                let apart = (codes[0] - kernel::dot(&unit, &unit)).abs();
                prop_assert!(apart <= anew.doubt(anew.probe(0), 0), "its codes are those of its vector");
                prop_assert!(rows.tagged(&tag.to_string()).unwrap().contains(slot));
            }
            let tagged = (0..3_u8).filter_map(|tag| rows.tagged(&tag.to_string())).map(Slots::count).sum::<usize>();
            prop_assert_eq!(tagged, model.len());
        }
    }
}

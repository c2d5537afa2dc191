use super::*;
use crate::history::Entry;
use crate::store::contract::change_set;
use proptest::option;
use proptest::prelude::*;

fn back(fact: &Fact) -> Result<Fact, String> {
    let Key { kind, code } = fact.key();
    let outline = outline(fact).map(|outline| Outline {
        boundary: outline.boundary.clone(),
        source: outline.source.map(str::to_owned),
        surface_m2: outline.surface_m2,
    });
    decode(kind, &code, &encode(fact), outline)
}

#[test]
fn every_fact_of_a_delivery_reads_back() {
    for put in Entry::from(&change_set()).puts {
        let fact = put.fact().unwrap();
        assert_eq!(back(fact).as_ref(), Ok(fact));
    }
}

#[test]
fn an_unknown_key_or_value_is_an_error_in_words() {
    let read = |text| decode(Kind::Assignment, "DEMO-DS-0001", text, None);
    assert!(read(r#"{"manager":"91000000MA00000157"}"#).is_ok());
    assert!(read(r#"{"manager":"91000000MA00000157","since":1}"#).unwrap_err().contains("since"));
    assert!(read(r#"{"manager":"x"}"#).unwrap_err().contains("credit code"));
    assert!(decode(Kind::District, "110105", r#"{"name":"a","attribution":""}"#, None).is_err());
}

prop_compose! {
    fn area()(
        (name, address, names) in (".*", option::of(".*"), prop::collection::vec((0usize..3, ".*"), 0..4)),
        (surface, floor, fee) in (any::<f64>(), option::of(any::<f64>()), option::of(any::<f64>())),
        (households, year, kind, demo) in (option::of(any::<u32>()), option::of(any::<i16>()), 0usize..7, any::<bool>()),
        (from, until) in (option::of(-90_000i32..90_000), option::of(-90_000i32..90_000)),
        (contract, filed) in (option::of(0usize..3), option::of(-90_000i32..90_000)),
        codes in prop::collection::vec((".*", ".*"), 0..3),
    ) -> AreaFact {
        let finite = |value: f64| if value.is_finite() { value } else { 0.1 };
        let day = |days: i32| jiff::civil::date(2000, 1, 1).saturating_add(jiff::Span::new().days(days));
        let draft = &change_set().areas[0];
        AreaFact {
            name,
            other_names: names.into_iter().map(|(at, text)| Name { kind: NameKind::ALL[at], text }).collect(),
            site_area_m2: finite(surface),
            management: match kind {
                5 => Management::Contracted,
                6 => Management::Unknown,
                at => Management::QuasiProperty(QuasiKind::ALL[at]),
            },
            attributes: Attributes {
                address,
                floor_area_m2: floor.map(finite),
                households,
                built_year: year,
                fee_yuan_per_m2_month: fee.map(finite),
                contract_from: from.map(day),
                contract_until: until.map(day),
                contract_kind: contract.map(|at| ContractKind::ALL[at]),
                contract_filed_on: filed.map(day),
                foreign_codes: codes.into_iter().map(|(scheme, code)| ForeignCode { scheme, code }).collect(),
                ..Attributes::default()
            },
            demo,
            ..AreaFact::from(draft)
        }
    }
}

proptest! {
    #[test]
    fn an_area_reads_back_bit_for_bit(area in area()) {
        let Ok(Fact::Area(read)) = back(&Fact::Area(area.clone())) else { panic!("an area comes back") };
        let bits = |area: &AreaFact| {
            let facts = &area.attributes;
            [Some(area.site_area_m2), facts.floor_area_m2, facts.fee_yuan_per_m2_month].map(|n| n.map(f64::to_bits))
        };
        prop_assert_eq!(bits(&read), bits(&area));
        prop_assert_eq!(read, area);
    }

    #[test]
    fn no_text_makes_it_panic(text in ".*", kind in 0usize..8) {
        let _ = decode(Kind::ALL[kind], "DEMO-DS-0001", &text, None);
    }
}

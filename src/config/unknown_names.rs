//! Refuses variables that look like settings and are none, since a typing error would otherwise leave the default in
//! force.

use super::{catalogue::known_names, setting::Reader};

pub(super) fn refuse_unknown_names(reader: &mut Reader) {
    let known: Vec<String> = known_names().collect();
    for name in reader.names().into_iter().filter(|name| !known.contains(name)) {
        let nearest = known.iter().min_by_key(|known| strsim::damerau_levenshtein(known, &name));
        let nearest = nearest.map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default();
        reader.problem(format!("{name} is not a setting{nearest}"));
    }
}

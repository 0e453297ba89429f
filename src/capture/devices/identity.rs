//! Ids of devices that stay the same when a device is pulled out and plugged in again, also into another socket.

use std::collections::HashMap;

use crate::capture::Device;

/// Between a device's name and what makes it unique.
const SEPARATOR: char = '|';

/// Names devices; `mark` is what sets one apart from others of its kind, such as a serial number, where it has one.
/// Those that nothing sets apart are numbered in the order in which they come.
pub(super) fn identify(devices: impl IntoIterator<Item = (String, Option<String>)>) -> Vec<Device> {
    let mut seen = HashMap::new();
    let identified = devices.into_iter().map(|(name, mark)| {
        let mut id = match mark.filter(|mark| !mark.is_empty()) {
            Some(mark) => format!("{name}{SEPARATOR}{mark}"),
            None => name.clone(),
        };
        let count = seen.entry(id.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            id = format!("{id}{SEPARATOR}{count}");
        }
        Device { id, name }
    });
    identified.collect()
}

/// The name in an id, for a device that is not there to be asked.
pub(in crate::capture) fn name_in_id(id: &str) -> &str {
    id.split(SEPARATOR).next().unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(devices: &[(&str, Option<&str>)]) -> Vec<String> {
        let owned = devices
            .iter()
            .map(|(name, mark)| ((*name).to_owned(), mark.map(str::to_owned)));
        identify(owned)
            .into_iter()
            .map(|device| device.id)
            .collect()
    }

    #[test]
    fn a_serial_number_sets_two_of_a_kind_apart_in_any_order() {
        let (one, other) = (("C920", Some("A1")), ("C920", Some("B2")));
        assert_eq!(ids(&[one, other]), ["C920|A1", "C920|B2"]);
        assert_eq!(ids(&[other, one]), ["C920|B2", "C920|A1"]);
    }

    #[test]
    fn without_one_they_are_numbered() {
        let plain = ("USB Camera", None);
        assert_eq!(
            ids(&[plain, plain, plain]),
            ["USB Camera", "USB Camera|2", "USB Camera|3"]
        );
        assert_eq!(ids(&[("USB Camera", Some(""))]), ["USB Camera"]);
    }

    #[test]
    fn an_id_names_its_device() {
        assert_eq!(name_in_id("C920|A1"), "C920");
        assert_eq!(name_in_id("USB Camera"), "USB Camera");
    }
}

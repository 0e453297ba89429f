//! A list of addresses: each can be changed or removed, and another one added.

use std::fmt::Display;
use std::str::FromStr;

use egui::Ui;

use super::super::entry::Entry;
use crate::texts::{Message, say, t};

/// What is being typed in it.
#[derive(Default)]
pub struct AddressList {
    rows: Vec<Entry>,
    new: Entry,
}

/// What a list is called.
pub struct Names {
    /// The text that calls one of its lines by its number.
    pub line: &'static str,
    /// The line for another one.
    pub add: &'static str,
    pub example: &'static str,
    /// The text of how many there may be at most.
    pub too_many: &'static str,
}

impl AddressList {
    /// Shows it; what is finished and right changes `addresses`. `beside` shows what is known of an address.
    pub fn show<T: Clone + PartialEq + Display + FromStr<Err: Into<Message>>>(
        &mut self,
        ui: &mut Ui,
        names: &Names,
        most: usize,
        addresses: &mut Vec<T>,
        beside: impl Fn(&mut Ui, &T),
    ) {
        self.rows.resize_with(addresses.len(), Entry::default);
        let mut removed = None;
        for (number, (row, address)) in self.rows.iter_mut().zip(addresses.iter_mut()).enumerate() {
            let set = address.to_string();
            let name = say(names.line, [("number", (number + 1).into())]);
            if let Some(changed) = row.show(ui, &name, &set, names.example, read) {
                *address = changed;
            }
            ui.horizontal(|ui| {
                if remove(ui, &set) {
                    removed = Some(number);
                }
                beside(ui, address);
            });
        }
        if let Some(number) = removed {
            self.rows.remove(number);
            addresses.remove(number);
        }
        self.add(ui, names, most, addresses);
    }

    fn add<T: Clone + PartialEq + FromStr<Err: Into<Message>>>(
        &mut self,
        ui: &mut Ui,
        names: &Names,
        most: usize,
        addresses: &mut Vec<T>,
    ) {
        let added = self.new.show(ui, t(names.add), "", names.example, |typed| {
            if typed.is_empty() {
                return Ok(None);
            }
            if addresses.len() >= most {
                return Err(Message::new(names.too_many).with("count", most as u64));
            }
            read::<T>(typed).map(Some)
        });
        if let Some(address) = added.flatten()
            && !addresses.contains(&address)
        {
            addresses.push(address);
        }
    }
}

fn read<T: FromStr<Err: Into<Message>>>(typed: &str) -> Result<T, Message> {
    typed.parse().map_err(Into::into)
}

/// A button that removes an address; screen readers say which.
fn remove(ui: &mut Ui, address: &str) -> bool {
    let button = ui.button(t("remove"));
    let spoken = say("remove-spoken", [("name", address.into())]);
    ui.ctx()
        .accesskit_node_builder(button.id, |node| node.set_label(spoken));
    button.clicked()
}

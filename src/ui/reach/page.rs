//! Where viewers get the page.

use egui::Ui;

use super::super::entry::Entry;
use super::super::parts;
use crate::broadcast::{PageAddress, PagePlace};
use crate::texts::{Message, t};

/// What is being chosen.
#[derive(Default)]
pub struct PageFields {
    /// A place that is chosen and lacks its address still.
    looked_at: Option<Place>,
    address: Entry,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Here,
    Hub,
    Files,
}

impl Place {
    const ALL: [Self; 3] = [Self::Here, Self::Hub, Self::Files];

    fn of(page: &PagePlace) -> Self {
        match page {
            PagePlace::Here => Self::Here,
            PagePlace::Hub(_) => Self::Hub,
            PagePlace::Files(_) => Self::Files,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Here => t("reach-here"),
            Self::Hub => t("reach-hub"),
            Self::Files => t("reach-files"),
        }
    }

    fn at(self, address: PageAddress) -> PagePlace {
        match self {
            Self::Here => PagePlace::Here,
            Self::Hub => PagePlace::Hub(address),
            Self::Files => PagePlace::Files(address),
        }
    }
}

impl PageFields {
    /// Shows them; what is finished and right changes `page`.
    pub fn show(&mut self, ui: &mut Ui, page: &mut PagePlace) {
        let mut place = self.looked_at.unwrap_or_else(|| Place::of(page));
        let before = place;
        parts::drop_down(ui, t("reach-page"), place.name(), |ui| {
            for choice in Place::ALL {
                ui.selectable_value(&mut place, choice, choice.name());
            }
        });
        let address = match page {
            PagePlace::Here => None,
            PagePlace::Hub(address) | PagePlace::Files(address) => Some(address.clone()),
        };
        if place != before {
            self.looked_at = Some(place);
            match (place, &address) {
                (Place::Here, _) => *page = PagePlace::Here,
                (Place::Hub | Place::Files, Some(address)) => *page = place.at(address.clone()),
                (Place::Hub | Place::Files, None) => {}
            }
        }
        if place == Place::Here {
            return;
        }
        let name = match place {
            Place::Hub => t("reach-hub-address"),
            Place::Here | Place::Files => t("reach-address"),
        };
        let set = address.map_or_else(String::new, |address| address.to_string());
        let typed = self
            .address
            .show(ui, name, &set, "https://hub.example/", |typed| {
                typed.parse::<PageAddress>().map_err(Message::from)
            });
        if let Some(address) = typed {
            *page = place.at(address);
        }
        if Place::of(page) == place {
            self.looked_at = None;
        } else {
            parts::explain(ui, t("reach-address-first"));
        }
    }
}

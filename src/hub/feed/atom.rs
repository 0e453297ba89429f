//! Atom (RFC 4287).

use atom_syndication::{Category, Entry, Feed, Link, Person, Text};

use super::{Broadcast, News};

/// The feed's text; nothing if it cannot be written.
pub(super) fn write(news: News) -> Option<Vec<u8>> {
    let own = format!("{}catalogue.atom", news.hub);
    let feed = Feed {
        title: Text::plain(news.title),
        id: own.clone(),
        updated: news.now,
        links: vec![link("self", own), link("alternate", news.hub)],
        entries: news.broadcasts.into_iter().map(entry).collect(),
        ..Feed::default()
    };
    feed.write_to(Vec::new()).ok()
}

fn entry(broadcast: Broadcast) -> Entry {
    let Broadcast {
        title,
        author: name,
        description,
        terms,
        link: watch,
        id,
        started,
    } = broadcast;
    let category = |term| Category {
        term,
        ..Category::default()
    };
    Entry {
        title: Text::plain(title),
        id,
        updated: started,
        published: Some(started),
        authors: vec![Person {
            name,
            ..Person::default()
        }],
        categories: terms.into_iter().map(category).collect(),
        links: vec![link("alternate", watch)],
        summary: (!description.is_empty()).then(|| Text::plain(description)),
        ..Entry::default()
    }
}

fn link(rel: &str, href: String) -> Link {
    Link {
        rel: rel.to_owned(),
        href,
        ..Link::default()
    }
}

//! RSS 2.0 (rssboard.org/rss-specification), with `dc:creator`, because its own `author` is an address of mail, and
//! `atom:link` to itself.

use rss::extension::atom::{AtomExtension, Link};
use rss::extension::dublincore::DublinCoreExtension;
use rss::{Category, Channel, Guid, Item};

use super::{Broadcast, News};

/// The feed's text; nothing if it cannot be written.
pub(super) fn write(news: News) -> Option<Vec<u8>> {
    let own = Link {
        rel: "self".to_owned(),
        href: format!("{}catalogue.rss", news.hub),
        mime_type: Some("application/rss+xml".to_owned()),
        ..Link::default()
    };
    let namespaces = [
        ("atom", rss::extension::atom::NAMESPACE),
        ("dc", rss::extension::dublincore::NAMESPACE),
    ];
    let channel = Channel {
        description: news.title.clone(),
        title: news.title,
        link: news.hub,
        last_build_date: Some(news.now.to_rfc2822()),
        atom_ext: Some(AtomExtension { links: vec![own] }),
        items: news.broadcasts.into_iter().map(item).collect(),
        namespaces: namespaces
            .map(|(name, address)| (name.to_owned(), address.to_owned()))
            .into(),
        ..Channel::default()
    };
    channel.write_to(Vec::new()).ok()
}

fn item(broadcast: Broadcast) -> Item {
    let Broadcast {
        title,
        author,
        description,
        terms,
        link,
        id,
        started,
    } = broadcast;
    let category = |name| Category { name, domain: None };
    Item {
        title: Some(title),
        link: Some(link),
        guid: Some(Guid {
            value: id,
            permalink: false,
        }),
        pub_date: Some(started.to_rfc2822()),
        categories: terms.into_iter().map(category).collect(),
        description: (!description.is_empty()).then(|| as_html(&description)),
        dublin_core_ext: Some(DublinCoreExtension {
            creators: vec![author],
            ..DublinCoreExtension::default()
        }),
        ..Item::default()
    }
}

/// A description is HTML to those who read it; what a streamer writes is text.
fn as_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' => html.push_str("<br>"),
            other => html.push(other),
        }
    }
    html
}

//! Links that other programs open: a mail with the share link, a message with it. The link goes to a program on this
//! computer, never to somebody's server.

use crate::texts::t;
use egui::{Context, FullOutput, OutputCommand};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A program that hands the link on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Messenger {
    /// The mail program (RFC 6068).
    Mail,
    /// Text messages of a phone that is connected, or of a softphone (RFC 5724).
    Sms,
    Telegram,
    WhatsApp,
}

impl Messenger {
    /// All that are offered.
    pub const ALL: [Self; 4] = [Self::Mail, Self::Sms, Self::Telegram, Self::WhatsApp];

    /// Its name in a menu.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mail => t("send-mail"),
            Self::Sms => t("send-sms"),
            Self::Telegram => "Telegram",
            Self::WhatsApp => "WhatsApp",
        }
    }

    /// What the system is asked to open, so that it offers a message with the title and the link.
    pub fn message(self, title: &str, link: &str) -> String {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let both = if title.is_empty() {
            link.to_owned()
        } else {
            format!("{title}\r\n{link}")
        };
        match self {
            Self::Mail => format!("mailto:?subject={}&body={}", encode(title), encode(link)),
            Self::Sms => format!("sms:?body={}", encode(&both)),
            Self::Telegram => {
                format!("tg://msg_url?url={}&text={}", encode(link), encode(title))
            }
            Self::WhatsApp => format!("whatsapp://send?text={}", encode(&both)),
        }
    }
}

/// What to put into a web page, so that it shows the broadcast.
pub fn embed_code(title: &str, link: &str) -> String {
    let source = match link.split_once('#') {
        Some((page, channel)) => format!("{page}?embed#{channel}"),
        None => format!("{link}?embed"),
    };
    format!(
        r#"<iframe src="{}" title="{}" width="640" height="360" style="border: 0" allow="autoplay; fullscreen" allowfullscreen></iframe>"#,
        escape(&source),
        escape(title)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}

/// Has the system open what the window asks to be opened: a mail by the mail program, not by a browser.
pub struct LinkOpener;

impl egui::Plugin for LinkOpener {
    fn debug_name(&self) -> &'static str {
        "links"
    }

    fn output_hook(&mut self, _context: &Context, output: &mut FullOutput) {
        output
            .platform_output
            .commands
            .retain(|command| match command {
                OutputCommand::OpenUrl(open) => {
                    hand_over(&open.url);
                    false
                }
                _ => true,
            });
    }
}

fn hand_over(url: &str) {
    // It does not wait for the program, only starts it.
    let opened = open::that_detached_with_timeout(url, std::time::Duration::ZERO);
    if let Err(error) = opened {
        let scheme = url.split(':').next().unwrap_or_default();
        tracing::warn!("this system has no program for {scheme} links: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_holds_title_and_link_whatever_stands_in_them() {
        let (title, link) = ("Wood & glue, 100 %", "http://10.0.0.7:8080/#ab12&t=x");
        assert_eq!(
            Messenger::Mail.message(title, link),
            "mailto:?subject=Wood%20%26%20glue%2C%20100%20%25&body=http%3A%2F%2F10%2E0%2E0%2E7%3A8080%2F%23ab12%26t%3Dx"
        );
        for messenger in Messenger::ALL {
            let message = messenger.message(title, link);
            let (_, query) = message.split_once('?').unwrap();
            assert!(query.split('&').count() <= 2, "{message}");
            assert!(!message.contains([' ', '#', '"', '\n']), "{message}");
        }
    }

    #[test]
    fn an_embed_code_holds_the_page_in_its_embedded_form_and_no_markup_of_the_title() {
        let code = embed_code("\"><script>", "http://10.0.0.7:8080/#ab12&t=x");
        assert!(code.contains(r#"src="http://10.0.0.7:8080/?embed#ab12&amp;t=x""#));
        assert!(!code.contains("<script"), "{code}");
    }
}

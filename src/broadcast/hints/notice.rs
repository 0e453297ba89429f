//! What happened once, and stands until it is mended or tried again.

use super::hint;
use crate::broadcast::{Hint, Severity, Vital};
use crate::texts::Message;

/// Something that happened, and stands until it is mended or tried again.
#[derive(Clone, Debug)]
pub(in crate::broadcast) struct Notice {
    about: About,
    text: Message,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Start,
    Encoder,
    Encoding,
    Settings,
    Recording,
    Channel(Severity),
}

impl Notice {
    /// Going live failed, or did not last.
    pub(in crate::broadcast) fn start(why: Message) -> Self {
        Self::new(About::Start, Message::new("hint-start").with("why", why))
    }

    /// The encoder failed while live.
    pub(in crate::broadcast) fn encoder_failed(why: Option<Message>) -> Self {
        let text = match why {
            Some(why) => Message::new("hint-encoder-why").with("why", why),
            None => Message::new("hint-encoder"),
        };
        Self::new(About::Encoder, text)
    }

    /// A choice of quality was refused.
    pub(in crate::broadcast) fn encoding(why: Message) -> Self {
        let text = Message::new("hint-encoding").with("why", why);
        Self::new(About::Encoding, text)
    }

    /// Choices are not remembered.
    pub(in crate::broadcast) fn settings(why: Message) -> Self {
        let text = Message::new("hint-settings").with("why", why);
        Self::new(About::Settings, text)
    }

    /// A recording ended early, or did not begin.
    pub(in crate::broadcast) fn recording(why: Message) -> Self {
        let text = Message::new("hint-recording").with("why", why);
        Self::new(About::Recording, text)
    }

    /// What came of saving or loading the channel.
    pub(in crate::broadcast) fn channel(result: Result<Message, Message>) -> Self {
        match result {
            Ok(text) => Self::new(About::Channel(Severity::Note), text),
            Err(why) => {
                let text = Message::new("hint-channel").with("why", why);
                Self::new(About::Channel(Severity::Error), text)
            }
        }
    }

    fn new(about: About, text: Message) -> Self {
        Self { about, text }
    }

    pub(in crate::broadcast) fn is_of_start(&self) -> bool {
        matches!(self.about, About::Start | About::Encoder)
    }

    pub(in crate::broadcast) fn is_of_encoding(&self) -> bool {
        self.about == About::Encoding
    }

    pub(in crate::broadcast) fn is_of_settings(&self) -> bool {
        self.about == About::Settings
    }

    pub(in crate::broadcast) fn is_of_recording(&self) -> bool {
        self.about == About::Recording
    }

    pub(in crate::broadcast) fn is_of_channel(&self) -> bool {
        matches!(self.about, About::Channel(_))
    }

    pub(super) fn hint(&self) -> Hint {
        let severity = match self.about {
            About::Start | About::Encoder | About::Encoding => Severity::Error,
            About::Settings | About::Recording => Severity::Warning,
            About::Channel(severity) => severity,
        };
        let vital = (self.about == About::Encoder).then_some(Vital::Encoder);
        hint(severity, vital, self.text.clone())
    }
}

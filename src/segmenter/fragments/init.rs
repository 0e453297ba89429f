//! What an init segment says of the tracks.

use super::boxes::{Malformed, Reader, boxes, descend, find};

/// A `VisualSampleEntry`'s fields before its boxes.
const VISUAL_ENTRY: usize = 78;
/// An `AudioSampleEntry`'s fields before its boxes.
const AUDIO_ENTRY: usize = 28;
/// MPEG-4 audio's `objectTypeIndication`.
const MPEG4_AUDIO: u8 = 0x40;
/// Tags of ISO/IEC 14496-1 descriptors.
const ES_DESCRIPTOR: u8 = 3;
const DECODER_CONFIG: u8 = 4;
const DECODER_SPECIFIC: u8 = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Video,
    Sound,
}

/// A track, with what its samples are when a fragment does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Track {
    pub(super) id: u32,
    pub(super) kind: Kind,
    pub(super) timescale: u32,
    pub(super) default_duration: u32,
    pub(super) default_size: u32,
    pub(super) default_flags: u32,
    codec: String,
}

impl Track {
    /// Whether it is seen or heard.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Its units in a second.
    pub(crate) fn timescale(&self) -> u32 {
        self.timescale
    }
}

/// The tracks of an init segment.
pub(crate) fn tracks(init: &[u8]) -> Result<Vec<Track>, Malformed> {
    let moov = find(init, "moov")?;
    let extends = boxes(find(moov, "mvex")?)?
        .into_iter()
        .filter(|child| child.name == *b"trex")
        .map(|trex| defaults(trex.contents))
        .collect::<Result<Vec<_>, _>>()?;
    boxes(moov)?
        .into_iter()
        .filter(|child| child.name == *b"trak")
        .map(|trak| track(trak.contents, &extends))
        .collect()
}

/// The `codecs` parameter of RFC 6381 for the tracks, such as `avc1.640028,mp4a.40.2`.
pub(in crate::segmenter) fn codecs(tracks: &[Track]) -> String {
    let codecs: Vec<_> = tracks.iter().map(|track| track.codec.as_str()).collect();
    codecs.join(",")
}

/// A `trex`: track, default duration, default size, default flags.
fn defaults(trex: &[u8]) -> Result<(u32, [u32; 3]), Malformed> {
    let mut reader = Reader::new(trex, "trex");
    reader.version_and_flags()?;
    let id = reader.u32()?;
    let _description = reader.u32()?;
    let duration = reader.u32()?;
    let size = reader.u32()?;
    Ok((id, [duration, size, reader.u32()?]))
}

fn track(trak: &[u8], extends: &[(u32, [u32; 3])]) -> Result<Track, Malformed> {
    let id = track_id(find(trak, "tkhd")?)?;
    let timescale = timescale(descend(trak, &["mdia", "mdhd"])?)?;
    let mut description = Reader::new(descend(trak, &["mdia", "minf", "stbl", "stsd"])?, "stsd");
    description.version_and_flags()?;
    if description.u32()? != 1 {
        return Err(description.malformed());
    }
    let length = description.u32()? as usize;
    let name: [u8; 4] = description.array()?;
    let entry = description.take(length.saturating_sub(8))?;
    let (kind, codec) = match &name {
        b"avc1" => (Kind::Video, avc(entry)?),
        b"mp4a" => (Kind::Sound, aac(entry)?),
        _ => return Err(Malformed("stsd")),
    };
    let (_, [default_duration, default_size, default_flags]) = extends
        .iter()
        .find(|(of, _)| *of == id)
        .ok_or(Malformed("mvex"))?;
    Ok(Track {
        id,
        kind,
        timescale,
        default_duration: *default_duration,
        default_size: *default_size,
        default_flags: *default_flags,
        codec,
    })
}

fn track_id(tkhd: &[u8]) -> Result<u32, Malformed> {
    let mut reader = Reader::new(tkhd, "tkhd");
    let (version, _) = reader.version_and_flags()?;
    reader.take(times(version))?;
    reader.u32()
}

fn timescale(mdhd: &[u8]) -> Result<u32, Malformed> {
    let mut reader = Reader::new(mdhd, "mdhd");
    let (version, _) = reader.version_and_flags()?;
    reader.take(times(version))?;
    match reader.u32()? {
        0 => Err(reader.malformed()),
        timescale => Ok(timescale),
    }
}

/// The bytes of creation and modification time.
fn times(version: u8) -> usize {
    if version == 1 { 16 } else { 8 }
}

/// `avc1.` and profile, constraints and level as `avcC` gives them.
fn avc(entry: &[u8]) -> Result<String, Malformed> {
    let inside = entry.get(VISUAL_ENTRY..).ok_or(Malformed("avc1"))?;
    let mut config = Reader::new(find(inside, "avcC")?, "avcC");
    let [_version, profile, constraints, level] = config.array()?;
    Ok(format!("avc1.{profile:02x}{constraints:02x}{level:02x}"))
}

/// `mp4a.40.` and the audio object type.
fn aac(entry: &[u8]) -> Result<String, Malformed> {
    let inside = entry.get(AUDIO_ENTRY..).ok_or(Malformed("mp4a"))?;
    let mut esds = Reader::new(find(inside, "esds")?, "esds");
    esds.version_and_flags()?;
    let mut stream = Reader::new(descriptor(&mut esds, ES_DESCRIPTOR)?, "esds");
    let _stream_id = stream.array::<2>()?;
    // No dependency, address or clock stream, which would have bytes of their own here.
    if stream.u8()? & 0xe0 != 0 {
        return Err(stream.malformed());
    }
    let mut config = Reader::new(descriptor(&mut stream, DECODER_CONFIG)?, "esds");
    if config.u8()? != MPEG4_AUDIO {
        return Err(config.malformed());
    }
    let _type_and_rates = config.take(12)?;
    let mut specific = Reader::new(descriptor(&mut config, DECODER_SPECIFIC)?, "esds");
    let object_type = specific.u8()? >> 3;
    Ok(format!("mp4a.40.{object_type}"))
}

/// The contents of the descriptor that comes next.
fn descriptor<'a>(reader: &mut Reader<'a>, tag: u8) -> Result<&'a [u8], Malformed> {
    if reader.u8()? != tag {
        return Err(reader.malformed());
    }
    let mut length = 0;
    // Seven bits a byte, four bytes at most.
    for _ in 0..4 {
        let byte = reader.u8()?;
        length = length << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return reader.take(length);
        }
    }
    Err(reader.malformed())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(name: &[u8; 4], contents: &[u8]) -> Vec<u8> {
        let length = u32::try_from(contents.len() + 8).unwrap();
        [&length.to_be_bytes(), name.as_slice(), contents].concat()
    }

    #[test]
    fn the_codec_of_video_is_read_from_its_configuration() {
        let entry = [
            vec![0; VISUAL_ENTRY],
            boxed(b"avcC", &[1, 0x64, 0, 0x28, 0xff]),
        ]
        .concat();
        assert_eq!(avc(&entry).unwrap(), "avc1.640028");
    }

    #[test]
    fn the_codec_of_sound_is_read_from_its_configuration() {
        let specific = [DECODER_SPECIFIC, 2, 0x11, 0x90];
        let config = [
            &[DECODER_CONFIG, 0x80, 17, MPEG4_AUDIO],
            [0; 12].as_slice(),
            &specific,
        ]
        .concat();
        let stream = [&[ES_DESCRIPTOR, 0x80, 0x80, 23, 0, 0, 0], config.as_slice()].concat();
        let esds = boxed(b"esds", &[&[0; 4], stream.as_slice()].concat());
        let entry = [vec![0; AUDIO_ENTRY], esds].concat();
        assert_eq!(aac(&entry).unwrap(), "mp4a.40.2");
    }

    #[test]
    fn what_is_cut_short_is_refused() {
        let entry = [vec![0; VISUAL_ENTRY], boxed(b"avcC", &[1, 0x64])].concat();
        assert_eq!(avc(&entry), Err(Malformed("avcC")));
        assert!(tracks(&boxed(b"moov", &[0, 0, 0])).is_err());
    }
}

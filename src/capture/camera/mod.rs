//! Cameras (Video4Linux).

mod mode;

use std::sync::Arc;

use gst::prelude::*;

use super::PictureFormat;
use super::devices::{self, FoundDevice};
use super::error::SourceError;
use super::naming;
use super::outlet::PictureOutlet;
use super::pipeline::{
    SourcePipeline, Stopped, Timing, add_chain, add_picture_branch, element, link,
};
use super::source::{Device, Source};
use crate::texts::Message;
use mode::Mode;

/// Opens a camera by its id; `None` for the first one.
pub(super) async fn open(
    id: Option<&str>,
    format: PictureFormat,
    outlet: PictureOutlet,
) -> Result<Box<dyn Source>, SourceError> {
    let wanted = id.map(str::to_owned);
    // Asking a camera what it can do opens it, which takes a while.
    let camera = tokio::task::spawn_blocking(move || find(devices::cameras(), wanted))
        .await
        .map_err(|error| SourceError::GStreamer(error.to_string()))??;
    let name = naming::camera(&camera.device.name);
    let caps = camera.handle.caps().unwrap_or_else(gst::Caps::new_empty);
    let mode =
        Mode::nearest(&caps, format).ok_or_else(|| SourceError::CameraFormats(name.clone()))?;
    let pipeline = build(&camera, &mode, format, outlet)?;
    let pipeline = pipeline.play(&name).await?;
    let explain = Box::new(move |stopped| explain(stopped, &name));
    Ok(Box::new(Device { pipeline, explain }))
}

fn find(cameras: Vec<FoundDevice>, wanted: Option<String>) -> Result<FoundDevice, SourceError> {
    let mut cameras = cameras.into_iter();
    match wanted {
        None => cameras.next().ok_or(SourceError::NoCamera),
        Some(id) => cameras
            .find(|camera| camera.device.id == id)
            .ok_or_else(|| SourceError::CameraMissing(devices::name_in_id(&id).to_owned())),
    }
}

fn build(
    camera: &FoundDevice,
    mode: &Mode,
    format: PictureFormat,
    outlet: PictureOutlet,
) -> Result<SourcePipeline, SourceError> {
    let source = camera
        .handle
        .create_element(None)
        .map_err(|error| SourceError::GStreamer(error.to_string()))?;
    let chosen = element("capsfilter", "libgstreamer1.0-0")?;
    chosen.set_property("caps", &mode.caps);
    let pipeline = SourcePipeline::new();
    let branch = add_picture_branch(pipeline.inner(), format, Timing::Live, &Arc::new(outlet))?;
    add_chain(pipeline.inner(), &[&source, &chosen])?;
    if mode.is_jpeg {
        let decoder = element("jpegdec", "gstreamer1.0-plugins-good")?;
        add_chain(pipeline.inner(), &[&decoder])?;
        link(&chosen, &decoder)?;
        link(&decoder, &branch)?;
    } else {
        link(&chosen, &branch)?;
    }
    Ok(pipeline)
}

fn explain(stopped: Stopped, name: &Message) -> SourceError {
    let failure = match stopped {
        Stopped::Failed(failure) => failure,
        Stopped::Ended => return Stopped::Ended.of(name),
    };
    let error = &failure.error;
    if error.matches(gst::ResourceError::Busy) {
        SourceError::Busy(name.clone())
    } else if error.matches(gst::ResourceError::NotFound) {
        SourceError::Unplugged(name.clone())
    } else if error.matches(gst::ResourceError::NotAuthorized)
        || failure.detail.contains("Permission denied")
    {
        SourceError::Forbidden(name.clone(), "video")
    } else if failure.detail.contains("No such device") {
        SourceError::Unplugged(name.clone())
    } else if failure.detail.contains("Device or resource busy") {
        SourceError::Busy(name.clone())
    } else {
        failure.of(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(error: impl gst::glib::error::ErrorDomain, detail: &str) -> String {
        let failure = super::super::pipeline::Failure {
            error: gst::glib::Error::new(error, "Could not use it."),
            detail: detail.to_owned(),
        };
        explain(Stopped::Failed(failure), &naming::camera("C920")).to_string()
    }

    #[test]
    fn a_camera_that_another_program_has_is_said_to_be_in_use() {
        let busy = "The camera C920 is in use by another program. Close that program, or choose another source.";
        assert_eq!(said(gst::ResourceError::Busy, ""), busy);
        let detail = "gstv4l2object.c: system error: Device or resource busy";
        assert_eq!(said(gst::ResourceError::Settings, detail), busy);
    }

    #[test]
    fn a_camera_that_was_unplugged_is_said_to_be() {
        let detail = "gstv4l2bufferpool.c: system error: No such device";
        let unplugged = said(gst::ResourceError::Read, detail);
        assert_eq!(
            unplugged,
            "The camera C920 was unplugged. Plug it in again, or choose another source."
        );
    }

    #[test]
    fn a_camera_that_this_user_may_not_use_says_what_to_do() {
        let detail = "gstv4l2object.c: system error: Permission denied";
        let forbidden = said(gst::ResourceError::OpenReadWrite, detail);
        assert!(forbidden.contains("group video"), "{forbidden}");
    }

    #[test]
    fn without_any_camera_it_asks_for_one_and_a_missing_one_is_named() {
        let none = find(Vec::new(), None).err().unwrap();
        assert_eq!(none, SourceError::NoCamera);
        let missing = find(Vec::new(), Some("HD Webcam|0123".to_owned()))
            .err()
            .unwrap();
        assert_eq!(missing, SourceError::CameraMissing("HD Webcam".to_owned()));
    }
}
